"""Records of a filter that names a figure or a hint, grouped as lists count them: read once for all counts of a page.

The kept counts (`census`) know neither. Behind a figure stand as many records of a bucket as its running total says,
and a bucket is a state, but for records that are amended or in conflict: these few are read one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, column, func, literal_column, or_, select
from sqlalchemy.orm import Session

from server.models import Record, Stream, Tally, Unit
from server.services.records import late

APART: ColumnElement[bool] = or_(Record.conflicted, Record.state == literal_column("'amended'"))
"""Records whose bucket does not say their state, or which need settling. An index has these alone."""


class Group(NamedTuple):
    """Records that are alike in this."""

    unit: str
    state: str
    conflicted: bool
    after_due: bool = False
    """Only where records are read one by one."""


Groups = Mapping[Group, int]


def one_by_one(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Groups:
    """Count the records that meet the conditions on Record and Stream."""
    columns = (Stream.unit_id, Record.state, Record.conflicted, late.after_due(session).label("after_due"))
    query = select(*columns, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    query = query.join(Unit, Unit.id == Stream.unit_id).where(*conditions)
    rows = session.execute(query.group_by(*columns[:3], column("after_due")))
    return {Group(unit, state, conflicted, bool(after)): int(count) for unit, state, conflicted, after, count in rows}


def behind_figure(
    session: Session,
    figure: str,
    buckets: Collection[str],
    streams: Sequence[ColumnElement[bool]],
    narrowed: Sequence[ColumnElement[bool]],
) -> Groups:
    """Count the records behind a figure. `narrowed`: the same as conditions on Record."""
    found: Counter[Group] = Counter()
    kept = select(Stream.unit_id, Tally.bucket, func.sum(Tally.records)).join(Stream, Stream.id == Tally.stream_id)
    kept = kept.where(Tally.figure == figure, Tally.bucket.in_(buckets), *streams)
    for unit, bucket, count in session.execute(kept.group_by(Stream.unit_id, Tally.bucket)):
        found[Group(unit, bucket, conflicted=False)] += int(count)
    columns = (Stream.unit_id, Record.bucket, Record.state, Record.conflicted)
    apart = select(*columns, func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    apart = apart.where(APART, *streams, *narrowed).group_by(*columns)
    for unit, kept_as, state, conflicted, count in session.execute(apart):
        found[Group(unit, str(kept_as), conflicted=False)] -= int(count)
        found[Group(unit, state, conflicted)] += int(count)
    return {group: count for group, count in found.items() if count > 0}


def told(groups: Groups, by: Any, holds: Callable[[Group], bool] = lambda _: True) -> Counter[str]:
    """Return the numbers of those for which `holds`, by unit or, with the column `state`, by state."""
    found: Counter[str] = Counter()
    for group, count in groups.items():
        if holds(group):
            found[group.state if by.key == "state" else group.unit] += count
    return found
