"""An officer answers a return in words (SPEC D-13): one answer to a decision, and no change of the record.

An answer is an entry of its own with a position, beside writes and decisions. It is no field, so it neither amends the
record nor makes its officer an author of it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import refuse_if, required
from server.models import DecisionRow, Record, Reply, Stream
from server.services.records import streams
from server.services.records.projection import is_activity
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import is_well_formed, normal

TEXT_LENGTH = 2000
RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class NewReply:
    """What a phone sends. `id`: drawn by it, so that sending it again is no second answer. `at`: its clock, ms."""

    id: str
    decision: str
    text: str
    at: int


def give(
    session: Session, scope: Scope, device_id: str | None, record_id: str, new: NewReply, received: int | None = None
) -> Reply:
    """Store the answer to a decision; returns the one that stands, which may be a colleague's from before.

    `received`: when it was first received, if a restore lost it.

    Raises Problem `not_found`, `forbidden`, `archived` or `no_decision` (not the return in force); Refused for a text.
    """
    text = checked(new.text)
    home = required(session.scalar(select(Record.stream_id).where(Record.id == record_id, is_activity())))
    locked = streams.lock(session, [home])[home]
    refuse_if(not scope.may_see(locked.stream.unit_id), "not_found")
    refuse_if(not scope.is_member(locked.stream.unit_id), "forbidden")  # who reviews asks, and does not answer
    decision = session.get(DecisionRow, new.decision)
    answered = decision.first_id if decision else ""
    stored = session.scalar(select(Reply).where(Reply.decision_id == answered))
    if stored is not None:
        return _of(stored, record_id)
    record = session.get_one(Record, record_id, populate_existing=True)
    refuse_if(answered not in _returned(session, record), "no_decision")
    refuse_if(locked.status == "archived", "archived")
    row = Reply(
        id=new.id,
        record_id=record_id,
        stream_id=home,
        position=streams.next_position(locked.stream),
        tag=new_id(),
        decision_id=answered,
        text=text,
        officer_id=scope.officer_id,
        device_id=device_id,
        at=new.at,
        received_at=received or now_ms(),
    )
    refuse_if(session.get(Reply, new.id) is not None, "no_decision")  # its id answers another return
    session.add(row)
    record.last_position = row.position
    session.flush()
    return row


def checked(said: str) -> str:
    """Return a text as it is kept. Raises Refused `bad_text`, `too_long`."""
    text = normal(said)
    if not text or not is_well_formed(said):
        raise Refused("bad_text", "text")
    if len(text) > TEXT_LENGTH:
        raise Refused("too_long", "text")
    return text


def of(session: Session, decisions: Collection[DecisionRow]) -> Mapping[str, Reply]:
    """The answers to these decisions, by the decision's id; also of what they state again (SPEC D-14)."""
    returns = {row.first_id for row in decisions if row.verdict == RETURNED}
    if not returns:
        return {}
    found = {row.decision_id: row for row in session.scalars(select(Reply).where(Reply.decision_id.in_(returns)))}
    return {row.id: found[row.first_id] for row in decisions if row.first_id in found}


def answered(campaign_id: str) -> Select[str]:
    """Ids of the records of a campaign that are returned and answered since: the answer is the last thing said.

    A decision or a withdrawal ends that, and so does an edit, which waits to be decided on anyway.
    """
    in_force = func.coalesce(DecisionRow.restates, DecisionRow.id)
    found = select(Reply.record_id).join(Stream, Stream.id == Reply.stream_id)
    found = found.join(Record, Record.id == Reply.record_id).join(DecisionRow, DecisionRow.id == Record.decision_id)
    found = found.where(Stream.campaign_id == campaign_id, Record.state == RETURNED, in_force == Reply.decision_id)
    return found.correlate(None)


def _returned(session: Session, record: Record) -> tuple[str, ...]:
    """The return in force, by the name that answers have for it; nothing if the record is not returned."""
    row = session.get(DecisionRow, record.decision_id) if record.decision_id else None
    return (row.first_id,) if row is not None and row.verdict == RETURNED else ()


def _of(reply: Reply, record_id: str) -> Reply:
    refuse_if(reply.record_id != record_id, "not_found")
    return reply
