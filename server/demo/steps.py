"""The events of the demo. A story is a list of them in the order in which the server received them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from server.core.clock import local
from server.demo.photo import Scene

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Recorded:
    """A phone's new record; `got` is when the server received it: without a signal, hours or days after `at`."""

    got: int
    at: int
    who: str
    key: str
    kind: str
    unit: str
    values: dict[str, Any]
    scenes: tuple[Scene, ...] = ()
    practice: bool = False
    submitted: bool = True


@dataclass(frozen=True, slots=True)
class Changed:
    """An edit. `blind`: its author had seen only the record's first write."""

    got: int
    at: int
    who: str
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    scenes: tuple[Scene, ...] = ()
    blind: bool = False
    delete: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """A reviewer's decision at the desk, on the record as it was then."""

    got: int
    who: str
    key: str
    verdict: str
    reason: str = ""
    field: str = ""


Step = Recorded | Changed | Decided


def moment(now: int, days_ago: int, hour: int, minute: int) -> int:
    """Return a time of day in the past, in ms; a time still to come moves back by whole days."""
    day = local(now).replace(hour=hour, minute=minute) - timedelta(days=days_ago)
    at = int(day.timestamp() * 1000)
    while at > now - 10 * MINUTE:
        at -= DAY
    return at
