"""Records with a late write: after the seal, the campaign's end or the due date (SPEC L-1, L-13).

Nothing of this is stored. The few streams with a write behind their line are found first by columns of the stream;
without that, the query would read every write there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
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
    false,
    func,
    literal,
    or_,
    select,
    values,
)
from sqlalchemy.orm import Session

from server.core.bulk import grouped, one_of
from server.core.db import read_once
from server.models import Campaign, Census, Record, Stream, Unit, WriteRow
from server.services.records.projection import is_activity, records_in
from sync.late import AFTER_DUE, AFTER_END, AFTER_SEAL, LATE_MARKS, Lines, due_at
from sync.record import PURGED
from sync.registry import KINDS

_LINES = {AFTER_SEAL: Stream.sealed, AFTER_END: Stream.closed}
Crossed = Mapping[str, Mapping[str, int]]
_NAMED = 500
"""Late streams up to which a list names them; beyond, it compares each record with its due moment."""


def due_before(campaign: Campaign, level: str) -> date:
    """The first day that is too late for units of this level: the level's own, or the campaign's."""
    own = campaign.due_levels.get(level)
    return date.fromisoformat(own) if own else campaign.due_before


def nearness(campaign: Campaign, day: date) -> tuple[bool, int, str]:
    """How near a campaign is on a day, the nearest first: under way, by its next due date; still to come; then ended.

    It has ended once the last level's due date is over. A practice campaign is as near as any other.
    """
    due = {campaign.due_before, *map(date.fromisoformat, campaign.due_levels.values())}
    if day >= max(due) and day > campaign.ends_on:
        return True, (day - max(due)).days, campaign.id
    if campaign.starts_on > day:
        return False, 100_000 + (campaign.starts_on - day).days, campaign.id
    return False, min((each - day).days for each in due if each > day or each == max(due)), campaign.id


def lines(stream: Stream, unit: Unit, campaign: Campaign) -> Lines:
    """The limits for the writes of this stream."""
    return Lines(stream.sealed, stream.closed, due_at(due_before(campaign, unit.level)))


def marked(session: Session, mark: str, of_streams: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on Record, joined with its Stream: submitted, with this mark, in streams that meet the condition."""
    if mark == AFTER_DUE and len(crossed(session, of_streams)[mark]) > _NAMED:
        return and_(_submitted(), of_streams, Record.received_at >= _due(session, _is_of_level))
    return _marked(session, mark, of_streams)


def any_mark(session: Session, of_streams: ColumnElement[bool]) -> ColumnElement[bool]:
    """Condition on Record: submitted and with one of the marks, in streams that meet the condition."""
    return or_(false(), *(_marked(session, mark, of_streams) for mark in LATE_MARKS))


def _marked(session: Session, mark: str, of_streams: ColumnElement[bool]) -> ColumnElement[bool]:
    since = crossed(session, of_streams)[mark]
    if not since:
        return false()
    if mark != AFTER_DUE:
        return Record.id.in_(_in_streams(since))
    return and_(_submitted(), _after(since))


def _after(due: Mapping[str, int]) -> ColumnElement[bool]:
    """Condition on Record: of one of these streams, with a write after its due moment. Few moments are different."""
    lines = grouped((moment, stream_id) for stream_id, moment in due.items())
    return or_(false(), *(and_(Record.received_at >= at, one_of(Record.stream_id, ids)) for at, ids in lines.items()))


def crossed(session: Session, of_streams: ColumnElement[bool]) -> Crossed:
    """By mark: the streams with a write behind their line, and the line: a position, or the due moment.

    Few streams have such a write, often none; then nothing else need be asked. Several parts of a page ask with the
    same condition: inside one `reading()` it is read once.
    """
    known: list[tuple[ColumnElement[bool], Crossed]] = read_once(session, "crossed", list)
    found = next((found for condition, found in known if condition is of_streams), None)
    if found is None:
        known.append((of_streams, found := _crossed(session, of_streams)))
    return found


def _crossed(session: Session, of_streams: ColumnElement[bool]) -> Crossed:
    due = _due(session)
    over = or_(*(Stream.written > line for line in _LINES.values()), Stream.received_at >= due)
    lines = [line.label(mark) for mark, line in _LINES.items()]
    columns: list[Any] = [Stream.id, Stream.written, Stream.received_at, due.label(AFTER_DUE), *lines]
    found: dict[str, dict[str, int]] = {mark: {} for mark in LATE_MARKS}
    rows = session.execute(select(*columns).join(Unit, Unit.id == Stream.unit_id).where(over, of_streams))
    for id_, written, received_at, due_from, *positions in rows:  # of a country ten thousand
        if received_at >= due_from:
            found[AFTER_DUE][id_] = due_from
        for mark, position in zip(_LINES, positions, strict=True):
            if position is not None and written > position:
                found[mark][id_] = position
    return found


def counts(
    session: Session,
    mark: str,
    by: Any,
    of_streams: ColumnElement[bool],
    alike: Sequence[ColumnElement[bool]] | None = (),
    each: Sequence[ColumnElement[bool]] = (),
) -> Counter[str]:
    """Number of submitted records with this mark, by a column of Stream, in streams that meet the condition.

    `alike` and `each` narrow it: the same conditions, on Census and on Record. Streams that are late from
    their first record on are read from the record counts; of any other stream the late records are counted.
    `alike` None: the record counts do not have it.
    """
    found: Counter[str] = Counter()
    since = crossed(session, of_streams)[mark]
    if not since:
        return found
    if mark == AFTER_DUE:
        whole, partly = _late_streams(session, since)
        if alike is None:
            partly += whole
        elif whole:
            counted = records_in(by).where(one_of(Stream.id, whole), Census.state != "draft", *alike)
            found.update({key: int(count) for key, count in session.execute(counted)})
        found.update(_late_in(session, partly, by, each))
        return found
    single = select(by, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    single = single.where(Record.id.in_(_in_streams(since)), *each).group_by(by)
    found.update({key: count for key, count in session.execute(single)})  # noqa: C416  # rows are no plain pairs for mypy
    return found


def count_up_to(
    session: Session,
    mark: str,
    of_streams: ColumnElement[bool],
    most: int,
    each: Sequence[ColumnElement[bool]] = (),
) -> int:
    """Count the records with this mark in such streams, up to `most` + 1: it stops counting there."""
    since = crossed(session, of_streams)[mark]
    if not since:
        return 0
    if mark == AFTER_DUE:
        found = select(Record.id).where(_submitted(), _after(since), *each)
    else:
        found = _in_streams(since).where(*each)
    return session.scalar(select(func.count()).select_from(found.limit(most + 1).subquery())) or 0


def _late_in(session: Session, streams: Sequence[str], by: Any, each: Sequence[ColumnElement[bool]]) -> dict[str, int]:
    """Number of records with a write after the due date, stream by stream: the index has them together.

    Joined, a planner that expects many late ones reads all records of the campaign.
    """
    if not streams:
        return {}
    late_ones = select(func.count()).where(Record.stream_id == Stream.id, Record.received_at >= _due(session))
    late_ones = late_ones.where(_submitted(), *each).correlate(Stream, Unit)
    count = func.sum(late_ones.scalar_subquery())
    rows = select(by, count).join_from(Stream, Unit, Unit.id == Stream.unit_id)
    return {
        key: int(number)
        for key, number in session.execute(rows.where(one_of(Stream.id, streams)).group_by(by))
        if number
    }


def _late_streams(session: Session, since: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Ids of streams in which every record has a write after the due date, and of those with others beside them."""
    first = select(func.min(Record.received_at)).where(Record.stream_id == Stream.id).correlate(Stream)
    rows = session.execute(select(Stream.id, first.scalar_subquery()).where(one_of(Stream.id, since))).all()
    whole = {id_ for id_, received_at in rows if received_at is not None and received_at >= since[id_]}
    return sorted(whole), sorted(since.keys() - whole)


def _in_streams(streams: Mapping[str, int]) -> Select[str]:
    """Ids of submitted records with a write behind the position of their stream."""
    named = values(column("stream_id", String), column("last", BigInteger), name="behind")
    lines = named.data(list(streams.items())).cte()
    late_write = (WriteRow.stream_id == lines.c.stream_id) & (WriteRow.position > lines.c.last)
    found = select(Record.id).where(_submitted()).distinct()  # a record may have several late writes
    return found.join(WriteRow, WriteRow.record_id == Record.id).join(lines, late_write)


def _submitted() -> ColumnElement[bool]:
    return and_(is_activity(), Record.state != "draft")


def _has_level(level: str) -> ColumnElement[bool]:
    return Unit.level == level


def _is_of_level(level: str) -> ColumnElement[bool]:
    """As `_has_level`, for a statement that does not join Unit."""
    return Stream.unit_id.in_(select(Unit.id).where(Unit.level == level))


def _due(session: Session, of_level: Callable[[str], ColumnElement[bool]] = _has_level) -> ColumnElement[int]:
    """SQL expression over Stream and Unit: the due moment, by the campaign and the unit's level."""
    campaigns = read_once(session, "campaigns", lambda: session.scalars(select(Campaign)).all())
    own = [
        ((Stream.campaign_id == each.id) & of_level(level), due_at(date.fromisoformat(day)))
        for each in campaigns
        for level, day in each.due_levels.items()
    ]
    default = [(Stream.campaign_id == each.id, due_at(each.due_before)) for each in campaigns]
    whens = [*own, *default]
    return case(*whens, else_=literal(2**62)) if whens else literal(2**62)


def marks_of(session: Session, found: Collection[Record]) -> dict[str, list[str]]:
    """The marks of these records, by id; records without marks are left out."""
    if not found:
        return {}
    ids = [record.id for record in found]
    since = crossed(session, one_of(Stream.id, sorted({record.stream_id for record in found})))
    marks: dict[str, list[str]] = {}
    for mark in LATE_MARKS:
        if mark == AFTER_DUE:
            late_ones = [each.id for each in found if _is_after_due(each, since[mark])]
        elif since[mark]:
            late_ones = list(session.scalars(_in_streams(since[mark]).where(one_of(Record.id, ids))))
        else:
            continue
        for id_ in late_ones:
            marks.setdefault(id_, []).append(mark)
    return marks


def _is_after_due(record: Record, due: Mapping[str, int]) -> bool:
    submitted = record.state not in ("draft", PURGED) and not KINDS.is_act(record.kind)
    return submitted and record.received_at >= due.get(record.stream_id, record.received_at + 1)
