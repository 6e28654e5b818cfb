"""A scripted phone: what it has to send, its cursors, and the bytes of each exchange.

It speaks as the phone app does: its writes are pushes with an id (SPEC X-15), its answers come as lines (X-19).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench import wire
from bench.hub import Hub
from bench.wire import Answer
from server.core.clock import new_id
from support.clients.write_only import Json
from support.world.workload import records

APP = 2
_CURSOR = ("unit", "campaign", "position", "tag", "floor")


def request(cursors: Iterable[Json] = (), writes: Sequence[Json] = (), **more: Any) -> Json:
    """The body of an exchange."""
    held = [{name: cursor[name] for name in _CURSOR} for cursor in cursors]
    push = {"writes": list(writes), "push": new_id()} if writes else {}
    mark = {"mark": more.pop("mark")} if "mark" in more else {}
    return {**mark, "cursors": held, **push, **more, "app": APP}


@dataclass
class Device:
    """One phone of an officer. `port` is the server's, or a link's in front of it."""

    token: str
    port: int
    cursors: list[Any] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    mark: str | None = None
    """The last one that the server gave (SPEC B-31)."""

    def sync(self, writes: list[Any] | None = None, port: int | None = None, **more: Any) -> Json:
        """One exchange that must succeed."""
        said = {"mark": self.mark} if self.mark and "ask" not in more else {}
        answer = wire.sync(port or self.port, self.token, request(self.cursors, writes or (), **said, **more))
        assert answer.status == 200, (answer.status, answer.body[:300])
        self.answers.append(answer)
        told: Json = answer.whole()
        self.cursors, self.mark = told["cursors"], told.get("mark", self.mark)
        return told

    def catch_up(self) -> int:
        """Pull all that is waiting; how many records came."""
        return len(self.sync()["changes"])


def fill(hub: Hub, count: int, phone: int = 0, seed: int = 1) -> Device:
    """So many records in one commune, pushed by its officer, fifty at a time; the phone knows them all."""
    device = Device(hub.tokens[phone], hub.port)
    made = records(count, hub.units[phone], hub.campaign, seed=seed)
    for at in range(0, count, 50):
        told = device.sync(made[at : at + 50])
        assert all(row["result"] == "stored" for row in told["results"]), told["results"][0]
    device.catch_up()
    device.answers.clear()
    return device
