"""The states of a batch's records, updated write by write; the cost does not grow with a record's history.

Only two things are loaded: the surviving writes, and the writes whose `seen` named an id of this batch before it came
(SPEC S-1). Ids that are named and not held are rows of `early_seen`; the arrival of such a write deletes its rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of_parameter
from server.core.bulk_insert import insert_all
from server.core.clock import now_ms
from server.models import EarlySeen, Record, Restoration, WriteRow
from server.services.records.new_record import AnyRecord
from server.services.records.stored import as_write
from sync import protocol
from sync.errors import Refused
from sync.fold import Fold
from sync.record import State
from sync.write import Write

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
        after = fold.after(write)
        if len(fold.fields.keys() | after.keys()) > protocol.RECORD_FIELDS:
            raise Refused("too_many_fields")
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
