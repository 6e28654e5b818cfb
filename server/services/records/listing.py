"""The rows by which lists and searches find records (sync/finding.py), kept under the stream's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.core.clock import local
from server.core.db import insert_all
from server.models import Record, RecordListing, RecordWord
from sync.finding import findable
from sync.record import State
from sync.registry import KINDS

AT_ONCE = 500


class Listing:
    """Rows gathered over many records, then stored in a few statements."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._words: list[dict[str, Any]] = []
        self._again: list[str] = []

    def put(self, record: Record, campaign_id: str, state: State, *, new: bool = False) -> None:
        """List the record as this state says. `new`: it has no rows yet. Acts are in no list (SPEC F-6)."""
        if record.kind in KINDS.acts():
            return
        found = findable(KINDS.get(record.kind), state)
        if not new:
            self._again.append(record.id)
        lat, lon = found.place or (None, None)
        self._rows.append(
            {
                "record_id": record.id,
                "stream_id": record.stream_id,
                "campaign_id": campaign_id,
                "kind": record.kind,
                "number": record.number,
                "day": found.day or local(record.created_at).date().isoformat(),
                "slogan": found.slogan,
                "photos": found.photos,
                "lat_e6": lat,
                "lon_e6": lon,
            }
        )
        self._words += [{"record_id": record.id, "word": word, "campaign_id": campaign_id} for word in found.words]

    def save(self, session: Session) -> None:
        """Store the rows; the records are stored, and the caller holds the streams' locks."""
        drop(session, self._again)
        insert_all(session, RecordListing, self._rows)
        insert_all(session, RecordWord, self._words)


def drop(session: Session, record_ids: Collection[str]) -> None:
    """Take records out of every list and search; nothing of their texts is left (SPEC L-11)."""
    for part in _parts(record_ids):
        for table in (RecordListing, RecordWord):
            session.execute(delete(table).where(table.record_id.in_(part)))


def _parts(ids: Collection[str]) -> Iterable[list[str]]:
    every = list(ids)
    return (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE))
