"""Times: a phone whose clock is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy.orm import Session

from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint

AHEAD_MS: Final = 10 * 60_000
"""A clock this much ahead is wrong; one behind looks like a record that waited for a signal."""
BEFORE_MS: Final = 24 * 3600_000
"""A write from before the campaign was opened, by more than this, was made with a wrong clock."""


def look(_session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    for record in stream.records:
        ahead = max((at - received for at, received in record.times), default=0)
        behind = max((stream.opened_at - at for at, _ in record.times), default=0)
        if ahead > AHEAD_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": ahead // 60_000})
        elif behind > BEFORE_MS:
            yield FoundHint(record.id, "time_clock", 1, {"minutes": behind // 60_000})
