"""Records with a late write: after the seal, the campaign's end or the due date (SPEC L-1, L-13).

Nothing of this is stored. The few streams with a write behind their line are found first by columns of the stream;
without that, the query would read every write there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    case,
    column,
    exists,
    false,
    func,
    literal,
    select,
    values,
)
from sqlalchemy.orm import Session

from server.models import Campaign, Census, Record, Stream, Unit, WriteRow
from server.services.records.projection import is_activity
from server.services.records.record_counts import records_in
from sync.late import AFTER_DUE, AFTER_END, AFTER_SEAL, LATE_MARKS, Lines, due_at

_LINES = {AFTER_SEAL: Stream.sealed, AFTER_END: Stream.closed}


def due_before(campaign: Campaign, level: str) -> date:
    """The first day that is too late for units of this level: the level's own, or the campaign's."""
    own = campaign.due_levels.get(level)
    return date.fromisoformat(own) if own else campaign.due_before


def lines(stream: Stream, unit: Unit, campaign: Campaign) -> Lines:
    """The limits for the writes of this stream."""
    return Lines(stream.sealed, stream.closed, due_at(due_before(campaign, unit.level)))


def marked(session: Session, mark: str, *of_streams: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on Record: submitted and with this mark, in streams that meet the conditions."""
    if mark != AFTER_DUE:
        return Record.id.in_(records(session, mark, *of_streams))
    due = _due(session)
    late = select(Stream.id, due.label("due")).join(Unit, Unit.id == Stream.unit_id)
    behind = late.where(Stream.received_at >= due, *of_streams).subquery()
    # No self-join of records: a planner that expects few late ones scans them once for each record.
    after = exists().where(behind.c.id == Record.stream_id, Record.received_at >= behind.c.due)
    return and_(is_activity(), Record.state != "draft", after)


def counts(
    session: Session,
    mark: str,
    by: Any,
    *of_streams: ColumnElement[bool],
    alike: Sequence[ColumnElement[bool]] | None = (),
    each: Sequence[ColumnElement[bool]] = (),
) -> Counter[str]:
    """Number of submitted records with this mark, by a column of Stream, in streams that meet the conditions.

    `alike` and `each` narrow it: the same conditions, on Census and on Record. Streams that are late from
    their first record on are read from the record counts; of any other stream the late records are counted.
    `alike` None: the record counts do not have it.
    """
    found: Counter[str] = Counter()
    if mark == AFTER_DUE:
        whole, partly = _late_streams(session, *of_streams)
        if alike is None:
            partly += whole
        elif whole:
            counted = records_in(by).where(Stream.id.in_(whole), Census.state != "draft", *alike)
            found.update({key: int(count) for key, count in session.execute(counted)})
        found.update(_late_in(session, partly, by, each))
        return found
    single = select(by, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    single = single.where(marked(session, mark, *of_streams), *each).group_by(by)
    found.update({key: count for key, count in session.execute(single)})  # noqa: C416  # rows are no plain pairs for mypy
    return found


def _late_in(session: Session, streams: Sequence[str], by: Any, each: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    """Number of records with a write after the due date, stream by stream: the index has them together.

    Joined, a planner that expects many late ones reads all records of the campaign.
    """
    if not streams:
        return {}
    late_ones = select(func.count()).where(Record.stream_id == Stream.id, Record.received_at >= _due(session))
    late_ones = late_ones.where(is_activity(), Record.state != "draft", *each).correlate(Stream, Unit)
    count = func.sum(late_ones.scalar_subquery())
    rows = (
        select(by, count).join_from(Stream, Unit, Unit.id == Stream.unit_id).where(Stream.id.in_(streams)).group_by(by)
    )
    return {key: int(number) for key, number in session.execute(rows) if number}


def _late_streams(session: Session, *of_streams: ColumnElement[bool]) -> tuple[list[str], list[str]]:
    """Ids of streams in which every record has a write after the due date, and of those with others beside them."""
    due = _due(session)
    first = select(func.min(Record.received_at)).where(Record.stream_id == Stream.id).correlate(Stream)
    late = select(Stream.id, first.scalar_subquery() >= due).join(Unit, Unit.id == Stream.unit_id)
    rows = session.execute(late.where(Stream.received_at >= due, *of_streams)).all()
    return [id_ for id_, whole in rows if whole], [id_ for id_, whole in rows if not whole]


def records(session: Session, mark: str, *of_streams: ColumnElement[bool]) -> Select[str]:
    """Ids of submitted records with this mark, in streams that meet the conditions."""
    if mark == AFTER_DUE:
        return select(Record.id).where(marked(session, mark, *of_streams))
    found = select(Record.id).where(is_activity(), Record.state != "draft")
    line = _LINES[mark]
    rows = session.execute(select(Stream.id, line).where(Stream.written > line, *of_streams)).all()
    if not rows:
        return found.where(false())
    found = found.distinct()  # a record may have several late writes
    named = values(column("stream_id", String), column("last", BigInteger), name="behind").data(rows).cte()
    late_write = (WriteRow.stream_id == named.c.stream_id) & (WriteRow.position > named.c.last)
    return found.join(WriteRow, WriteRow.record_id == Record.id).join(named, late_write)


def after_due(session: Session) -> ColumnElement[bool]:
    """SQL expression over Record, Stream and Unit: submitted, with a write after the due date."""
    return and_(Record.state != "draft", Record.received_at >= _due(session))


def _due(session: Session) -> ColumnElement[int]:
    """SQL expression over Stream and Unit: the due moment, by the campaign and the unit's level."""
    campaigns = session.scalars(select(Campaign)).all()
    own = [
        ((Stream.campaign_id == each.id) & (Unit.level == level), due_at(date.fromisoformat(day)))
        for each in campaigns
        for level, day in each.due_levels.items()
    ]
    default = [(Stream.campaign_id == each.id, due_at(each.due_before)) for each in campaigns]
    whens = [*own, *default]
    return case(*whens, else_=literal(2**62)) if whens else literal(2**62)


def marks_of(session: Session, found: Collection[Record]) -> dict[str, list[str]]:
    """The marks of these records, by id; records without marks are left out."""
    ids, streams = [record.id for record in found], {record.stream_id for record in found}
    marks: dict[str, list[str]] = {}
    for mark in LATE_MARKS if found else ():
        late = records(session, mark, Stream.id.in_(streams))
        for id_ in session.scalars(late.where(Record.id.in_(ids))):
            marks.setdefault(id_, []).append(mark)
    return marks
