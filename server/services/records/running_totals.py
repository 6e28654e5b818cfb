"""Each stream's running totals and record counts, updated by differences under the stream's lock (SPEC D-5)."""

from __future__ import annotations

from collections import Counter as Sums
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from server.core.bulk_insert import merge_all
from server.models import Tally, TallyKey
from server.services.records.projection import Share, Shift
from server.services.records.record_counts import Alike, Counts

APART: Final = ("amended", "conflicted", "amended_conflicted")
"""Of a record whose bucket does not say its state, or which is to be settled: the column that counts it, too."""


def _apart(alike: Alike | None) -> str:
    """The column, or nothing."""
    if alike is None or (alike.state != "amended" and not alike.conflicted):
        return ""
    return "conflicted" if alike.state != "amended" else "amended_conflicted" if alike.conflicted else "amended"


class Totals:
    """Differences gathered over many records, then added in one statement."""

    def __init__(self) -> None:
        self._amounts: Sums[tuple[str, str, str]] = Sums()
        self._records: Sums[tuple[str, str, str]] = Sums()
        self._said: Sums[tuple[str, str, str]] = Sums()
        self._apart: dict[str, Sums[tuple[str, str, str]]] = {name: Sums() for name in APART}
        self._counts = Counts()
        self._keys: Sums[tuple[str, str, str, str]] = Sums()

    def move(self, stream_id: str, shift: Shift) -> None:
        """Subtract one record's old share and add its new one."""
        self._counts.move(stream_id, shift.was, shift.now)
        was, now = _apart(shift.was), _apart(shift.now)
        if (shift.old, was) != (shift.new, now):
            self._add(stream_id, shift.old, was, -1)
            self._add(stream_id, shift.new, now, +1)

    def _add(self, stream_id: str, share: Share, apart: str, sign: int) -> None:
        for figure, amount in share.amounts.items():
            if share.bucket is None:
                continue
            self._said[stream_id, figure, share.bucket] += sign
            if amount:
                self._amounts[stream_id, figure, share.bucket] += sign * amount
                self._records[stream_id, figure, share.bucket] += sign
                if apart:
                    self._apart[apart][stream_id, figure, share.bucket] += sign
        for figure, key in share.keys.items():
            if share.bucket is not None:
                self._keys[stream_id, figure, share.bucket, key] += sign

    def save(self, session: Session) -> None:
        """Add the differences to the stored totals; the caller holds the streams' locks."""
        self._counts.save(session)
        self._save_keys(session)
        rows = []
        for key, said in sorted(self._said.items()):
            added = {"amount": self._amounts[key], "records": self._records[key], "said": said}
            added |= {name: moved[key] for name, moved in self._apart.items()}
            if any(added.values()):
                rows.append({"stream_id": key[0], "figure": key[1], "bucket": key[2], **added})
        merge_all(session, Tally, rows, added=("amount", "records", "said", *APART))

    def _save_keys(self, session: Session) -> None:
        """Update the values of figures that count distinct ones; values that no record has any more are deleted."""
        moved = {at: records for at, records in sorted(self._keys.items()) if records}
        names = ("stream_id", "figure", "bucket", "key")
        rows = [{**dict(zip(names, at, strict=True)), "records": records} for at, records in moved.items()]
        merge_all(session, TallyKey, rows, added=("records",))
        fewer = {at[0] for at, records in moved.items() if records < 0}
        if fewer:
            session.execute(delete(TallyKey).where(TallyKey.stream_id.in_(fewer), TallyKey.records <= 0))
