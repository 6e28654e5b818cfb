"""Times: days outside the campaign, and a phone whose clock is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import local
from server.services.hints.facts import Facts, StreamFacts
from server.services.hints.found import FoundHint

AHEAD_MS: Final = 10 * 60_000
"""A clock this much ahead is wrong; one behind looks like a record that waited for a signal."""
BEFORE_MS: Final = 24 * 3600_000
"""A write from before the campaign was opened, by more than this, was made with a wrong clock."""


def look(_session: Session, told: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    for record in told.records:
        outside = sorted(
            day for day in _days(record) if not told.starts_on.isoformat() <= day <= told.ends_on.isoformat()
        )
        if outside:
            yield FoundHint(record.id, "time_window", len(outside), {"day": outside[0]})
        ahead = max((at - received for at, received in record.times), default=0)
        behind = max((told.opened_at - at for at, _ in record.times), default=0)
        if ahead > AHEAD_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": ahead // 60_000})
        elif behind > BEFORE_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": behind // 60_000})


def _days(record: Facts) -> set[str]:
    """Return the days that the record and its photos are about, ISO."""
    found = {record.day} if record.day else set()
    for each in record.kind.fields:
        value = record.values.get(each.name)
        if each.type == "schedule" and isinstance(value, Mapping):
            found.add(str(value["to"]))
    for photo in record.photos:
        day = "" if photo.get("undated") else _taken_on(photo.get("taken_at"))
        if day:
            found.add(day)
    return found


def _taken_on(at_ms: object) -> str:
    try:
        return local(int(str(at_ms))).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""
