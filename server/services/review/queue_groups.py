"""Records of a filter, grouped as lists count them: read once for all counts of a page.

The kept counts (`census`) do not know figures, but their running totals know how many records are behind each. Which
rule a hint is of nobody counts: those records are read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, FromClause, Select, case, column, false, func, literal, select, true, union_all
from sqlalchemy.orm import Session

from server.models import Census, Record, Stream, Tally
from server.services.records import late
from sync.late import AFTER_DUE


class Group(NamedTuple):
    """Records that are alike in this. `unit`: theirs, or one of several units whose records are alike for the officer.

    Where records are only counted, not counted by unit, units are put together: a country has ten thousand.
    """

    unit: str
    state: str
    conflicted: bool
    after_due: bool = False
    """Only where records are read one by one."""


Groups = Mapping[Group, int]


def kept(campaign_id: str, alike: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """(stream_id, state, conflicted, records) of the kept counts of a campaign. `alike`: conditions on Census."""
    columns: list[Any] = [Census.stream_id, Census.state, Census.conflicted, Census.records]
    kept_counts = select(*columns).join(Stream, Stream.id == Census.stream_id).where(Census.records != 0)
    return kept_counts.where(Stream.campaign_id == campaign_id, *alike)


def behind_figure(streams: ColumnElement[bool], figure: str, buckets: Collection[str]) -> Select[Any]:
    """(stream_id, state, conflicted, records) behind a figure. A bucket is a state, but of records that are amended.

    `streams` is asked where the rows are read: a CTE that is read four times is made whole, for a whole campaign.
    """
    counted = (Tally.records, Tally.amended, Tally.conflicted, Tally.amended_conflicted)
    query = select(Tally.stream_id, Tally.bucket, *counted).join(Stream, Stream.id == Tally.stream_id)
    query = query.where(streams, Tally.figure == figure, Tally.bucket.in_(buckets))
    each = query.cte("behind")
    rest = each.c.records - each.c.amended - each.c.conflicted - each.c.amended_conflicted
    parts = (
        (each.c.bucket, false(), rest),
        (each.c.bucket, true(), each.c.conflicted),
        (literal("amended"), false(), each.c.amended),
        (literal("amended"), true(), each.c.amended_conflicted),
    )
    found = union_all(
        *(
            select(each.c.stream_id, state.label("state"), conflicted.label("conflicted"), records.label("records"))
            for state, conflicted, records in parts
        )
    ).subquery()
    return select(found)


def together(
    session: Session, source: Select[Any], streams: ColumnElement[bool], alike: Sequence[ColumnElement[bool]]
) -> Groups:
    """Add up such a source. `streams`: a condition on Stream. `alike`: others; units that meet the same go together."""
    each = source.subquery()
    marks = [case((one, 1), else_=0).label(f"mark{place}") for place, one in enumerate(alike)]
    # Made whole, so that a condition is asked of each stream, and not of each of its counts.
    homes = select(Stream.id, Stream.unit_id, *marks).where(streams).cte("homes")
    homes = homes.prefix_with("MATERIALIZED", dialect="postgresql")
    columns = (each.c.state, each.c.conflicted)
    query = select(func.min(homes.c.unit_id), *columns, func.sum(each.c.records))
    query = query.join_from(homes, each, each.c.stream_id == homes.c.id)
    found: Counter[Group] = Counter()
    rows = session.execute(query.group_by(*columns, *(homes.c[mark.name] for mark in marks)))
    for unit, state, conflicted, count in rows:
        found[Group(unit, state, bool(conflicted))] += int(count)
    return +found


def by_unit_of(
    session: Session,
    source: Select[Any],
    streams: ColumnElement[bool],
    holds: Callable[[Any], ColumnElement[bool]],
) -> Counter[str]:
    """Add up those of such a source for which `holds`, a condition on its columns and Stream, by unit."""
    each = source.subquery()
    query = select(Stream.unit_id, func.sum(each.c.records)).join(each, each.c.stream_id == Stream.id)
    rows = session.execute(query.where(streams, holds(each.c)).group_by(Stream.unit_id))
    return +Counter({unit: int(count) for unit, count in rows})


def number_of(
    session: Session,
    source: Select[Any],
    streams: ColumnElement[bool],
    holds: Callable[[Any], ColumnElement[bool]],
) -> int:
    """Add up those of such a source for which `holds`, as in `by_unit_of`, of all units together."""
    each = source.subquery()
    query = select(func.sum(each.c.records)).select_from(each).join(Stream, Stream.id == each.c.stream_id)
    return int(session.scalar(query.where(streams, holds(each.c))) or 0)


def counted(session: Session, records: FromClause, conditions: Sequence[ColumnElement[bool]]) -> Groups:
    """Count the records whose ids these are, if they meet the conditions on Record and Stream."""
    columns = (Stream.unit_id, Record.state, Record.conflicted)
    query = select(*columns, func.count()).select_from(records).join(Record, Record.id == records.c.record_id)
    query = query.join(Stream, Stream.id == Record.stream_id).where(*conditions).group_by(*columns)
    return {Group(unit, state, conflicted): int(count) for unit, state, conflicted, count in session.execute(query)}


def one_by_one(session: Session, streams: ColumnElement[bool], conditions: Sequence[ColumnElement[bool]]) -> Groups:
    """Count the records that meet the conditions on Record and Stream. `streams`: the one on Stream alone."""
    after_due = late.marked(session, AFTER_DUE, streams).label("after_due")
    columns = (Stream.unit_id, Record.state, Record.conflicted, after_due)
    query = select(*columns, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    rows = session.execute(query.where(*conditions).group_by(*columns[:3], column("after_due")))
    return {Group(unit, state, conflicted, bool(after)): int(count) for unit, state, conflicted, after, count in rows}


def by_unit(groups: Groups, holds: Callable[[Group], bool] = lambda _: True) -> Counter[str]:
    """Return the numbers of those for which `holds`, by unit."""
    found: Counter[str] = Counter()
    for group, count in groups.items():
        if holds(group):
            found[group.unit] += count
    return found


def by_state(groups: Groups) -> Counter[str]:
    """Return the numbers by state."""
    found: Counter[str] = Counter()
    for group, count in groups.items():
        found[group.state] += count
    return found
