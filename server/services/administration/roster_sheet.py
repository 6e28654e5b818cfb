"""A spreadsheet of units or people as rows of cells, each under the column that its head names.

Cells stay as they were written until the dry run judges them (unit_rows.py, people_rows.py), so that each fault names
its row and column. A formula is never computed: its value in the file may be anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.core.problem_details import Problem
from server.services.administration.roster_words import COLUMNS, SheetColumn
from server.services.comparison import grid, workbook
from server.services.comparison.grid import Cell, CellGrid
from sync.text import fold, normal

MOST_ROWS: Final = 2000
"""Rows of a list: a province's communes, or its people in a few files."""
HEAD_WITHIN: Final = 20
"""The heads stand in one of the first rows; above it may be a title."""
MERGED: Final[Cell] = ("m", "")
"""A cell that is merged with one before it."""


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line: its number in the sheet, from 1, and its cells in the order of the columns."""

    number: int
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class ReadRoster:
    """A list that was read. `letters`: of each column in the sheet; empty for one that is not there."""

    letters: tuple[str, ...]
    rows: tuple[RosterRow, ...]


def read(path: Path, kind: str) -> ReadRoster:
    """Read the first sheet of a file. Raises Problem with the reason."""
    return from_grid(workbook.read(path, formulas_named=True), kind)


def from_grid(cells: CellGrid, kind: str) -> ReadRoster:
    """Find the heads and take the rows below. Raises Problem `roster_heads`, `roster_empty`, `roster_too_many_rows`."""
    columns = COLUMNS[kind]
    at, places = _heads(cells, columns)
    found, joined = [], _joined(cells)
    for number, row in enumerate(cells.rows[at + 1 :], start=at + 2):
        values = tuple(row[place] if place is not None and place < len(row) else None for place in places)
        if any(values):
            marked = (
                MERGED if (number - 1, place) in joined else cell for place, cell in zip(places, values, strict=True)
            )
            found.append(RosterRow(number, tuple(marked)))
    if not found:
        raise Problem("roster_empty")
    if len(found) > MOST_ROWS:
        raise Problem("roster_too_many_rows")
    return ReadRoster(tuple("" if place is None else grid.letters(place) for place in places), tuple(found))


def _joined(cells: CellGrid) -> set[tuple[int, int | None]]:
    """Return the cells, from 0, that are merged with one before them: they are empty, and look as if they were not."""
    found: set[tuple[int, int | None]] = set()
    for top, left, bottom, right in cells.merged:
        last = min(bottom, len(cells.rows) - 1), min(right, grid.MOST_COLUMNS)
        found |= {(row, column) for row in range(top, last[0] + 1) for column in range(left, last[1] + 1)} - {
            (top, left)
        }
    return found


def _heads(cells: CellGrid, columns: Sequence[SheetColumn]) -> tuple[int, list[int | None]]:
    for number, row in enumerate(cells.rows[:HEAD_WITHIN]):
        heads = {fold(cell[1]): place for place, cell in reversed(list(enumerate(row))) if cell is not None}
        places = [next((heads[fold(head)] for head in each.heads if fold(head) in heads), None) for each in columns]
        if all(place is not None or not each.required for each, place in zip(columns, places, strict=True)):
            return number, places
    raise Problem("roster_heads")


def text(cell: Cell | None) -> str:
    """Return a cell's text in one line; a whole number without its decimals."""
    if cell is None:
        return ""
    value = cell[1].removesuffix(".0") if cell[0] == "n" else cell[1]
    return normal(" ".join(value.split()))


def plain(read_: ReadRoster) -> list[Any]:
    """Return the rows as JSON."""
    return [[row.number, [list(cell) if cell else None for cell in row.cells]] for row in read_.rows]


def from_plain(letters: Sequence[str], rows: Sequence[Any]) -> ReadRoster:
    """Return the rows that `plain` wrote."""
    found = (RosterRow(number, tuple((cell[0], cell[1]) if cell else None for cell in cells)) for number, cells in rows)
    return ReadRoster(tuple(letters), tuple(found))
