"""A scripted phone: what it has to send, its cursors, and the bytes of each exchange."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench import wire
from bench.hub import Hub
from bench.wire import Answer
from support.workload import records

Json = dict[str, Any]


@dataclass
class Device:
    """One phone of an officer. `port` is the server's, or a link's in front of it."""

    token: str
    port: int
    cursors: list[Any] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def sync(self, writes: list[Any] | None = None, port: int | None = None, **more: Any) -> Json:
        """One exchange that must succeed."""
        body = {"app": 1, "cursors": self.cursors, "writes": writes or [], "photos": [], **more}
        answer = wire.sync(port or self.port, self.token, body)
        assert answer.status == 200, (answer.status, answer.body[:300])
        self.answers.append(answer)
        told: Json = answer.json()
        self.cursors = told["cursors"]
        return told

    def catch_up(self) -> int:
        """Pull until nothing more is waiting; how many records came."""
        count, more = 0, True
        while more:
            told = self.sync()
            count, more = count + len(told["changes"]), told["more"]
        return count


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
