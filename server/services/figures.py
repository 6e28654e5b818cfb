"""Figures per unit: the counted sums with what waits and what was returned beside them, from the streams' totals.

Every number here opens to its records: `queue.Asked(figure=, bucket=, unit=)` lists exactly those it is the sum of.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, aliased

from server.models import Campaign, Stream, Tally, Unit
from server.problems import Problem
from server.services import census, seals
from server.services.scope import Scope
from server.services.seals import Sheet, Standing
from sync.registry import KINDS, Figure
from sync.text import sort_key


@dataclass(slots=True)
class Cell:
    """One figure of one row: the sums and how many records stand behind each, by bucket."""

    amounts: dict[str, int] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)

    def add(self, other: Cell) -> None:
        """Sum up."""
        for mine, theirs in ((self.amounts, other.amounts), (self.records, other.records)):
            for bucket, value in theirs.items():
                mine[bucket] = mine.get(bucket, 0) + value


@dataclass(slots=True)
class Row:
    """A unit with everything below it; `own`: the unit's own records alone. `records` 0 is silence, never a zero."""

    unit: Unit
    own: bool
    cells: dict[str, Cell]
    records: int = 0
    parent: bool = False
    standing: Standing = field(default_factory=Standing)


@dataclass(frozen=True, slots=True)
class Table:
    """First the total, then the unit's own row, then its children in Vietnamese order."""

    unit: Unit
    path: list[Unit]
    figures: list[Figure]
    total: Row
    rows: list[Row]
    sheet: Sheet | None
    """What the officer may seal here."""


def table(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Table:
    """The figures of a unit the officer may see; else Problem `not_found`."""
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    figures = [f for f in KINDS.figures() if any(f in KINDS[name].figures for name in campaign.kinds if name in KINDS)]
    rows = _rows(session, campaign.id, unit, figures)
    total = Row(unit, own=False, cells={figure.code: Cell() for figure in figures})
    for row in rows:
        total.records += row.records
        total.standing.add(row.standing)
        for code, cell in row.cells.items():
            total.cells[code].add(cell)
    path = [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]
    return Table(unit, path, figures, total, rows, seals.sheet(session, scope, unit, campaign))


def _rows(session: Session, campaign_id: str, unit: Unit, figures: Iterable[Figure]) -> list[Row]:
    """One row for the unit itself and one for each child that takes part in the campaign."""
    places = _places(unit.id)
    here = select(places.c.top, Stream.id).join(Stream, Stream.unit_id == places.c.id)
    streams = here.where(Stream.campaign_id == campaign_id).subquery()
    tops = set(session.scalars(select(streams.c.top).distinct()))
    units = {row.id: row for row in session.scalars(select(Unit).where(Unit.id.in_({*tops, unit.id})))}
    parents = set(session.scalars(select(Unit.parent_id).where(Unit.parent_id.in_(tops)).distinct()))
    rows = {
        id_: Row(each, own=id_ == unit.id, cells={figure.code: Cell() for figure in figures}, parent=id_ in parents)
        for id_, each in units.items()
    }
    for top, figure, bucket, amount, records in session.execute(_sums(streams)):
        if figure in rows[top].cells:
            cell = rows[top].cells[figure]
            cell.amounts[bucket], cell.records[bucket] = int(amount), int(records)
    live = census.records_in(streams.c.top).join(streams, streams.c.id == Stream.id)
    for top, count in session.execute(live.where(census.IN_A_FIGURE)):
        rows[top].records = count
    for top, standing in seals.standings(session, rows, streams).items():
        rows[top].standing = standing
    return sorted(rows.values(), key=lambda row: (not row.own, sort_key(row.unit.short_name), row.unit.id))


def _places(unit_id: str) -> Any:
    """(top, id): each unit of the subtree under the child it belongs to; the unit itself under itself."""
    child, below = aliased(Unit), aliased(Unit)
    start = select(child.id.label("top"), child.id.label("id")).where(child.parent_id == unit_id)
    down = start.cte(recursive=True)
    down = down.union_all(select(down.c.top, below.id).join(down, below.parent_id == down.c.id))
    itself = select(literal(unit_id).label("top"), literal(unit_id).label("id"))
    return select(down.c.top, down.c.id).union_all(itself).subquery()


def _sums(streams: Any) -> Any:
    return (
        select(streams.c.top, Tally.figure, Tally.bucket, func.sum(Tally.amount), func.sum(Tally.records))
        .join(Tally, Tally.stream_id == streams.c.id)
        .group_by(streams.c.top, Tally.figure, Tally.bucket)
    )
