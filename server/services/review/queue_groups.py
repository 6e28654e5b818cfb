"""Records of a filter, grouped as lists count them: read once for all counts of a page.

The kept counts (`census`) do not know figures, but their running totals know how many records are behind each. Which
rule a hint is of nobody counts: those records are read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, column, func, select
from sqlalchemy.orm import Session

from server.models import Census, Record, Stream, Tally
from server.services.records import late
from server.services.records.projection import records_in
from sync.late import AFTER_DUE


class Group(NamedTuple):
    """Records that are alike in this."""

    unit: str
    state: str
    conflicted: bool
    after_due: bool = False
    """Only where records are read one by one."""


Groups = Mapping[Group, int]


def kept(session: Session, streams: ColumnElement[bool], alike: Sequence[ColumnElement[bool]]) -> Groups:
    """Read the kept counts of streams. `alike`: conditions on Census."""
    columns = (Stream.unit_id, Census.state, Census.conflicted)
    rows = session.execute(records_in(*columns).where(streams, *alike))
    return {Group(unit, state, conflicted): int(count) for unit, state, conflicted, count in rows}


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


def behind_figure(session: Session, figure: str, buckets: Collection[str], streams: ColumnElement[bool]) -> Groups:
    """Read how many records are behind a figure. A bucket is a state, but of the records that are amended."""
    kept = (Tally.records, Tally.amended, Tally.conflicted, Tally.amended_conflicted)
    query = select(Stream.unit_id, Tally.bucket, *map(func.sum, kept)).join(Stream, Stream.id == Tally.stream_id)
    query = query.where(Tally.figure == figure, Tally.bucket.in_(buckets), streams)
    found: Counter[Group] = Counter()
    for unit, bucket, *counts in session.execute(query.group_by(Stream.unit_id, Tally.bucket)):
        every, amended, conflicted, both = map(int, counts)
        found[Group(unit, bucket, conflicted=False)] += every - amended - conflicted - both
        found[Group(unit, bucket, conflicted=True)] += conflicted
        found[Group(unit, "amended", conflicted=False)] += amended
        found[Group(unit, "amended", conflicted=True)] += both
    return +found


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
