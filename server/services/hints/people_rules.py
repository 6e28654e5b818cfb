"""People: a phone that enrolled with a code which somebody who decides had made (SPEC D-6)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from server.services.hints.facts import StreamFacts
from server.services.hints.found import FoundHint


def look(_session: Session, stream: StreamFacts) -> Iterator[FoundHint]:
    """Yield the hints of all records of a stream."""
    for record in stream.records:
        makers = record.makers - record.writers
        if makers:
            yield FoundHint(record.id, "code_maker", len(makers), {"officer": min(makers)})
