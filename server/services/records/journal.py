"""Accept writes, each once, whatever goes wrong with one of them (SPEC G1 to G3, G6, X-2).

The writes of a request are loaded once behind the streams' locks, judged in memory, and saved all at once. If anything
but a refusal goes wrong, all of it is rolled back and each write is processed alone, under its own savepoint. Then the
write at fault is `later`, and the others are stored.

Before that comes a second try. A batch that only makes records is first judged without asking whether they are here. If
one of them is here, comes twice, or is not taken (refused, or `later`), that is rolled back, and the whole batch is
judged again with what is stored.

Checking 20 writes with up to three statements each took 60 ms of a server's time, and SQLite has one writer. So a
batch reads in about eight statements, changes memory, and saves in about six, whatever the number of writes. It does
not read a record's history either: states are folded (projection.py).

A write that a client brings back after a restore keeps the moment at which the server first received it (SPEC L-15,
L-19). A banner is stored on 30/7. On 4/8 the database is restored to a copy of 29/7. On 5/8 the phone sends the banner
again. It keeps 30/7 as its day, which the phone remembers, so the restore makes nothing late.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.bulk import insert_all, one_of_parameter
from server.core.clock import local, new_id, now_ms, today
from server.core.unavailable import is_unavailable
from server.models import Campaign, DecisionRow, Record, Restoration, Stream, Unit, WriteRow
from server.services.continuity import revocations
from server.services.records import projection, readiness, streams
from server.services.records.projection import Folds, Listing, Totals
from server.services.records.stored import (
    AnyRecord,
    Author,
    LastRestore,
    NamedPhoto,
    NewRecord,
    Result,
    Stored,
    announce,
    named_by,
)
from server.services.records.streams import Locked
from server.services.units.tree import ancestry
from sync.errors import Refused
from sync.protocol import CONFIRM_AHEAD_DAYS, KEPT_MS, RECEIPT_APP
from sync.record import PURGED, InForce, canonical
from sync.registry import KINDS
from sync.text import is_id
from sync.values import Value
from sync.write import Write, check_values, read, wire

T = TypeVar("T")
_LAST = select(Restoration.at, Restoration.holds_until).order_by(Restoration.at.desc()).limit(1)
LAST = tuple(_LAST.with_only_columns(each).scalar_subquery() for each in (Restoration.at, Restoration.holds_until))
"""The last restore, as columns of another statement of the same transaction: `Author.last_restore`."""


def settle_receipts(session: Session, judged: Sequence[Write | T], author: Author) -> list[Write | T]:
    """Set `received` of each write: the moment in ms (server clock) that counts as its receipt, None for now.

    The client's value counts only in the 30 days after a restore, and only for a moment before it: at other times no
    write can have been lost. An older app cannot send it. A newer one does not know it for writes stored before its
    update (it sends 1). Such writes get a moment at which nothing was lost yet, so that their return makes none late.
    """
    app = author.app
    cannot_say = app is not None and app < RECEIPT_APP
    if not cannot_say and not any(isinstance(each, Write) and each.received is not None for each in judged):
        return list(judged)
    settled = _settling(session, author.last_restore)
    return [
        _with(each, settled(0 if each.received is None and cannot_say else each.received))
        if isinstance(each, Write)
        else each
        for each in judged
    ]


def received_moment(session: Session, said: object) -> int | None:
    """Settle that of another entry of an outbox in the same way; None for what is no moment."""
    return _settling(session)(said) if isinstance(said, int) and not isinstance(said, bool) else None


def _settling(session: Session, last: LastRestore | None = None) -> Callable[[int | None], int | None]:
    at, holds_until = last or session.connection().execute(_LAST).first() or (None, None)
    restored_at = at or 0
    intact_until = holds_until or restored_at - KEPT_MS
    lately = now_ms() - restored_at <= KEPT_MS

    def settled(said: int | None) -> int | None:
        if not lately or said is None:
            return None
        if said < restored_at - KEPT_MS:
            return intact_until
        return said if said <= restored_at else None

    return settled


def _with(write: Write, received: int | None) -> Write:
    return write if write.received == received else replace(write, received=received)


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


@dataclass(slots=True)
class _Moved:
    """The end of a stream as this batch moves it: its last position, and when it last received a write."""

    position: int
    received_at: int


class WriteBatch:
    """The writes of one request. `take` changes only memory; only `save` writes to the database."""

    def __init__(self, session: Session, writes: Sequence[Write], *, thorough: bool = False) -> None:
        """Lock the streams of these writes until the transaction ends.

        Writes that all make records are taken for new ones, without asking for their ids (`fresh`). If one of these is
        here, saving raises IntegrityError: `thorough` asks. One that is not taken may be here, too, and would have
        another answer. Then nothing is saved either, and all of them are judged again.
        """
        self._session = session
        self._locked = lock_streams(session, writes)
        self._at = {(held.stream.unit_id, held.stream.campaign_id): held for held in self._locked.values()}
        self._purged = revocations.purged(session)
        self._now = now_ms()  # one moment for all of them, which results name and every client is sent (L-28, L-29)
        self.fresh = fresh = not thorough and all(write.create for write in writes)
        # Only now, behind the locks: this sees what other requests stored meanwhile.
        asked = {"ids": list({write.record for write in writes})}
        held = {} if fresh else {row.id: row for row in session.scalars(_RECORDS, asked)}
        self.records: dict[str, AnyRecord] = {**held}
        self._folds = Folds(session, writes, held, fresh=fresh)
        self.stored = {id_: Stored.of(row) for id_, row in self._folds.rows.items()}
        self._forces = _in_force(session, held.values())
        self._numbers = streams.Numbers(self._locked.values())
        self._totals = Totals()
        self._listing = Listing()
        self._new_records: list[NewRecord] = []
        self._new_writes: list[dict[str, Any]] = []
        self._named: list[NamedPhoto] = []
        self._moved: dict[str, _Moved] = {}

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
        if (early := kind.day_to_come(write.set, today())) is not None:
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
            unit = self._purged.get(write.record)
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
        moved = self._moved.setdefault(stream.id, _Moved(stream.position, stream.received_at))
        moved.position = position = streams.following(moved.position)
        record = self.records.get(write.record) or self._open(stream, kind, write, position)
        record.last_position = position
        record.changed_at = self._now
        received_at = write.received or self._now
        record.received_at = max(record.received_at, received_at)
        moved.received_at = max(moved.received_at, received_at)
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
        self._named += named_by(record.id, stream.id, write)
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

        if write.create is not None:
            return False
        return all(given(name, value) for name, value in write.set.items() if name != "deleted")

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
        for stream_id, moved in self._moved.items():
            streams.move(self._session, self._stream(stream_id), moved.position, moved.received_at)
        insert_all(self._session, Record, [record.columns() for record in self._new_records])
        insert_all(self._session, WriteRow, self._new_writes)
        self._folds.save()
        self._numbers.save(self._session)
        self._totals.save(self._session)
        self._listing.save(self._session)
        announce(self._session, self._named, came.keys())


def _in_force(session: Session, records: Iterable[Record]) -> dict[str, InForce]:
    ids = {record.decision_id for record in records if record.decision_id}
    if not ids:
        return {}
    rows = session.scalars(_DECISIONS, {"ids": list(ids)})
    return {row.id: InForce(row.verdict, row.sides) for row in rows}


def _content(write: Write) -> str:
    return json.dumps(wire(write), sort_keys=True)  # as text, because in Python True equals 1


log = logging.getLogger(__name__)


class _UnsureError(Exception):
    """Not all writes of a fresh batch were taken: they are judged again, with what is stored."""


def accept(session: Session, author: Author, raws: Sequence[object]) -> list[Result]:
    """Check and store these writes in their order; returns one result for each."""
    judged = settle_receipts(session, [_read(raw) for raw in raws], author)
    results = _stored(session, author, judged)
    return [
        replace(result, altered=True) if result.new and _differs(raw, write) else result
        for raw, write, result in zip(raws, judged, results, strict=True)
    ]


def _differs(raw: object, write: Write | Result) -> bool:
    return isinstance(write, Write) and isinstance(raw, dict) and raw.get("set") != write.set


def _stored(session: Session, author: Author, judged: Sequence[Write | Result]) -> list[Result]:
    for thorough in (False, True):
        try:
            return _together(session, author, judged, thorough=thorough)
        except (_UnsureError, IntegrityError, DataError):  # some of it came before, or was not taken
            pass
        except SQLAlchemyError:
            # Disk full, connection gone: the database may have rolled back the whole transaction, not this savepoint
            # alone. Then nothing of this request may be called stored (G1).
            raise
        except Exception as error:
            if is_unavailable(error):  # not the write's fault
                raise
            log.warning("a batch is judged write by write: %s", type(error).__name__)
            break
    # The rollback released the locks. Take all again first: one by one, their order would be that of the writes (C-1).
    lock_streams(session, [write for write in judged if isinstance(write, Write)])
    return [_alone(session, author, write) for write in judged]


def _together(
    session: Session, author: Author, judged: Sequence[Write | Result], *, thorough: bool = False
) -> list[Result]:
    writes = [write for write in judged if isinstance(write, Write)]
    if not writes:
        return [result for result in judged if isinstance(result, Result)]
    with session.begin_nested():
        batch = WriteBatch(session, writes, thorough=thorough)
        results = [write if isinstance(write, Result) else batch.take(author, write) for write in judged]
        if batch.fresh and len(batch.stored) < len(writes):
            raise _UnsureError
        batch.save()
    return results


def _alone(session: Session, author: Author, write: Write | Result) -> Result:
    try:
        return _together(session, author, [write], thorough=True)[0]
    except (IntegrityError, DataError) as error:
        return _failed(write.id, error)
    except SQLAlchemyError:
        raise
    except Exception as error:
        if is_unavailable(error):
            raise
        return _failed(write.id, error)


def _failed(id_: str, error: Exception) -> Result:
    # Only the type: messages may hold field values.
    log.error("write %s failed: %s", id_, type(error).__name__)
    return Result(id_, "later", code="internal")


def _read(raw: object) -> Write | Result:
    try:
        return read(raw)
    except Refused as refused:
        return Result(_id_of(raw), "refused", code=refused.code, field=refused.field)
    except Exception as error:  # noqa: BLE001  # X-2: whatever one write raises, the others go through
        return _failed(_id_of(raw), error)


def _id_of(raw: object) -> str:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    return str(id_) if is_id(id_) else ""
