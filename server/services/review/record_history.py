"""The whole history of a record, for a phone (SPEC X-66): writes with what each replaced, decisions, what was said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if, required
from server.models import DecisionRow, Officer, Record, Reply, Stream
from server.services.records.projection import is_activity
from server.services.records.stored import as_write, writes_of
from server.services.review import messages
from server.services.units import deputies
from server.services.units.scope import Scope
from sync.history import replaced
from sync.values import Value

LINES = 100
"""Lines of one answer; older ones are asked for by `before`."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: a write (`set`), a decision (`verdict`), an answer to one (`reply`) or a message (`message`).

    `at`: by the clock of who made it, ms. `desk`: made at the desk. `replaced`: by field, the values that the write
    took the place of. `again`: the decision states an earlier one again after an undo (SPEC D-14).
    """

    id: str
    position: int
    by: str
    at: int
    desk: bool = False
    set: Mapping[str, Value] = field(default_factory=dict)
    replaced: Mapping[str, list[Value]] = field(default_factory=dict)
    verdict: str = ""
    reason: str = ""
    fields: tuple[str, ...] = ()
    again: bool = False
    reply: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """The newest lines first; `more`: there are older ones."""

    lines: list[HistoryLine]
    more: bool


def read(
    session: Session, scope: Scope, record_id: str, before: int | None = None, *, with_messages: bool
) -> HistoryPage:
    """The lines before that position, or the newest. Problem `not_found` for what the officer may not see."""
    unit = required(
        session.scalar(
            select(Stream.unit_id)
            .join(Record, Record.stream_id == Stream.id)
            .where(Record.id == record_id, is_activity())
        )
    )
    refuse_if(not scope.may_see(unit), "not_found")
    rows = writes_of(session, [record_id])[record_id]
    decisions = list(session.scalars(select(DecisionRow).where(DecisionRow.record_id == record_id)))
    replies = list(session.scalars(select(Reply).where(Reply.record_id == record_id)))
    people = {row.officer_id for row in rows}
    said = messages.of(session, [record_id]) if with_messages else []
    people |= {row.officer_id for row in replies} | {row.officer_id for row in said}
    names = dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(people))).all())
    deciders = deputies.deciders(session, [row.id for row in decisions])
    gone = replaced(as_write(row) for row in rows)
    lines = [
        HistoryLine(
            *(row.id, row.position, names[row.officer_id], row.at),
            desk=row.device_id is None,
            set=row.set,
            replaced=gone.get(row.id, {}),
        )
        for row in rows
    ]
    lines += [
        HistoryLine(
            *(row.id, row.position, deciders[row.id], row.at),
            desk=True,
            verdict=row.verdict,
            reason=row.reason,
            fields=tuple(row.fields),
            again=row.restates is not None,
        )
        for row in decisions
    ]
    lines += [
        HistoryLine(row.id, row.position, names[row.officer_id], row.at, row.device_id is None, reply=row.text)
        for row in replies
    ]
    lines += [
        HistoryLine(row.id, row.position, names[row.officer_id], row.at, row.device_id is None, message=row.text)
        for row in said
    ]
    older = sorted(
        (line for line in lines if before is None or line.position < before),
        key=lambda line: line.position,
        reverse=True,
    )
    return HistoryPage(older[:LINES], len(older) > LINES)
