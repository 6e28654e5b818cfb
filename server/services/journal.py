"""Accept writes, each once (guarantees G2, G3, G6; SPEC X-2 to X-6).

Each write is judged alone under its own savepoint; a refusal stores nothing, an exception inside one is `later`.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from server.clock import new_id, now_ms
from server.models import Campaign, DecisionRow, Record, Stream, Unit, WriteRow
from server.services import materialise, photos, streams
from server.services.scope import Scope
from sync import protocol
from sync.errors import Refused
from sync.ids import is_id
from sync.record import State
from sync.registry import KINDS
from sync.write import Write, check_values, read, wire

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one write. `new` tells a first storing from a repeat (X-3, X-9)."""

    id: str
    result: str
    unit: str = ""
    campaign: str = ""
    position: int = 0
    number: str = ""
    new: bool = False
    code: str = ""
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: the credential says it, never the wire (W-7)."""

    scope: Scope
    device_id: str | None = None


def as_write(row: WriteRow) -> Write:
    """A stored row as the rules know it."""
    return Write(id=row.id, at=row.at, record=row.record_id, set=row.set, seen=tuple(row.seen))


def writes_of(session: Session, record_ids: Iterable[str]) -> dict[str, list[WriteRow]]:
    """All stored writes of these records, in order of position."""
    found: dict[str, list[WriteRow]] = {id_: [] for id_ in record_ids}
    for row in session.scalars(select(WriteRow).where(WriteRow.record_id.in_(found)).order_by(WriteRow.position)):
        found[row.record_id].append(row)
    return found


def accept(session: Session, author: Author, raws: Sequence[object]) -> list[Result]:
    """Judge and store these writes in their order; one result for each."""
    return _Batch(session, author, [_read(raw) for raw in raws]).results()


def _failed(id_: str, error: Exception) -> Result:
    # The type alone: messages may hold field values.
    log.error("write %s failed: %s", id_, type(error).__name__)
    return Result(id_, "later", code="internal")


def _content(write: Write) -> str:
    return json.dumps(wire(write), sort_keys=True)  # as text, for in Python True equals 1


def _read(raw: object) -> Write | Result:
    try:
        return read(raw)
    except Refused as refused:
        return Result(_id_of(raw), "refused", code=refused.code, field=refused.field)
    except Exception as error:  # noqa: BLE001  # X-2: whatever one write sets off, the others go through
        return _failed(_id_of(raw), error)


def _id_of(raw: object) -> str:
    id_ = raw.get("id") if isinstance(raw, dict) else None
    return str(id_) if is_id(id_) else ""


class _Batch:
    """The writes of one request, with the rows they touch loaded and their streams locked."""

    def __init__(self, session: Session, author: Author, read_writes: list[Write | Result]) -> None:
        self._session = session
        self._author = author
        self._judged = read_writes
        writes = [write for write in read_writes if isinstance(write, Write)]
        creates = {(write.create.unit, write.create.campaign) for write in writes if write.create}
        self._units = set(session.scalars(select(Unit.id).where(Unit.id.in_({unit for unit, _ in creates}))))
        self._places = streams.find(session, creates)
        ids = {write.id for write in writes}
        touched = {write.record for write in writes}
        homes = set(session.scalars(select(Record.stream_id).where(Record.id.in_(touched))))
        self._streams = streams.lock(session, homes | set(self._places.values()))
        # Only now, behind the locks: what another request stored meanwhile is seen here.
        self._records = {row.id: row for row in session.scalars(select(Record).where(Record.id.in_(touched)))}
        self._stored = {row.id: row for row in session.scalars(select(WriteRow).where(WriteRow.id.in_(ids)))}
        self._writes = {id_: [as_write(r) for r in rows] for id_, rows in writes_of(session, self._records).items()}
        campaigns = {stream.campaign_id for stream in self._streams.values()} | {campaign for _, campaign in creates}
        self._campaigns = {c.id: c for c in session.scalars(select(Campaign).where(Campaign.id.in_(campaigns)))}

    def results(self) -> list[Result]:
        return [write if isinstance(write, Result) else self._judge(write) for write in self._judged]

    def _judge(self, write: Write) -> Result:
        try:
            with self._session.begin_nested():
                result = self._store(write)
        except Refused as refused:
            return Result(write.id, "refused", code=refused.code, field=refused.field)
        except (IntegrityError, DataError) as error:
            return _failed(write.id, error)
        except SQLAlchemyError:
            # Disk full, connection gone: the database may have rolled back the whole transaction, not this savepoint
            # alone. Nothing of this request may be called stored.
            raise
        except Exception as error:  # noqa: BLE001  # X-2: whatever one write sets off, the others go through
            return _failed(write.id, error)
        if result.new:
            self._remember(write)
        return result

    def _remember(self, write: Write) -> None:
        """Only after the savepoint: a write that failed late must not be seen by the ones behind it."""
        self._stored[write.id] = self._session.get_one(WriteRow, write.id)
        self._records[write.record] = self._session.get_one(Record, write.record)
        self._writes.setdefault(write.record, []).append(write)

    def _store(self, write: Write) -> Result:
        record = self._records.get(write.record)
        if write.id in self._stored:
            return self._repeat(write, self._stored[write.id], record)
        if record is None and write.create is None:
            return Result(write.id, "later", code="create_missing")
        if record is None:
            stream = self._stream_for(write)
        elif write.create is not None:
            raise Refused("id_reused")
        else:
            stream = self._streams[record.stream_id]
        self._check_open(stream)
        kind = KINDS.get(record.kind if record else write.create.kind if write.create else "")
        if kind is None:
            raise Refused("unknown_kind")
        write = check_values(write, kind)
        return self._append(stream, record or self._new_record(stream, write), write)

    def _repeat(self, write: Write, row: WriteRow, record: Record | None) -> Result:
        """X-3: the same again is stored already; anything else under the id is refused."""
        stream = self._session.get_one(Stream, row.stream_id)
        create = write.create
        same_home = create is None or (
            record is not None
            and (create.kind, create.unit, create.campaign) == (record.kind, stream.unit_id, stream.campaign_id)
        )
        same = _content(replace(as_write(row), create=create)) == _content(write)
        # Who moved meanwhile repeats what is theirs; to anybody else an id of another unit tells nothing.
        theirs = row.officer_id == self._author.scope.officer_id or self._author.scope.may_write(stream.unit_id)
        if not same_home or not same or not theirs:
            raise Refused("id_reused")
        return self._result(
            write, stream, record or self._session.get_one(Record, row.record_id), row.position, new=False
        )

    def _stream_for(self, write: Write) -> Stream:
        create = write.create
        if create is None or create.unit not in self._units:
            raise Refused("unknown_unit")
        if create.campaign not in self._campaigns or (create.unit, create.campaign) not in self._places:
            raise Refused("unknown_campaign")
        return self._streams[self._places[create.unit, create.campaign]]

    def _check_open(self, stream: Stream) -> None:
        if not self._author.scope.may_write(stream.unit_id):
            raise Refused("foreign_unit")
        if self._campaigns[stream.campaign_id].status == "archived":
            raise Refused("archived")

    def _new_record(self, stream: Stream, write: Write) -> Record:
        kind = write.create.kind if write.create else ""
        return Record(
            id=write.record,
            stream_id=stream.id,
            kind=kind,
            number=streams.next_number(self._session, stream, kind),
            created_at=now_ms(),
            first_position=stream.position + 1,
            amounts={},
            bucket=None,
        )

    def _append(self, stream: Stream, record: Record, write: Write) -> Result:
        history = [*self._writes.get(record.id, []), write]
        state = State.of(history)
        if len(state.fields) > protocol.RECORD_FIELDS:
            raise Refused("too_many_fields")
        if any(len(alive) > protocol.FIELD_SIDES for alive in state.fields.values()):
            raise Refused("too_many_sides")
        position = streams.next_position(stream)
        record.last_position = position
        record.changed_at = now_ms()
        decision = self._session.get(DecisionRow, record.decision_id) if record.decision_id else None
        materialise.update(self._session, stream, record, state, decision)
        self._session.add(record)
        self._session.flush()
        self._insert(stream, record, write, position)
        return self._result(write, stream, record, position, new=True)

    def _insert(self, stream: Stream, record: Record, write: Write, position: int) -> None:
        row: dict[str, Any] = {
            "id": write.id,
            "record_id": record.id,
            "stream_id": stream.id,
            "position": position,
            "tag": new_id(),
            "at": write.at,
            "received_at": record.changed_at,
            "officer_id": self._author.scope.officer_id,
            "device_id": self._author.device_id,
            "set": dict(write.set),
            "seen": list(write.seen),
        }
        self._session.execute(insert(WriteRow), [row])
        for name, value in write.set.items():
            if name.startswith(protocol.PHOTO_PREFIX) and isinstance(value, dict):
                photos.announce(self._session, record, str(value["sha256"]), str(value["thumb_sha256"]))

    def _result(self, write: Write, stream: Stream, record: Record, position: int, *, new: bool) -> Result:
        number = streams.number_text(record.kind, record.number)
        return Result(write.id, "stored", stream.unit_id, stream.campaign_id, position, number, new=new)
