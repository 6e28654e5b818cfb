"""What is derived from the writes of records, updated under the stream's lock with each write or decision.

A record's own values; the rows by which lists and searches find it (sync/record.py); each stream's running totals (SPEC
D-5); and counts of alike records, so that a list of a million costs only what its streams do. `records_in` counts
exactly the records that `queue.py` lists under the same conditions.

Amounts are added to the stream's running totals as differences, under the stream's lock. So the matrix of a whole
province is a sum over few rows. Values of figures that count distinct ones (SPEC F-5), and "nothing to report" (F-6),
are added in the same way.

The states of a batch's records are folded write by write: the cost does not grow with a record's history. Only two
things are loaded: the surviving writes, and the writes whose `seen` named an id of this batch before it came (SPEC
S-1). Ids that are named and not held are rows of `early_seen`; the arrival of such a write deletes its rows.
"""

from __future__ import annotations

import hashlib
from collections import Counter as Sums
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, func, literal_column, select
from sqlalchemy.orm import Session

from server.core.bulk import insert_all, insert_texts, merge_all, one_of, one_of_parameter
from server.core.clock import local, now_ms
from server.models import (
    Census,
    EarlySeen,
    Record,
    RecordListing,
    Restoration,
    Stream,
    StreamWord,
    Tally,
    TallyKey,
    WriteRow,
)
from server.services.records.stored import AnyRecord, as_write
from sync import protocol
from sync.errors import Refused
from sync.figures import Contribution, says
from sync.protocol import NIL_PREFIX
from sync.record import PURGED, Fold, InForce, State, agreed, findable, shown
from sync.registry import KINDS, Kind
from sync.values import Value
from sync.write import Write, check_room


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


def forget_listed(session: Session, record_ids: Collection[str]) -> None:
    """Take purged records out of every list and search; nothing of their texts is left (SPEC L-11).

    The words of their streams are made anew, because an earlier value may have left words too.
    """
    theirs = one_of(RecordListing.record_id, record_ids)
    homes = select(RecordListing.stream_id, RecordListing.campaign_id).where(theirs).distinct()
    streams = sorted((row.stream_id, row.campaign_id) for row in session.execute(homes))
    _drop(session, record_ids)
    for stream_id, campaign_id in streams:
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
    if record_ids:
        session.execute(delete(RecordListing).where(one_of(RecordListing.record_id, record_ids)))


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
    counted = select(*by, total).join_from(Census, Stream, Stream.id == Census.stream_id).where(Census.records != 0)
    return counted.group_by(*by).having(total > 0)


IN_A_FIGURE: ColumnElement[bool] = Census.bucket != ""


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


BUCKETS = ("counted", "waiting", "returned")
COUNTED = BUCKETS[0]
NIL = "nil"
"""The bucket of "nothing to report"; it is in no sum."""
SAYS_NIL: Final[ColumnElement[bool]] = and_(Tally.bucket == literal_column("'nil'"), Tally.amount > 0)
"""A unit says so. No parameter: the index of these few is found by its own words alone."""


_RANKS = {"amended": 0, "waiting": 1, "returned": 2}


def rank_of(state: str, *, conflicted: bool = False) -> int:
    """The place in lists: conflicts first, then the rest; in both amended, waiting, returned, others."""
    return (0 if conflicted else len(_RANKS) + 1) + _RANKS.get(state, len(_RANKS))


@dataclass(frozen=True, slots=True)
class Share:
    """A record's share in the figures: its bucket (None = in none) and the amount it adds to each figure.

    `amounts` has the figures that the record says something of, with 0 where it says that (SPEC F-33). `keys`: the
    values it counts as in figures of distinct values, hashed.
    """

    bucket: str | None
    amounts: dict[str, int]
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def contribution(self) -> Contribution:
        """What the record adds to the figures of its bucket (SPEC F-30)."""
        return Contribution(self.amounts, {code: {key: 1} for code, key in self.keys.items()})

    @property
    def counted(self) -> Contribution:
        """What of it is counted: nothing unless a decision counts it."""
        return self.contribution if self.bucket == COUNTED else Contribution()


@dataclass(frozen=True, slots=True)
class Shift:
    """A record before and after: the differences for its stream's running totals and record counts."""

    old: Share
    new: Share
    was: Alike | None
    now: Alike | None


def share_of(kind: str, state: State, decision: InForce | None, now: str) -> Share:
    """SPEC D-5: a counted decision's stored values; else the agreed values as waiting or returned."""
    known = KINDS.get(kind)
    if known is None:
        return Share(None, {})
    if known.act:
        return Share(None, {}) if state.hidden else Share(NIL, _nil(state))
    if decision is not None and decision.verdict == "counted":
        return _share(COUNTED, known, agreed(decision.sides))
    bucket = {"waiting": "waiting", "amended": "waiting", "returned": "returned"}.get(now)
    if bucket is None or state.hidden:
        return Share(None, {})
    return _share(bucket, known, agreed(state.all_sides))


def if_counted(kind: str, state: State) -> Contribution:
    """What would be counted of a record as it is now."""
    known = KINDS.get(kind)
    return (
        Contribution() if known is None or known.act else _share(COUNTED, known, agreed(state.all_sides)).contribution
    )


def share_in(record: AnyRecord) -> Share:
    """The share that is kept of a record."""
    return Share(record.bucket, record.amounts, record.keys or {})


def _share(bucket: str, kind: Kind, values: Mapping[str, Value]) -> Share:
    adds = Contribution.of(kind, values)
    hashed = {code: hashlib.sha256(key.encode()).hexdigest()[:32] for code, (key,) in adds.values.items()}
    said = says(kind, values)
    amounts = {code: amount for code, amount in adds.amounts.items() if code in said}
    return Share(bucket, amounts, hashed)


def _nil(state: State) -> dict[str, int]:
    """The figures with nothing to report. In a conflict between true and a withdrawal, true holds."""
    figures = {figure.code for figure in KINDS.figures()}
    said = [name for name in state.fields if name.startswith(NIL_PREFIX) and True in state.sides(name)]
    return {code: 1 for name in said if (code := name.removeprefix(NIL_PREFIX)) in figures}


def update(record: AnyRecord, state: State, decision: InForce | None) -> Shift:
    """Update the record's projection. The caller must apply the returned shift to the stream's totals."""
    was = Alike.of(record)
    record.survivors = state.ids
    record.state = shown(state, decision)
    record.hidden = state.hidden
    record.conflicted = not state.hidden and (bool(state.conflicts) or state.edited_while_deleted)
    record.rank = rank_of(record.state, conflicted=record.conflicted)
    old = share_in(record)
    new = share_of(record.kind, state, decision, record.state)
    record.bucket, record.amounts, record.keys = new.bucket, new.amounts, new.keys or None
    return Shift(old, new, was, Alike.of(record))


def purge(record: Record) -> Shift:
    """Clear the projection: nothing is left to show, list or count (SPEC L-11)."""
    was, old = Alike.of(record), share_in(record)
    blank(record)
    return Shift(old, Share(None, {}), was, None)


def blank(record: Record) -> None:
    """Give a purged record its empty values."""
    record.survivors, record.state, record.hidden, record.conflicted = {}, PURGED, True, False
    record.bucket, record.amounts, record.keys, record.decision_id = None, {}, None, None
    record.rank, record.hint, record.early = rank_of(PURGED), None, 0
    record.lacks, record.checked, record.readiness = 0, True, None


def is_activity() -> ColumnElement[bool]:
    """Condition: records that people list, count and decide on.

    Excludes what a unit only says of itself (SPEC F-6), and the remains of purged records (L-11).
    """
    return and_(Record.kind.not_in(KINDS.acts()), Record.state != PURGED)


LATELY_MS = protocol.GRACE_DAYS * 24 * 3600 * 1000

# Built once: building a statement costs as much as running it.
_ROWS = select(WriteRow).where(one_of_parameter(WriteRow.id, "ids"))
_HELD = select(WriteRow.id).where(one_of_parameter(WriteRow.id, "ids"))
_EARLY = select(EarlySeen.write_id, WriteRow).join(WriteRow, WriteRow.id == EarlySeen.by)
_EARLY = _EARLY.where(
    one_of_parameter(EarlySeen.record_id, "records"),
    one_of_parameter(EarlySeen.write_id, "ids"),
)
_GONE = delete(EarlySeen).where(EarlySeen.record_id == bindparam("record"), EarlySeen.write_id == bindparam("id"))
_RESTORED = select(func.max(Restoration.at))


def _held(session: Session, ids: Collection[str]) -> set[str]:
    return set(session.scalars(_HELD, {"ids": sorted(ids)})) if ids else set()


def recount(session: Session, writes: Mapping[Record, Sequence[WriteRow]]) -> None:
    """Compute again, from all writes of these records, what a fold needs."""
    ids = [record.id for record in writes]
    session.execute(delete(EarlySeen).where(EarlySeen.record_id.in_(ids)))
    held = _held(session, {id_ for rows in writes.values() for row in rows for id_ in row.seen})
    for record, rows in writes.items():
        early = [(record.id, id_, row.id) for row in rows for id_ in {*row.seen} - held - {row.id}]
        record.writes, record.early = len(rows), len(early)
        _insert(session, early)


def _insert(session: Session, early: Iterable[tuple[str, str, str]]) -> None:
    names = ("record_id", "write_id", "by")
    insert_all(session, EarlySeen, [dict(zip(names, each, strict=True)) for each in early])


class Folds:
    """`rows`: the stored writes with the batch's ids, and the survivors of its records."""

    def __init__(
        self, session: Session, writes: Sequence[Write], records: Mapping[str, Record], *, fresh: bool = False
    ) -> None:
        """Load what is needed; the streams of the records must be locked. `fresh`: none of the writes is stored."""
        self._session = session
        own = {write.id for write in writes}
        alive = {id_ for record in records.values() for ids in record.survivors.values() for id_ in ids}
        self.rows = {} if fresh else {row.id: row for row in session.scalars(_ROWS, {"ids": sorted(own | alive)})}
        held = {id_: as_write(self.rows[id_]) for id_ in alive}
        self._folds = {
            id_: Fold({name: tuple(held[each] for each in ids) for name, ids in record.survivors.items()})
            for id_, record in records.items()
        }
        # An id of this batch counts as held once it is added.
        named = {id_ for write in writes for id_ in write.seen} - own - self.rows.keys()
        self._held = _held(session, named) | self.rows.keys()
        self._load_early(own, [id_ for id_, record in records.items() if record.early])
        self._noted: list[tuple[str, str, str]] = []
        self._arrived: list[tuple[str, str]] = []
        self._touched: set[str] = set()
        self._most: int | None = None

    def _load_early(self, own: Collection[str], record_ids: Sequence[str]) -> None:
        if record_ids:
            wanted = {"records": record_ids, "ids": sorted(own - self.rows.keys())}
            for id_, row in self._session.execute(_EARLY, wanted):
                self._folds[row.record_id].early.setdefault(id_, []).append(as_write(row))

    def sides(self, record_id: str, name: str) -> Sequence[Write]:
        """The surviving writes of a field."""
        fold = self._folds.get(record_id)
        return fold.fields.get(name, ()) if fold else ()

    def check(self, write: Write, record: AnyRecord | None) -> None:
        """W-8: check that there is room for this write. Raises Refused."""
        fold = self._folds.get(write.record) or Fold()
        if record is None and not fold.fields and not fold.early and not write.seen:  # most writes make a record
            check_room(write.set)
            return
        after = fold.after(write)
        check_room(fold.fields.keys() | after.keys())
        if any(len(alive) > protocol.FIELD_SIDES for alive in after.values()):
            raise Refused("too_many_sides")
        if record is not None:
            most = max(record.writes + 1, record.early + len(self._unheld(write)))
            if most > protocol.RECORD_WRITES and most > self._limit():
                raise Refused("too_many_writes")

    def _limit(self) -> int:
        """Twice as many while clients bring back what a restore lost: those writes were within the limit before."""
        if self._most is None:
            restored = self._session.scalar(_RESTORED)
            lately = restored is not None and now_ms() - restored <= LATELY_MS
            self._most = protocol.RECORD_WRITES * (2 if lately else 1)
        return self._most

    def add(self, write: Write, record: AnyRecord) -> None:
        """Add the write; its record counts it."""
        fold = self._folds.setdefault(record.id, Fold())
        unheld = self._unheld(write)
        arrived = len(fold.early.get(write.id, ()))
        record.writes += 1
        record.early += len(unheld) - arrived
        if arrived:
            self._arrived.append((record.id, write.id))
        fold.add(write, unheld)
        self._noted += [(record.id, id_, write.id) for id_ in unheld]
        self._held.add(write.id)
        self._touched.add(record.id)

    def _unheld(self, write: Write) -> list[str]:
        return [id_ for id_ in write.seen if id_ not in self._held and id_ != write.id]

    def states(self) -> Iterator[tuple[str, State]]:
        """Each record that got a write, with its new state."""
        return ((id_, self._folds[id_].state) for id_ in sorted(self._touched))

    def save(self) -> None:
        """Store the ids that were named early. Ids that came within the batch need no row."""
        if self._arrived:
            gone = [{"record": record_id, "id": id_} for record_id, id_ in self._arrived]
            self._session.connection().execute(_GONE, gone)
        arrived = set(self._arrived)
        _insert(self._session, (each for each in self._noted if each[:2] not in arrived))
