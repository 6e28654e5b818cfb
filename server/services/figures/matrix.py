"""Figures per unit, from the streams' totals: the counted sums beside what waits and what was returned."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Unit
from server.services.figures import asked
from server.services.figures.cells import Cell, MatrixRow, Table
from server.services.figures.reader import RowReader
from server.services.units.scope import Scope

__all__ = ["Cell", "MatrixRow", "Table", "table"]


def table(session: Session, scope: Scope, campaign: Campaign, unit_id: str, *, deep: bool = False) -> Table:
    """The figures of a unit that the officer may see; else Problem `not_found`.

    `deep`: with a row for each unit of the tree.
    """
    if unit_id not in scope.visible():
        raise Problem("not_found")
    unit = session.get_one(Unit, unit_id)
    reader = RowReader(session, campaign, unit, asked.possible(campaign))
    rows = reader.rows(deep=False)
    total = reader.total(rows)
    if deep:
        _hang(rows, reader.rows(deep=True), reader.homes())
    path = [session.get_one(Unit, above) for above in reversed(scope.chain(unit_id)) if scope.may_see(above)]
    return Table(unit, path, reader.figures, total, rows)


def _hang(rows: Iterable[MatrixRow], each: Iterable[MatrixRow], homes: dict[str, str]) -> None:
    """Put each unit below its direct child; a child with nothing below it stays one row."""
    below: dict[str, list[MatrixRow]] = {}
    for row in each:
        below.setdefault(homes.get(row.unit.id, ""), []).append(row)
    for row in rows:
        mine = [] if row.own else below.get(row.unit.id, [])
        if len(mine) > 1:
            for one in mine:
                one.own = one.unit.id == row.unit.id
            row.below = sorted(mine, key=lambda one: not one.own)  # stable: otherwise keeps their order
