"""What can happen in the demo. A story is a list of these in the order in which the server heard of them."""

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
    """A phone's new record; `got` is when the server had it, hours or days after `at` where there was no signal."""

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
    """An edit. `blind`: its author had only the record's first write on the screen."""

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
    """A reviewer's word at the desk, on the record as it stood then."""

    got: int
    who: str
    key: str
    verdict: str
    reason: str = ""
    field: str = ""


Step = Recorded | Changed | Decided


def moment(now: int, days_ago: int, hour: int, minute: int) -> int:
    """An hour of a day in the past; whole days earlier where it has not come yet."""
    day = local(now).replace(hour=hour, minute=minute) - timedelta(days=days_ago)
    at = int(day.timestamp() * 1000)
    while at > now - 10 * MINUTE:
        at -= DAY
    return at
