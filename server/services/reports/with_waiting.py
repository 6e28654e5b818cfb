"""Figures "kể cả chờ duyệt": what waits is added to what is counted, and each such amount is marked."""

from __future__ import annotations

from dataclasses import replace

from server.services.figures.matrix import Cell, MatrixRow
from server.services.records.projection import BUCKETS
from server.services.reports.gather import Gathered
from server.services.reports.prose import COUNTED

MARKED = "marked"
"""The key of a cell's mark beside its amounts: 1 if something in the amount waits."""


def with_waiting(found: Gathered) -> Gathered:
    """Copy the tables with the other amounts."""
    table = found.table
    rows = [_row(row) for row in table.rows]
    below = {unit: with_waiting(each) for unit, each in found.below.items()}
    return Gathered(replace(table, total=_row(table.total), rows=rows), below)


def _row(row: MatrixRow) -> MatrixRow:
    return replace(row, cells={code: _cell(cell) for code, cell in row.cells.items()})


def _cell(cell: Cell) -> Cell:
    amounts = {COUNTED: cell.included, MARKED: int(bool(cell.records.get(BUCKETS[1])))}
    return replace(cell, amounts=amounts)
