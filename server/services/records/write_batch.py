"""All rows that one request's writes touch, loaded once behind the streams' locks and saved all at once.

Checking 20 writes with up to three statements each took 60 ms of a server's time, and SQLite has one writer. So a
ledger reads in about eight statements, changes memory, and saves in about six, whatever the number of writes. It does
not read a record's history either: states are folded (folds.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.db import insert_all
from server.models import DecisionRow, Record, Stream, Unit, WriteRow
from server.services.records import photo_refs, projection, streams
from server.services.records.folds import Folds
from server.services.records.photo_refs import NamedPhoto
from server.services.records.running_totals import Totals
from server.services.records.stored import as_write
from server.services.records.streams import Locked
from sync.decision import InForce
from sync.protocol import PHOTO_PREFIX
from sync.record import canonical
from sync.values import Value
from sync.write import Write

# Built once: building a statement costs as much as running it.
_HOMES = select(Record.stream_id).where(Record.id.in_(bindparam("ids", expanding=True)))
# Rows that the session read before it had the locks are read again.
_RECORDS = (
    select(Record).where(Record.id.in_(bindparam("ids", expanding=True))).execution_options(populate_existing=True)
)
_WROTE = select(exists().where(WriteRow.record_id == bindparam("record"), WriteRow.officer_id == bindparam("officer")))
_DECISIONS = select(DecisionRow).where(DecisionRow.id.in_(bindparam("ids", expanding=True)))


def lock_streams(session: Session, writes: Sequence[Write]) -> dict[str, Locked]:
    """Lock the streams of these writes until the transaction ends."""
    places = {(write.create.unit, write.create.campaign) for write in writes if write.create}
    edited = [write.record for write in writes if write.create is None]
    homes = session.scalars(_HOMES, {"ids": edited}).all() if edited else ()
    return streams.lock(session, homes, places)


@dataclass(frozen=True, slots=True)
class Stored:
    """A write in the journal, and its position."""

    write: Write
    stream_id: str
    position: int
    officer_id: str
    received_at: int


@dataclass(frozen=True, slots=True)
class Hand:
    """The author of a write, and the device (None: at the desk)."""

    officer_id: str
    device_id: str | None


class Ledger:
    """The rows of one batch of writes. `append` changes only memory; only `save` writes to the database."""

    def __init__(self, session: Session, writes: Sequence[Write]) -> None:
        """Lock the streams of these writes until the transaction ends."""
        self._session = session
        self._locked = lock_streams(session, writes)
        self._at = {(held.stream.unit_id, held.stream.campaign_id): held for held in self._locked.values()}
        # Only now, behind the locks: this sees what other requests stored meanwhile.
        records = session.scalars(_RECORDS, {"ids": list({write.record for write in writes})})
        self.records = {row.id: row for row in records}
        self._folds = Folds(session, writes, self.records)
        self.stored = {id_: _stored(row) for id_, row in self._folds.rows.items()}
        self._forces = _in_force(session, self.records.values())
        self._numbers = streams.Numbers(session, self._locked)
        self._totals = Totals()
        self._new_records: list[Record] = []
        self._new_writes: list[dict[str, Any]] = []
        self._named: list[NamedPhoto] = []

    def stream(self, stream_id: str) -> Stream:
        """A stream by its id. That of a repeated write may be unlocked, because nothing is added to it."""
        held = self._locked.get(stream_id)
        return held.stream if held else self._session.get_one(Stream, stream_id)

    def locked(self, stream_id: str) -> Locked:
        """A locked stream, to which writes may be added."""
        return self._locked[stream_id]

    def locked_at(self, unit: str, campaign: str) -> Locked | None:
        """The locked stream of a unit and campaign; None if there is none."""
        return self._at.get((unit, campaign))

    def has_unit(self, unit: str) -> bool:
        """True when there is such a unit, with or without a stream."""
        return self._session.get(Unit, unit) is not None

    def has_written(self, officer_id: str, record_id: str) -> bool:
        """True when a stored write of the record is that officer's."""
        return bool(self._session.scalar(_WROTE, {"record": record_id, "officer": officer_id}))

    def check_room(self, write: Write) -> None:
        """W-8: check the record's fields, sides and writes including this write. Raises Refused."""
        self._folds.check(write, self.records.get(write.record))

    def append(self, hand: Hand, stream: Stream, kind: str, write: Write) -> Stored:
        """Add the write at the next position."""
        position = streams.next_position(stream)
        record = self.records.get(write.record) or self._open(stream, kind, write, position)
        record.last_position = stream.written = position
        record.changed_at = now_ms()
        received_at = write.received or record.changed_at
        record.received_at = max(record.received_at, received_at)
        stream.received_at = max(stream.received_at, received_at)
        chosen = self._only_chooses(write, hand.officer_id)
        self._folds.add(write, record)
        row = {
            "id": write.id,
            "record_id": record.id,
            "stream_id": stream.id,
            "position": position,
            "tag": new_id(),
            "at": write.at,
            "received_at": received_at,
            "officer_id": hand.officer_id,
            "device_id": hand.device_id,
            "set": dict(write.set),
            "seen": list(write.seen),
            "chosen": chosen,
        }
        self._new_writes.append(row)
        self._named += _named(record.id, stream.id, write)
        self.stored[write.id] = Stored(write, stream.id, position, hand.officer_id, received_at)
        return self.stored[write.id]

    def _only_chooses(self, write: Write, officer_id: str) -> bool:
        """D-6: each value is a seen side that another person wrote. Deleting and undeleting add no value either."""

        def given(name: str, value: Value) -> bool:
            return any(
                side.id in write.seen
                and self.stored[side.id].officer_id != officer_id
                and canonical(side.set[name]) == canonical(value)
                for side in self._folds.sides(write.record, name)
            )

        values = {name: value for name, value in write.set.items() if name != "deleted"}
        return write.create is None and all(given(name, value) for name, value in values.items())

    def _open(self, stream: Stream, kind: str, write: Write, position: int) -> Record:
        record = Record(
            id=write.record,
            stream_id=stream.id,
            kind=kind,
            number=self._numbers.next(stream, kind),
            created_at=now_ms(),
            received_at=0,
            first_position=position,
            writes=0,
            early=0,
            state="",
            amounts={},
            bucket=None,
            decision_id=None,
        )
        self.records[record.id] = record
        self._new_records.append(record)
        return record

    def save(self) -> None:
        """Update the records and write everything, in the order that foreign keys require."""
        for id_, state in self._folds.states():
            record = self.records[id_]
            shift = projection.update(record, state, self._forces.get(record.decision_id or ""))
            self._totals.move(record.stream_id, shift)
        self._session.flush()
        insert_all(self._session, Record, [_columns(record) for record in self._new_records])
        insert_all(self._session, WriteRow, self._new_writes)
        self._folds.save()
        self._numbers.save(self._session)
        self._totals.save(self._session)
        photo_refs.announce(self._session, self._named)


def _stored(row: WriteRow) -> Stored:
    return Stored(as_write(row), row.stream_id, row.position, row.officer_id, row.received_at)


def _in_force(session: Session, records: Iterable[Record]) -> dict[str, InForce]:
    ids = {record.decision_id for record in records if record.decision_id}
    if not ids:
        return {}
    rows = session.scalars(_DECISIONS, {"ids": list(ids)})
    return {row.id: InForce(row.verdict, row.sides) for row in rows}


def _named(record_id: str, stream_id: str, write: Write) -> list[NamedPhoto]:
    photos_of = [value for name, value in write.set.items() if name.startswith(PHOTO_PREFIX)]
    return [
        NamedPhoto(record_id, stream_id, str(value["sha256"]), str(value["thumb_sha256"]))
        for value in photos_of
        if isinstance(value, dict)
    ]


def _columns(record: Record) -> dict[str, Any]:
    return {name: getattr(record, name) for name in Record.__table__.columns.keys()}  # noqa: SIM118  # not a mapping
