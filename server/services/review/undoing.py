"""Undo a decision, so that what was in force before it is in force again (SPEC D-14).

Withdrawing alone would make a record wait that had been counted or returned before, and its figure would be gone.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem, refuse_if
from server.models import BulkAct, DecisionRow, Record, Stream
from server.services.records.stored import as_write, writes_of
from server.services.review import decisions
from server.services.units.scope import Scope
from sync.record import WITHDRAWN, State


def undo(
    session: Session, scope: Scope, record_id: str, decision_id: str, acted: decisions.Acted | None = None
) -> DecisionRow:
    """Undo one's own decision or withdrawal; returns the decision that states the earlier one again, or a withdrawal.

    `acted` takes in what that adds to the counted figures (F-31).

    Raises Problem `no_decision` if it is not in force any more, nothing is to be put in force again, or it is none of
    this person; Refused (D-6).
    """
    stream, record = decisions.locked(session, scope, record_id)
    undone = session.get(DecisionRow, decision_id)
    latest = _latest(session, record_id)
    if undone is None or latest is None or latest.first_id != undone.id:
        raise Problem("no_decision")  # one that states another one again is undone by the name of that one
    refuse_if(undone.officer_id != scope.officer_id, "no_decision")
    rows = writes_of(session, [record.id])[record.id]
    refuse_if(scope.officer_id in decisions.authors_of(session, rows, scope), "own_record")
    earlier = in_force_before(session, record_id, undone.position)
    refuse_if(earlier is None and undone.verdict == WITHDRAWN, "no_decision")
    row = restated(stream, record, scope, earlier)
    state = State.of(as_write(each) for each in rows)
    shift = decisions.store(session, stream, record, row, state, undone if earlier else None)
    if acted:
        acted.move(scope, stream.unit_id, shift)
    return row


def in_force_before(session: Session, record_id: str, position: int) -> DecisionRow | None:
    """The decision in force before this position; None without one, or if its act on many was taken back since."""
    found = _latest(session, record_id, DecisionRow.position < position)
    if found is None or found.verdict == WITHDRAWN:
        return None
    act = session.get(BulkAct, found.bulk_id) if found.bulk_id else None
    return found if act is None or act.undone_at is None else None


def _latest(session: Session, record_id: str, *where: ColumnElement[bool]) -> DecisionRow | None:
    rows = select(DecisionRow).where(DecisionRow.record_id == record_id, *where)
    return session.scalar(rows.order_by(DecisionRow.position.desc()).limit(1))


def restated(stream: Stream, record: Record, scope: Scope, earlier: DecisionRow | None) -> DecisionRow:
    """Return a decision that states an earlier one again, or a withdrawal where there is none."""
    row = decisions.new_row(stream, record, scope, earlier.verdict if earlier else WITHDRAWN)
    if earlier is not None:
        row.reason, row.fields = earlier.reason, earlier.fields
        row.basis, row.sides = earlier.basis, earlier.sides
        row.hints, row.despite = earlier.hints, earlier.despite
        row.restates, row.bulk_id = earlier.first_id, earlier.bulk_id  # approved at once, it was looked at by nobody
    return row
