"""Record counts: alike records per stream, counted as they change. A list of a million costs only what its streams do.

They are updated by differences under the stream's lock, like the running totals. `records_in` counts exactly the
records that `queue.py` lists under the same conditions.
"""

from __future__ import annotations

from collections import Counter as Sums
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from server.core.bulk_insert import merge_all
from server.models import Census, Stream
from server.services.records.new_record import AnyRecord
from sync.registry import KINDS


class Alike(NamedTuple):
    """The columns that lists filter by; `bucket` is empty for a record that is in no figure, `hint` for one without."""

    kind: str
    state: str
    bucket: str
    conflicted: bool
    hint: str = ""

    @classmethod
    def of(cls, record: AnyRecord) -> Alike | None:
        """The values of this record; None for a new one without a state yet, and for an act (SPEC F-6)."""
        if not record.state or KINDS.is_act(record.kind):
            return None
        return cls(record.kind, record.state, record.bucket or "", record.conflicted, record.hint or "")


class Counts:
    """Differences gathered over many records, then added in one statement."""

    def __init__(self) -> None:
        self._sums: Sums[tuple[str, Alike]] = Sums()

    def move(self, stream_id: str, old: Alike | None, new: Alike | None) -> None:
        """Move one record from its old group to its new one."""
        for alike, sign in ((old, -1), (new, +1)):
            if alike is not None:
                self._sums[stream_id, alike] += sign

    def save(self, session: Session) -> None:
        """Add the differences to the stored counts; the caller holds the streams' locks."""
        rows = [
            {"stream_id": stream_id, **alike._asdict(), "records": count}
            for (stream_id, alike), count in sorted(self._sums.items())
            if count
        ]
        merge_all(session, Census, rows, added=("records",))


def records_in(*by: Any) -> Select[Any]:
    """A SELECT over the counts and their streams: these columns, then the number of records, without empty groups."""
    total = func.sum(Census.records)
    counted = select(*by, total).join_from(Census, Stream, Stream.id == Census.stream_id)
    return counted.group_by(*by).having(total > 0)


IN_A_FIGURE: ColumnElement[bool] = Census.bucket != ""
