"""How many records of each stream are alike, counted as they change: a list of a million costs what its streams do.

Moved by differences under the stream's lock, like the totals. What `records_in` counts is exactly what `queue.py` lists
under the same conditions.
"""

from __future__ import annotations

from collections import Counter as Sums
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.core.db import merge_all
from server.models import Census, Record, Stream
from sync.registry import KINDS


class Alike(NamedTuple):
    """What lists are cut by; `bucket` is empty for a record that is in no figure."""

    kind: str
    state: str
    bucket: str
    conflicted: bool

    @classmethod
    def of(cls, record: Record) -> Alike | None:
        """As the record stands; None for a new one that stands nowhere yet, and for an act (SPEC F-6)."""
        if not record.state or record.kind in KINDS.acts():
            return None
        return cls(record.kind, record.state, record.bucket or "", record.conflicted)


class Counts:
    """Differences gathered over many records, then added in one statement."""

    def __init__(self) -> None:
        self._sums: Sums[tuple[str, Alike]] = Sums()

    def move(self, stream_id: str, old: Alike | None, new: Alike | None) -> None:
        """One record leaves those it was like, and joins those it is like now."""
        for alike, sign in ((old, -1), (new, +1)):
            if alike is not None:
                self._sums[stream_id, alike] += sign

    def save(self, session: Session) -> None:
        """Add them to what is stored; the caller holds the streams' locks."""
        rows = [
            {"stream_id": stream_id, **alike._asdict(), "records": count}
            for (stream_id, alike), count in sorted(self._sums.items())
            if count
        ]
        merge_all(session, Census, rows, added=("records",))


def records_in(*by: Any) -> Select[Any]:
    """A statement over the counts and their streams: the columns it is asked by, then how many records, never none."""
    total = func.sum(Census.records)
    counted = select(*by, total).join_from(Census, Stream, Stream.id == Census.stream_id)
    return counted.group_by(*by).having(total > 0)


IN_A_FIGURE: ColumnElement[bool] = Census.bucket != ""
