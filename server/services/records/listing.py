"""The rows by which lists and searches find records (sync/finding.py), kept under the stream's lock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.bulk_insert import insert_all, insert_texts
from server.core.clock import local
from server.models import RecordListing, StreamWord
from server.services.records.new_record import AnyRecord
from sync.finding import findable
from sync.record import State
from sync.registry import KINDS

AT_ONCE = 2_000
Each = TypeVar("Each")


class Listing:
    """Rows gathered over many records, then stored in a few statements."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []
        self._words: dict[tuple[str, str], set[str]] = {}
        self._again: list[str] = []

    def put(self, record: AnyRecord, campaign_id: str, state: State, *, new: bool = False) -> None:
        """List the record as this state says. `new`: it has no rows yet. Acts are in no list (SPEC F-6)."""
        if KINDS.is_act(record.kind):
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
                "hint": record.hint,
                "answer": found.answer or None,
                "words": spaced(found.words),
            }
        )
        self._words.setdefault((record.stream_id, campaign_id), set()).update(found.words)

    def save(self, session: Session) -> None:
        """Store the rows; the records are stored, and the caller holds the streams' locks."""
        _drop(session, self._again)
        insert_all(session, RecordListing, self._rows)
        _add_words(session, self._words)


def forget(session: Session, record_ids: Collection[str]) -> None:
    """Take purged records out of every list and search; nothing of their texts is left (SPEC L-11).

    The words of their streams are made anew, because an earlier value may have left words too.
    """
    streams: set[tuple[str, str]] = set()
    for part in _parts(record_ids):
        homes = select(RecordListing.stream_id, RecordListing.campaign_id).where(RecordListing.record_id.in_(part))
        streams |= {(row.stream_id, row.campaign_id) for row in session.execute(homes)}
    _drop(session, record_ids)
    for stream_id, campaign_id in sorted(streams):
        session.execute(delete(StreamWord).where(StreamWord.stream_id == stream_id))
        left = session.scalars(select(RecordListing.words).where(RecordListing.stream_id == stream_id))
        _add_words(session, {(stream_id, campaign_id): {word for words in left for word in words.split()}})


def spaced(words: Iterable[str]) -> str:
    """Return words as they are stored, each between blanks."""
    return f" {' '.join(words)} "


def _add_words(session: Session, words: Mapping[tuple[str, str], Collection[str]]) -> None:
    """Add to each (stream, campaign) the words that it has not: after a stream's first days hardly any."""
    for (stream_id, campaign_id), theirs in words.items():
        insert_texts(session, StreamWord, "word", theirs, stream_id=stream_id, campaign_id=campaign_id)


def _drop(session: Session, record_ids: Collection[str]) -> None:
    for part in _parts(record_ids):
        session.execute(delete(RecordListing).where(RecordListing.record_id.in_(part)))


def _parts(every: Collection[Each]) -> Iterator[list[Each]]:
    each = list(every)
    return (each[at : at + AT_ONCE] for at in range(0, len(each), AT_ONCE))
