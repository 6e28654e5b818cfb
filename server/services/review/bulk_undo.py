"""Take an act on many records back as a whole. A record that somebody has acted on since stays as it is."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import refuse_if, required
from server.models import BulkAct, Campaign, DecisionRow, Record
from server.services.audit import log
from server.services.audit.acts import Act, Values
from server.services.records import streams
from server.services.records.projection import Totals
from server.services.records.stored import as_write, writes_of
from server.services.review import bulk, decisions, messages, queue_query
from server.services.review.queue_filter import QueueFilter
from server.services.units.scope import Scope
from sync.record import WITHDRAWN, State


def undo(session: Session, scope: Scope, act_id: str, acted: decisions.Acted) -> BulkAct:
    """Withdraw the act's decisions that are in force on unchanged records; a second time changes nothing.

    `undone` of the answer is their number; `done - undone` records stayed. Raises Problem `not_found` for an act of
    somebody else, `forbidden` if this person decides there no more.
    """
    act = required(bulk.read(session, scope, act_id))
    made = select(DecisionRow.stream_id).where(DecisionRow.bulk_id == act.id).distinct()
    locked = streams.lock(session, session.scalars(made))
    session.refresh(act, with_for_update=True)
    if act.undone_at is not None:
        return act
    campaign = session.get_one(Campaign, act.campaign_id)
    refuse_if(not all(scope.may_decide(each.stream.unit_id, campaign) for each in locked.values()), "forbidden")
    in_force = select(Record).join(DecisionRow, DecisionRow.id == Record.decision_id)
    in_force = in_force.where(DecisionRow.bulk_id == act.id, messages.unmoved(DecisionRow.position))
    records = session.scalars(in_force.execution_options(populate_existing=True)).all()
    written, totals = writes_of(session, [record.id for record in records]), Totals()
    for record in records:
        stream = locked[record.stream_id].stream
        row = decisions.new_row(stream, record, scope, WITHDRAWN)
        state = State.of(as_write(each) for each in written[record.id])
        acted.move(scope, stream.unit_id, decisions.put(session, stream, record, row, state, totals))
    totals.save(session)
    act.undone_at, act.undone = now_ms(), len(records)
    session.flush()
    units = {each.stream.unit_id for each in locked.values()}
    unit = units.pop() if len(units) == 1 else queue_query.unit_of(scope, QueueFilter())
    new: Values = {"amount": act.undone, **({"unit": unit} if unit else {})}
    log.append(session, Act.APPROVAL_UNDONE, ("campaign", act.campaign_id), new=new)
    return act
