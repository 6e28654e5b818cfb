"""Exchanges recorded on the wire at a release, kept as files, and replayed to today's server (SPEC V-4).

A file is a list of steps: a phone's request with its answer, or a decision made at the desk in between. Ids of units
and campaigns are names in braces. Values that a server draws (tags, times, ids of decisions) are bound to today's at
first sight, and must stay the same wherever they occur again.

    with world(url, folder) as made: replay(made, json.loads(file.read_text("utf-8")))

`record` makes such a file from a story of `recorded_stories.py`; see tests/api/recorded/README.md.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from server.core.db import writing
from server.models import Record
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.write_only import Json
from support.world.world import World

MOMENTS = {"server_time", "received"}
DRAWN = {"tag", "catalog", "mark", "detail", "minimum_app", *MOMENTS}
"""Keys whose values the server draws or that grow, and texts that may change; in a decision also `id` and `at`."""


def judge(world: World, record: str, verdict: str, reason: str) -> None:
    """Decide, as a reviewer, on the record as it is now."""
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decide(session, Scope(session, world.officers["huyen"]), record, Verdict(verdict, reason), basis)


@dataclass
class Wire:
    """Phones by their officers' names; every exchange goes through here."""

    world: World
    steps: list[Json] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def send(self, who: str, request: Json) -> tuple[int, Json]:
        """Make and record one exchange."""
        status, answer = self._post(who, request)
        kept = json.loads(self.named(json.dumps({"who": who, "request": request, "status": status, "answer": answer})))
        self.steps.append(kept)
        return status, answer

    def judge(self, record: str, verdict: str, reason: str) -> None:
        """Make and record a decision."""
        judge(self.world, record, verdict, reason)
        self.steps.append({"judge": [record, verdict, reason]})

    def _post(self, who: str, request: Json) -> tuple[int, Json]:
        token = self.tokens.setdefault(who, self.world.token(who))
        headers = {"Authorization": f"Bearer {token}", "Content-Encoding": "gzip", "Content-Type": "application/json"}
        answer = self.world.app.test_client().post(
            "/api/v1/sync", data=gzip.compress(json.dumps(request).encode()), headers=headers
        )
        return answer.status_code, answer.get_json()

    def _names(self) -> dict[str, str]:
        ids = {id_: f"{{unit {code}}}" for code, id_ in self.world.units.items()}
        return ids | {self.world.campaign: "{campaign}", self.world.practice: "{practice}"}

    def named(self, text: str) -> str:
        """Replace today's ids by names."""
        for id_, name in self._names().items():
            text = text.replace(id_, name)
        return text

    def today(self, text: str) -> str:
        """Replace names by today's ids."""
        for id_, name in self._names().items():
            text = text.replace(name, id_)
        return text


def replay(world: World, steps: list[Json]) -> None:
    """Ask as then; every answer must contain all that it contained then. Raises AssertionError otherwise."""
    wire, bound = Wire(world), Bound()
    for number, step in enumerate(steps):
        if "judge" in step:
            judge(world, *step["judge"])
            continue
        request = bound.put_in(json.loads(wire.today(json.dumps(step["request"]))))
        status, answer = wire._post(step["who"], request)  # noqa: SLF001  # its own module
        assert status == step["status"], (number, answer)
        bound.compare(step["answer"], json.loads(wire.named(json.dumps(answer))), f"step {number}")


@dataclass
class Bound:
    """The values the server drew then, with today's in their place."""

    today: dict[str, Any] = field(default_factory=dict)

    def put_in(self, value: Any) -> Any:
        """A request of then with today's tags."""
        if isinstance(value, dict):
            return {key: self.today.get(f"tag {v}", v) if key == "tag" else self.put_in(v) for key, v in value.items()}
        return [self.put_in(item) for item in value] if isinstance(value, list) else value

    def compare(self, then: Any, now: Any, where: str) -> None:
        """Check that everything said then is said now. More is allowed: a phone ignores unknown keys (V-2)."""
        if isinstance(then, dict):
            assert isinstance(now, dict), where
            assert set(then) <= set(now), (where, set(then) - set(now))
            decision = "verdict" in then
            for key, value in then.items():
                if key in DRAWN or (decision and key in ("id", "at")):
                    assert type(now[key]) is type(value), f"{where}.{key}"
                    assert self.today.setdefault(f"{key} {value}", now[key]) == now[key] or key in MOMENTS
                else:
                    self.compare(_ordered(key, value), _ordered(key, now[key]), f"{where}.{key}")
        elif isinstance(then, list):
            assert isinstance(now, list), where
            assert len(then) == len(now), (where, then, now)
            for number, (old, new) in enumerate(zip(then, now, strict=True)):
                self.compare(old, new, f"{where}[{number}]")
        else:
            assert (type(then), then) == (type(now), now), where


def _ordered(key: str, value: Any) -> Any:
    """Sort cursors and a change's writes, because their order has no meaning."""
    if key == "cursors":
        return sorted(value, key=lambda cursor: (cursor["unit"], cursor["campaign"]))
    return sorted(value, key=lambda write: str(write["id"])) if key == "writes" else value
