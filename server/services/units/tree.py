"""Walks up and down the tree of units, each in one statement.

A merged unit is below its successor (SPEC L-6). Statements are built once: building one costs as much as running it,
and every request of a client needs these.

Units that have other ones above them since a unit was split (SPEC L-54). Mergers are in the units' own rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Row, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.core.bulk import one_of, one_of_parameter
from server.core.db import read_once
from server.models import Unit, UnitSplit
from server.models.units import by_name


@dataclass(frozen=True, slots=True)
class UnitMove:
    """`unit` went from below `before` to below `to`. `at`: when, milliseconds; `until`: when it went back, or None."""

    unit: str
    before: str
    to: str
    at: int
    until: int | None

    def differs_since(self, then: int) -> bool:
        """True if the unit was elsewhere at that moment than it is since the move, or since it went back."""
        return (then < self.at) != (self.until is not None and then < self.until)


def moves(session: Session) -> list[UnitMove]:
    """Return all moves of units, oldest first. Splits are few: some in a year."""
    rows = session.scalars(select(UnitSplit).order_by(UnitSplit.at, UnitSplit.id))
    return [UnitMove(*move, row.at, row.taken_back_at) for row in rows for move in row.units_moved]


def never_were(session: Session) -> list[str]:
    """Return the units that came into being by splits that were taken back, but for those with a record.

    A phone that had not heard of it may have recorded for one.
    """
    from server.models import Record, Stream  # noqa: PLC0415  # whoever only lists units does without

    undone = session.scalars(select(UnitSplit).where(UnitSplit.taken_back_at.is_not(None)))
    ids = [unit for row in undone for unit in row.new_ids]
    if not ids:
        return []
    held = select(Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(Stream.unit_id.in_(ids))
    return sorted(set(ids) - set(session.scalars(held.distinct())))


Link = Row[str, str | None, int | None]
"""(id, parent_id, merged_at) of a unit."""

_NAMED = 1_000
_NUMBER = select(func.count()).select_from(Unit)
_LINK = (Unit.id, Unit.parent_id, Unit.merged_at)
_LINKS = select(*_LINK)


def above(columns: Sequence[InstrumentedAttribute[Any]]) -> CTE:
    """These columns of the units in the parameter `units` and of all above them, with id and parent_id.

    The walk itself reads them: a planner that has to join them expects a long walk.
    """
    up = select(*columns).where(one_of_parameter(Unit.id, "units")).cte(recursive=True)
    parent = aliased(Unit)
    step = select(*(getattr(parent, column.key) for column in columns))
    return up.union(step.join(up, parent.id == up.c.parent_id))


def _down(*, merged_only: bool) -> CTE:
    down = select(Unit.id).where(one_of_parameter(Unit.id, "tops")).cte(recursive=True)
    child = aliased(Unit)
    step = select(child.id).join(down, child.parent_id == down.c.id)
    return down.union(step.where(child.merged_at.is_not(None)) if merged_only else step)


_ALL = _down(merged_only=False)
_ABOVE_LINKS = select(*above(_LINK).c)
_BELOW = select(_ALL.c.id)
_BELOW_LINKS = _LINKS.join(_ALL, _ALL.c.id == Unit.id)
_TAKEN_OVER = _down(merged_only=True)
_MERGED = select(_TAKEN_OVER.c.id)
_STANDING = (
    select(Unit.id).join(_TAKEN_OVER, Unit.parent_id == _TAKEN_OVER.c.id).where(Unit.merged_at.is_(None)).limit(1)
)


def links_above(session: Session, unit_ids: Iterable[str]) -> list[Link]:
    """These units and those above them, unordered; nothing for an unknown unit."""
    return list(session.execute(_ABOVE_LINKS, {"units": list(unit_ids)}))


def links_below(session: Session, tops: Iterable[str]) -> list[Link]:
    """These units and all below them, unordered."""
    return list(session.execute(_BELOW_LINKS, {"tops": list(tops)}))


def ancestry(session: Session, unit_id: str) -> tuple[str, ...]:
    """A unit's id and its ancestors', upwards."""
    return path(unit_id, {id_: parent_id for id_, parent_id, _ in links_above(session, [unit_id])})


def changed_areas(session: Session, unit_ids: Collection[str]) -> set[str]:
    """Those of these units and of all above them that are not above all: what one gives another changes their area."""
    parents = {id_: parent_id for id_, parent_id, _ in links_above(session, unit_ids)}
    paths = [set(path(unit_id, parents)) for unit_id in unit_ids]
    return set[str]().union(*paths) - paths[0].intersection(*paths)


def subtree(session: Session, tops: Iterable[str]) -> list[str]:
    """Ids of these units and all below them."""
    return list(session.scalars(_BELOW, {"tops": list(tops)}))


def among(
    session: Session, column: InstrumentedAttribute[str], unit_ids: Collection[str], tops: Iterable[str]
) -> ColumnElement[bool]:
    """SQL condition: the column names one of these units, which are `tops` and all below them.

    A few units are listed, which every planner handles best. For many, the list costs more than the walk; and of all
    units there is nothing to ask, and no walk.
    """
    if len(unit_ids) <= _NAMED:
        return one_of(column, unit_ids)
    if len(unit_ids) == read_once(session, "units", lambda: session.scalar(_NUMBER)):
        return true()
    down = select(Unit.id).where(Unit.id.in_(list(tops))).cte(recursive=True)
    child = aliased(Unit)
    down = down.union(select(child.id).join(down, child.parent_id == down.c.id))
    return column.in_(select(down.c.id))


def has_below(session: Session, unit_id: str) -> bool:
    """True if a unit that still stands is below it: right below, or below one that was merged into it."""
    return session.scalar(_STANDING, {"tops": [unit_id]}) is not None


def merged_into(session: Session, unit_ids: Iterable[str]) -> list[str]:
    """The units themselves and those merged into them, directly or through another: their records are theirs today."""
    return list(session.scalars(_MERGED, {"tops": list(unit_ids)}))


def predecessors(session: Session, unit_id: str) -> list[Unit]:
    """The units that this one stands for since they were merged into it, directly or through another, last ones first.

    Not a unit that was in force on no day, because the split that made it was taken back.
    """
    ids = set(merged_into(session, [unit_id])) - {unit_id}
    found = session.scalars(select(Unit).where(one_of(Unit.id, ids))).all() if ids else ()
    return sorted((unit for unit in found if not unit.was_never), key=lambda unit: (-(unit.merged_at or 0), unit.code))


def line(session: Session, unit: Unit) -> list[Unit]:
    """The unit and those that it was merged into, one after the other: the last one stands for it today."""
    found = [unit]
    while found[-1].merged_at is not None and found[-1].parent_id is not None:
        found.append(session.get_one(Unit, found[-1].parent_id))
    return found


def since(line: Sequence[Unit]) -> date | None:
    """The first day on which the last unit of such a line stands for the first: that of the last merger between them.

    None for a unit by itself. They need not have been made in the order of their days.
    """
    return max((unit.merged_on for unit in line[:-1] if unit.merged_on is not None), default=None)


def path(unit_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """From the unit upwards as far as `parents` reaches."""
    found: list[str] = []
    here: str | None = unit_id
    while here is not None and here in parents and here not in found:
        found.append(here)
        here = parents[here]
    return tuple(found)


def listed(session: Session) -> list[tuple[int, Unit]]:
    """The whole tree from the top, each unit with its depth; siblings in Vietnamese order."""
    below: dict[str | None, list[Unit]] = {}
    for unit in session.scalars(select(Unit)):
        below.setdefault(unit.parent_id, []).append(unit)
    found: list[tuple[int, Unit]] = []
    waiting = [(0, unit) for unit in _in_order(below.get(None, []))]
    while waiting:
        depth, unit = waiting.pop(0)
        found.append((depth, unit))
        waiting[:0] = [(depth + 1, child) for child in _in_order(below.get(unit.id, []))]
    return found


def _in_order(units: Iterable[Unit]) -> list[Unit]:
    return sorted(units, key=lambda unit: (by_name(unit.short_name), unit.id))
