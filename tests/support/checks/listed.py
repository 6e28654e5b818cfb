"""What lists and searches read of records must be what their writes say (sync/record.py)."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.models import Record, RecordListing, Stream, StreamWord
from sync.record import State, findable
from sync.registry import KINDS


class Listed:
    """All rows of lists and searches, to compare with each record."""

    def __init__(self, session: Session) -> None:
        self._rows = {row.record_id: row for row in session.scalars(select(RecordListing))}
        self._campaigns = dict(session.execute(select(Stream.id, Stream.campaign_id)).all())
        self._words: dict[str, set[str]] = defaultdict(set)
        for stream_id, word in session.execute(select(StreamWord.stream_id, StreamWord.word)):
            self._words[stream_id].add(word)

    def none_of(self, record_id: str) -> None:
        assert record_id not in self._rows, "a list has a record that must not be in it"

    def check(self, record: Record, state: State) -> None:
        if KINDS.is_act(record.kind):
            self.none_of(record.id)
            return
        found, row = findable(KINDS.get(record.kind), state), self._rows[record.id]
        place = None if row.lat_e6 is None or row.lon_e6 is None else (row.lat_e6, row.lon_e6)
        day = found.day or local(record.created_at).date().isoformat()
        kept = (row.day, place, row.slogan, row.photos)
        assert kept == (day, found.place, found.slogan, found.photos), "a list says otherwise than the writes"
        home = (row.stream_id, row.campaign_id, row.kind, row.number)
        assert home == (record.stream_id, self._campaigns[record.stream_id], record.kind, record.number)
        assert row.hint == record.hint, "a list has another grade than the record"
        assert row.words == f" {' '.join(found.words)} ", "words are not those of the writes"
        assert set(found.words) <= self._words[record.stream_id], "a stream lacks a word of its records"
