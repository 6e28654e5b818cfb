"""Accept writes, each once (SPEC G2, G3, G6, X-2 to X-6).

All writes of a request are checked in memory and saved together. If anything but a refusal goes wrong, all of it is
rolled back and each write is processed alone, under its own savepoint. Then the write at fault is `later`, and the
others are stored.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.unavailable import is_unavailable
from server.services.records import receipts, streams
from server.services.records.streams import Locked
from server.services.records.write_batch import Hand, Ledger, Stored, lock_streams
from server.services.units.scope import Scope
from sync.decision import PURGED
from sync.errors import Refused
from sync.ids import is_id
from sync.registry import KINDS
from sync.write import Write, check_values, read, wire

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one write. `new` tells a first storing from a repeat (X-3).

    `received`: when the server first received the write, in ms, if that is not now (SPEC L-13). `altered`: the stored
    write differs from the sent one (W-9), so the client must be sent it like any other (X-26).
    """

    id: str
    result: str
    unit: str = ""
    campaign: str = ""
    position: int = 0
    number: str = ""
    received: int = 0
    new: bool = False
    altered: bool = False
    code: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """The author of writes: taken from the credential, never from the wire (W-7)."""

    scope: Scope
    device_id: str | None = None
    app: int | None = None
    """The app version of the client (SPEC V-1); None at the desk."""


def accept(session: Session, author: Author, raws: Sequence[object]) -> list[Result]:
    """Check and store these writes in their order; returns one result for each."""
    judged = receipts.settle(session, [_read(raw) for raw in raws], author.app)
    results = _stored(session, author, judged)
    return [
        replace(result, altered=_differs(raw, write)) if result.new else result
        for raw, write, result in zip(raws, judged, results, strict=True)
    ]


def _differs(raw: object, write: Write | Result) -> bool:
    return isinstance(write, Write) and isinstance(raw, dict) and raw.get("set") != write.set


def _stored(session: Session, author: Author, judged: Sequence[Write | Result]) -> list[Result]:
    try:
        return _together(session, author, judged)
    except (IntegrityError, DataError):
        pass
    except SQLAlchemyError:
        # Disk full, connection gone: the database may have rolled back the whole transaction, not this savepoint alone.
        # Then nothing of this request may be called stored.
        raise
    except Exception as error:
        if is_unavailable(error):  # not the write's fault
            raise
        log.warning("a batch is judged write by write: %s", type(error).__name__)
    # The rollback released the locks. Take all again first: one by one, their order would be that of the writes (C-1).
    lock_streams(session, [write for write in judged if isinstance(write, Write)])
    return [_alone(session, author, write) for write in judged]


def _together(session: Session, author: Author, judged: Sequence[Write | Result]) -> list[Result]:
    writes = [write for write in judged if isinstance(write, Write)]
    if not writes:
        return [result for result in judged if isinstance(result, Result)]
    with session.begin_nested():
        ledger = Ledger(session, writes)
        results = [write if isinstance(write, Result) else _judge(ledger, author, write) for write in judged]
        ledger.save()
    return results


def _alone(session: Session, author: Author, write: Write | Result) -> Result:
    try:
        return _together(session, author, [write])[0]
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


def _content(write: Write) -> str:
    return json.dumps(wire(write), sort_keys=True)  # as text, because in Python True equals 1


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


def _judge(ledger: Ledger, author: Author, write: Write) -> Result:
    try:
        return _store(ledger, author, write)
    except Refused as refused:
        return Result(write.id, "refused", code=refused.code, field=refused.field)


def _store(ledger: Ledger, author: Author, write: Write) -> Result:
    record = ledger.records.get(write.record)
    if record is not None and record.state == PURGED:
        # An author who moved away meanwhile gets this answer too, so that the phone drops its copy (L-12).
        unit = ledger.stream(record.stream_id).unit_id
        theirs = author.scope.may_write(unit) or ledger.has_written(author.scope.officer_id, record.id)
        raise Refused("purged" if theirs else "foreign_unit")
    if write.id in ledger.stored:
        return _repeat(ledger, author, write, ledger.stored[write.id])
    if record is None and write.create is None:
        return Result(write.id, "later", code="create_missing")
    if record is None:
        home = _home_of(ledger, write)
    elif write.create is not None:
        raise Refused("id_reused")
    else:
        home = ledger.locked(record.stream_id)
    if not author.scope.may_write(home.stream.unit_id):
        raise Refused("foreign_unit")
    if home.status == "archived":
        raise Refused("archived")
    kind = KINDS.get(record.kind if record else write.create.kind if write.create else "")
    if kind is None:
        raise Refused("unknown_kind")
    write = check_values(write, kind)
    ledger.check_room(write)
    hand = Hand(author.scope.officer_id, author.device_id)
    return _result(ledger, ledger.append(hand, home.stream, kind.name, write), new=True)


def _repeat(ledger: Ledger, author: Author, write: Write, stored: Stored) -> Result:
    """X-3: repeated with equal content it is stored already; other content under the same id is refused."""
    stream = ledger.stream(stored.stream_id)
    create = write.create
    record = ledger.records.get(write.record)
    same_home = create is None or (
        record is not None
        and (create.kind, create.unit, create.campaign) == (record.kind, stream.unit_id, stream.campaign_id)
    )
    same = _content(replace(stored.write, create=create)) == _content(write)
    # An author who moved meanwhile may repeat an own write; to others, an id of another unit must reveal nothing.
    theirs = stored.officer_id == author.scope.officer_id or author.scope.may_write(stream.unit_id)
    if not same_home or not same or not theirs:
        raise Refused("id_reused")
    return _result(ledger, stored, new=False)


def _home_of(ledger: Ledger, write: Write) -> Locked:
    create = write.create
    home = ledger.locked_at(create.unit, create.campaign) if create else None
    if home is None:
        raise Refused("unknown_campaign" if create and ledger.has_unit(create.unit) else "unknown_unit")
    return home


def _result(ledger: Ledger, stored: Stored, *, new: bool) -> Result:
    stream, record = ledger.stream(stored.stream_id), ledger.records[stored.write.record]
    number = streams.number_text(record.kind, record.number)
    home = stream.unit_id, stream.campaign_id
    received = stored.received_at if stored.write.received or not new else 0
    return Result(stored.write.id, "stored", *home, stored.position, number, received=received, new=new)
