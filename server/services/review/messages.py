"""Questions and answers about a record, in words (SPEC D-15): by its unit and by those who decide on it.

A message is an entry of its own with a position, beside writes, decisions and answers to returns (`replies.py`). It is
no field, so it neither amends the record nor makes anybody its author.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from server.core.clock import new_id, now_ms
from server.core.problem_details import refuse_if, required
from server.models import Campaign, DecisionRow, Message, Record, Reply, Stream, WriteRow
from server.services.records import streams
from server.services.records.projection import is_activity
from server.services.review.replies import checked
from server.services.units.scope import Scope
from sync.record import PURGED

MOST: Final = 200
"""Messages about one record."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What somebody says. `id`: drawn by a phone, so that sending it again says nothing twice. `at`: its clock, ms."""

    id: str
    text: str
    at: int


def give(
    session: Session, scope: Scope, device_id: str | None, record_id: str, new: NewMessage, received: int | None = None
) -> Message:
    """Store the message and return it; sent again, the one that is stored.

    `received`: when it was first received, if a restore lost it.

    Raises Problem `not_found`, `forbidden`, `archived`, `too_many_messages`, or `id_reused` for other words than it
    has; Refused for a text.
    """
    text = checked(new.text)
    record = required(
        session.scalar(select(Record).where(Record.id == record_id, is_activity(), Record.state != PURGED))
    )
    locked = streams.lock(session, [record.stream_id])[record.stream_id]
    session.refresh(record)
    refuse_if(record.state == PURGED, "not_found")  # meanwhile: nothing of it may stay (SPEC L-18)
    unit_id = locked.stream.unit_id
    # A phone writes on for a while (SPEC L-8).
    refuse_if(not (scope.may_see(unit_id) or scope.may_write(unit_id)), "not_found")
    above = _decides(session, scope, locked.stream)
    refuse_if(not (above or scope.may_write(unit_id)), "forbidden")
    stored = session.get(Message, new.id)
    if stored is not None:
        refuse_if((stored.record_id, stored.officer_id) != (record_id, scope.officer_id), "not_found")
        refuse_if(stored.text != text, "id_reused")
        return stored
    refuse_if(locked.status == "archived", "archived")
    count = session.scalar(select(func.count()).where(Message.record_id == record_id))
    refuse_if((count or 0) >= MOST, "too_many_messages")
    row = Message(
        id=new.id,
        record_id=record_id,
        stream_id=record.stream_id,
        position=streams.next_position(locked.stream),
        tag=new_id(),
        text=text,
        above=above,
        officer_id=scope.officer_id,
        device_id=device_id,
        at=new.at,
        received_at=received or now_ms(),
    )
    session.add(row)
    record.last_position = row.position
    session.flush()
    return row


def may_speak(session: Session, scope: Scope, stream: Stream) -> bool:
    """True for whoever writes for the unit or decides on its records."""
    return scope.may_write(stream.unit_id) or _decides(session, scope, stream)


def of(session: Session, record_ids: Collection[str]) -> Sequence[Message]:
    """All about these records, the oldest first."""
    return session.scalars(
        select(Message).where(Message.record_id.in_(record_ids)).order_by(Message.position, Message.id)
    ).all()


def open_questions(session: Session, record_ids: Collection[str]) -> Mapping[str, Message]:
    """By record: the last message of its unit, where nobody above has answered or decided since."""
    rows = session.scalars(_open().where(Message.record_id.in_(record_ids)).order_by(Message.position))
    return {row.record_id: row for row in rows}


def asked(campaign_id: str) -> Select[str]:
    """Ids of the records of a campaign about which their unit said something that waits for an answer."""
    found = _open().with_only_columns(Message.record_id).join(Stream, Stream.id == Message.stream_id)
    return found.where(Stream.campaign_id == campaign_id).correlate(None)


def unmoved(position: int | SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Condition on Record: nobody wrote, decided or answered after this position. What was only said moves nothing."""
    tables = aliased(WriteRow), aliased(DecisionRow), aliased(Reply)
    moved = (exists().where(each.record_id == Record.id, each.position > position) for each in tables)
    return or_(Record.last_position == position, and_(Record.state != PURGED, ~or_(*moved)))


def _open() -> Select[Message]:
    answer = aliased(Message)
    answered = exists().where(
        answer.record_id == Message.record_id, answer.above.is_(True), answer.position > Message.position
    )
    decided = exists().where(DecisionRow.record_id == Message.record_id, DecisionRow.position > Message.position)
    return select(Message).where(Message.above.is_(False), Message.text != "", ~answered, ~decided)


def _decides(session: Session, scope: Scope, stream: Stream) -> bool:
    return scope.may_decide(stream.unit_id, session.get_one(Campaign, stream.campaign_id))
