"""Checks the database against itself: whatever happened, everything derived must match the writes.

Used after kills and faults: a torn transaction would show here.
"""

from __future__ import annotations

from collections import Counter as Sums
from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.models import (
    Census,
    Counter,
    DecisionRow,
    EarlySeen,
    Hint,
    Message,
    Record,
    Reply,
    Restoration,
    Stream,
    Tally,
    WriteRow,
)
from server.services.records.projection import rank_of
from server.services.records.stored import as_write
from support.checks.listed import Listed
from sync.record import PURGED, State
from sync.write import Write


class Early:
    """Ids that writes named in `seen` before those writes came (S-1)."""

    def __init__(self, session: Session) -> None:
        self._held = set(session.scalars(select(WriteRow.id)))
        self._named: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for record_id, id_, by in session.execute(select(EarlySeen.record_id, EarlySeen.write_id, EarlySeen.by)):
            self._named[record_id].add((id_, by))

    def check(self, record: Record, writes: Collection[Write]) -> None:
        named = {(id_, write.id) for write in writes for id_ in write.seen}
        least = {pair for pair in named if pair[0] not in self._held}
        most = {pair for pair in named if pair[0] not in {write.id for write in writes}}  # it came, of another record
        assert least <= self._named[record.id] <= most, "ids named early are not those of the writes"
        counts = (len(writes), len(self._named[record.id]))
        assert (record.writes, record.early) == counts, "counts of a record's writes are wrong"


class Graded:
    """The worst grade of each record's hints."""

    def __init__(self, session: Session) -> None:
        worst = select(Hint.record_id, func.min(Hint.grade)).group_by(Hint.record_id)  # "look" before "note"
        self._worst: dict[str, str] = dict(session.execute(worst).all())

    def check(self, record: Record) -> None:
        assert record.hint == self._worst.get(record.id), "a record's grade is not that of its hints"


def shares(record: Record) -> Iterator[tuple[str, dict[str, int]]]:
    """What it adds to the totals, by figure."""
    is_amended = record.state == "amended"
    apart = ("amended_conflicted" if record.conflicted else "amended") if is_amended else "conflicted"
    for figure, amount in record.amounts.items():
        if record.bucket:
            behind = int(amount != 0)
            counts = {"amount": amount, "records": behind, apart: behind * int(is_amended or record.conflicted)}
            yield figure, {**counts, "said": 1}


def check(session: Session, streams: Collection[str] | None = None) -> None:
    """Check these streams, or all. Raises AssertionError naming the mismatch."""

    def of_them(query: Any, id_: Any) -> Any:
        return session.scalars(query if streams is None else query.where(id_.in_(streams)))

    writes = defaultdict(list)
    positions = defaultdict(list)
    written: Sums[str] = Sums()
    for row in of_them(select(WriteRow), WriteRow.stream_id):
        writes[row.record_id].append(as_write(row))
        positions[row.stream_id].append(row.position)
        written[row.stream_id] = max(written[row.stream_id], row.position)
    for table in (DecisionRow, Reply, Message):
        for entry in of_them(select(table), table.stream_id):
            positions[entry.stream_id].append(entry.position)
    for stream in of_them(select(Stream), Stream.id):
        assert stream.written == written[stream.id], "the last write is not where the stream says"
        assert sorted(positions[stream.id]) == list(range(1, stream.position + 1)), "a position is missing or double"
    sums: dict[tuple[str, str, str], Sums[str]] = defaultdict(Sums)
    numbers = defaultdict(list)
    alike: Sums[tuple[str, str, str, str, bool, str]] = Sums()
    grades = Graded(session)
    early, listed = Early(session), Listed(session)
    for record in of_them(select(Record), Record.stream_id):
        purged = record.state == PURGED
        of = writes.pop(record.id, []) if purged else writes.pop(record.id)  # it may be younger (B-9)
        state = State.of(of)
        assert state.ids == record.survivors, "survivors are not those of the writes"
        early.check(record, of)
        numbers[record.stream_id, record.kind].append(record.number)
        assert record.rank == rank_of(record.state, conflicted=record.conflicted), "a list has it in a wrong place"
        if purged:  # L-11
            assert (state.ids, record.amounts, record.bucket, record.decision_id) == ({}, {}, None, None)
            listed.none_of(record.id)
            grades.check(record)
            continue
        listed.check(record, state)
        grades.check(record)
        of_one = (record.kind, record.state, record.bucket or "", record.conflicted, record.hint or "")
        alike[record.stream_id, *of_one] += 1
        for figure, told in shares(record):
            sums[record.stream_id, figure, record.bucket or ""].update(told)
    assert not writes, "writes without a record"
    tallies = of_them(select(Tally), Tally.stream_id)
    columns = ("amount", "records", "said", "amended", "conflicted", "amended_conflicted")
    kept = {(t.stream_id, t.figure, t.bucket): Sums({name: getattr(t, name) for name in columns}) for t in tallies}
    assert {key: told for key, told in kept.items() if told["said"]} == sums, "totals are not those of their records"
    census = {
        (c.stream_id, c.kind, c.state, c.bucket, c.conflicted, c.hint): c.records
        for c in of_them(select(Census), Census.stream_id)
    }
    assert {key: count for key, count in census.items() if count} == dict(alike), "counts are not those of the records"
    counters = {(c.stream_id, c.kind): c.last for c in of_them(select(Counter), Counter.stream_id)}
    skipped = session.scalar(select(func.count()).select_from(Restoration))  # B-8
    for place, given in numbers.items():
        assert len(given) == len(set(given)), "a number is double"
        assert max(given) <= counters[place] if skipped else sorted(given) == list(range(1, counters[place] + 1))
