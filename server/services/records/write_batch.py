"""The writes of one request: their rows loaded once behind the streams' locks, judged in memory, saved all at once.

Checking 20 writes with up to three statements each took 60 ms of a server's time, and SQLite has one writer. So a
batch reads in about eight statements, changes memory, and saves in about six, whatever the number of writes. It does
not read a record's history either: states are folded (folds.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.orm import Session

from server.core.array_parameters import one_of_parameter
from server.core.bulk_insert import insert_all
from server.core.clock import local, new_id, now_ms, today
from server.models import Campaign, DecisionRow, Record, Stream, Unit, WriteRow
from server.services.continuity import revocations
from server.services.records import photo_refs, projection, readiness, streams
from server.services.records.folds import Folds
from server.services.records.listing import Listing
from server.services.records.new_record import AnyRecord, NewRecord
from server.services.records.photo_refs import NamedPhoto
from server.services.records.running_totals import Totals
from server.services.records.stored import Author, Result, Stored
from server.services.records.streams import Locked
from server.services.units.tree import ancestry
from sync.airings import day_to_come
from sync.decision import PURGED, InForce
from sync.errors import Refused
from sync.protocol import CONFIRM_AHEAD_DAYS
from sync.record import canonical
from sync.registry import KINDS
from sync.values import Value
from sync.write import Write, check_values, wire

# Built once: building a statement costs as much as running it.
_HOMES = select(Record.stream_id).where(one_of_parameter(Record.id, "ids"))
# Rows that the session read before it had the locks are read again.
_RECORDS = select(Record).where(one_of_parameter(Record.id, "ids")).execution_options(populate_existing=True)
_WROTE = select(exists().where(WriteRow.record_id == bindparam("record"), WriteRow.officer_id == bindparam("officer")))
_DECISIONS = select(DecisionRow).where(one_of_parameter(DecisionRow.id, "ids"))


def lock_streams(session: Session, writes: Sequence[Write]) -> dict[str, Locked]:
    """Lock the streams of these writes until the transaction ends."""
    places = {(write.create.unit, write.create.campaign) for write in writes if write.create}
    edited = [write.record for write in writes if write.create is None]
    homes = session.scalars(_HOMES, {"ids": edited}).all() if edited else ()
    return streams.lock(session, homes, places)


class WriteBatch:
    """The writes of one request. `take` changes only memory; only `save` writes to the database."""

    def __init__(self, session: Session, writes: Sequence[Write], *, thorough: bool = False) -> None:
        """Lock the streams of these writes until the transaction ends.

        New records of which none is here are taken for new writes, without asking for their ids. If one has the id of
        a stored write, saving raises IntegrityError: `thorough` asks.
        """
        self._session = session
        self._locked = lock_streams(session, writes)
        self._at = {(held.stream.unit_id, held.stream.campaign_id): held for held in self._locked.values()}
        self._now = now_ms()  # one moment for all of them, which results name and every client is told (L-28, L-29)
        # Only now, behind the locks: this sees what other requests stored meanwhile.
        records = session.scalars(_RECORDS, {"ids": list({write.record for write in writes})})
        held = {row.id: row for row in records}
        self.records: dict[str, AnyRecord] = {**held}
        fresh = not thorough and not held and all(write.create for write in writes)
        self._folds = Folds(session, writes, held, fresh=fresh)
        self.stored = {id_: Stored.of(row) for id_, row in self._folds.rows.items()}
        self._forces = _in_force(session, held.values())
        self._numbers = streams.Numbers(self._locked.values())
        self._totals = Totals()
        self._listing = Listing()
        self._new_records: list[NewRecord] = []
        self._new_writes: list[dict[str, Any]] = []
        self._named: list[NamedPhoto] = []

    def take(self, author: Author, write: Write) -> Result:
        """Judge one write, and add it if nothing speaks against it (X-2 to X-5)."""
        try:
            return self._judge(author, write)
        except Refused as refused:
            return Result(write.id, "refused", code=refused.code, field=refused.field)

    def _judge(self, author: Author, write: Write) -> Result:
        record = self.records.get(write.record)
        self._check_not_purged(author, write, record)
        if write.id in self.stored:
            return self._repeat(author, write, self.stored[write.id])
        if record is None and write.create is None:
            return Result(write.id, "later", code="create_missing")
        if record is not None and write.create is not None:
            raise Refused("id_reused")
        home = self._locked[record.stream_id] if record else self._home_of(author, write)
        if not author.scope.may_write(home.stream.unit_id):
            raise Refused("foreign_unit")
        if home.status == "archived":
            raise Refused("archived")
        kind = KINDS.get(record.kind if record else write.create.kind if write.create else "")
        if kind is None:
            raise Refused("unknown_kind")
        check_values(write, kind)
        if (early := day_to_come(kind, write.set, today())) is not None:
            name, ahead = early
            if ahead > CONFIRM_AHEAD_DAYS and not self._clock_is_back():
                raise Refused("day_to_come", name)
            return Result(write.id, "later", code="day_to_come", field=name)
        self._folds.check(write, record)
        return self._result(self.append(author, home.stream, kind.name, write), new=True)

    def _check_not_purged(self, author: Author, write: Write, record: AnyRecord | None) -> None:
        """Raise Refused for a write to a purged record (L-11).

        Of one that a restore lost, only what is kept outside the database is left (B-9). An author who moved away
        meanwhile gets this answer too, so that the phone drops its copy (L-12).
        """
        if record is None:
            unit = revocations.purged_at(self._session, write.record)
            if unit is None:
                return
            theirs = author.scope.may_write(unit) or self._session.get(Unit, unit) is None
        elif record.state != PURGED:
            return
        else:
            theirs = author.scope.may_write(self._stream(record.stream_id).unit_id) or self._wrote(author, record.id)
        raise Refused("purged" if theirs else "foreign_unit")

    def _clock_is_back(self) -> bool:
        """True if the server's day is before that of a write it holds: then it is no judge of days to come."""
        last = self._session.scalar(select(func.max(Stream.received_at)))
        return last is not None and local(last).date() > today()

    def _repeat(self, author: Author, write: Write, stored: Stored) -> Result:
        """X-3: repeated with equal content it is stored already; other content under the same id is refused."""
        stream, create, record = self._stream(stored.stream_id), write.create, self.records.get(write.record)
        same_home = create is None or (
            record is not None
            and (create.kind, create.unit, create.campaign) == (record.kind, stream.unit_id, stream.campaign_id)
        )
        same = _content(replace(stored.write, create=create)) == _content(write)
        # An author who moved meanwhile may repeat an own write; to others, an id of another unit must reveal nothing.
        theirs = stored.officer_id == author.scope.officer_id or author.scope.may_write(stream.unit_id)
        if not same_home or not same or not theirs:
            raise Refused("id_reused")
        return self._result(stored, new=False)

    def _home_of(self, author: Author, write: Write) -> Locked:
        """The locked stream of a write that creates a record. Raises Refused if there is none."""
        create = write.create
        home = self._at.get((create.unit, create.campaign)) if create else None
        if home is not None:
            return home
        if create is None or self._session.get(Unit, create.unit) is None:
            raise Refused("unknown_unit")
        campaign = self._session.get(Campaign, create.campaign)
        if campaign is None or campaign.unit_id not in ancestry(self._session, create.unit):
            raise Refused("unknown_campaign")
        # A unit that is younger than a campaign's end has no stream there, until it is reopened (L-5).
        raise Refused("archived" if author.scope.may_write(create.unit) else "foreign_unit")

    def _stream(self, stream_id: str) -> Stream:
        """A stream by its id. That of a repeated write may be unlocked, because nothing is added to it."""
        held = self._locked.get(stream_id)
        return held.stream if held else self._session.get_one(Stream, stream_id)

    def _wrote(self, author: Author, record_id: str) -> bool:
        """True when a stored write of the record is the author's."""
        return bool(self._session.scalar(_WROTE, {"record": record_id, "officer": author.scope.officer_id}))

    def _result(self, stored: Stored, *, new: bool) -> Result:
        stream, record = self._stream(stored.stream_id), self.records[stored.write.record]
        number = streams.number_text(record.kind, record.number)
        home = stream.unit_id, stream.campaign_id
        return Result(stored.write.id, "stored", *home, stored.position, number, received=stored.received_at, new=new)

    def append(self, author: Author, stream: Stream, kind: str, write: Write) -> Stored:
        """Add the write at the next position."""
        position = streams.next_position(stream)
        record = self.records.get(write.record) or self._open(stream, kind, write, position)
        record.last_position = stream.written = position
        record.changed_at = self._now
        received_at = write.received or self._now
        record.received_at = max(record.received_at, received_at)
        stream.received_at = max(stream.received_at, received_at)
        officer_id = author.scope.officer_id
        chosen = self._only_chooses(write, officer_id)
        self._folds.add(write, record)
        row = {
            "id": write.id,
            "record_id": record.id,
            "stream_id": stream.id,
            "position": position,
            "tag": new_id(),
            "at": write.at,
            "received_at": received_at,
            "officer_id": officer_id,
            "device_id": author.device_id,
            "set": dict(write.set),
            "seen": list(write.seen),
            "chosen": chosen,
        }
        self._new_writes.append(row)
        self._named += photo_refs.named_by(record.id, stream.id, write)
        self.stored[write.id] = Stored(write, stream.id, position, officer_id, received_at)
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

    def _open(self, stream: Stream, kind: str, write: Write, position: int) -> NewRecord:
        number = self._numbers.next(stream, kind)
        record = NewRecord(write.record, stream.id, kind, number, self._now, position)
        self.records[record.id] = record
        self._new_records.append(record)
        return record

    def save(self) -> None:
        """Update the records and write everything, in the order that foreign keys require."""
        states = [(self.records[id_], state) for id_, state in self._folds.states()]
        shown = {file for record, state in states for file in readiness.files_of(record.stream_id, state)}
        named = {file for each in self._named for file in each.files}
        came = readiness.here(self._session, shown | named)
        for record, state in states:
            shift = projection.update(record, state, self._forces.get(record.decision_id or ""))
            self._totals.move(record.stream_id, shift)
            campaign_id = self._stream(record.stream_id).campaign_id
            self._listing.put(record, campaign_id, state, new=isinstance(record, NewRecord))
        said = {write["record_id"] for write in self._new_writes if not write["chosen"]}
        readiness.written(self._session, states, came, said)
        self._session.flush()
        insert_all(self._session, Record, [record.columns() for record in self._new_records])
        insert_all(self._session, WriteRow, self._new_writes)
        self._folds.save()
        self._numbers.save(self._session)
        self._totals.save(self._session)
        self._listing.save(self._session)
        photo_refs.announce(self._session, self._named, came.keys())


def _in_force(session: Session, records: Iterable[Record]) -> dict[str, InForce]:
    ids = {record.decision_id for record in records if record.decision_id}
    if not ids:
        return {}
    rows = session.scalars(_DECISIONS, {"ids": list(ids)})
    return {row.id: InForce(row.verdict, row.sides) for row in rows}


def _content(write: Write) -> str:
    return json.dumps(wire(write), sort_keys=True)  # as text, because in Python True equals 1
