"""A table as cells with their places, whatever it came from: a workbook, a CSV file, or a pasted text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from server.core.problem_details import Problem

MOST_ROWS: Final = 12_000
"""More than all communes of the country."""
MOST_COLUMNS: Final = 100
TEXT: Final = "s"
"""Kinds of a cell: text; `n` a number; `x` a formula that points outside; `u` one that was never computed; `e` an error
in its place; `o` a day or a yes."""
Cell = tuple[str, str]
"""(kind, value as text)."""
Lines = list[list[str]]


@dataclass(frozen=True, slots=True)
class CellGrid:
    """Rows of cells, None where nothing is. `merged`: (first row, first column, last row, last column), from 0.

    `name`: of the sheet, empty for a pasted text; `others`: number of further sheets, which are not read.
    """

    rows: Sequence[Sequence[Cell | None]]
    merged: Sequence[tuple[int, int, int, int]] = ()
    name: str = ""
    others: int = 0


def place(row: int, column: int) -> str:
    """Return the name of a cell, both counted from 0.

    >>> place(4, 2), place(0, 27)
    ('C5', 'AB1')
    """
    return f"{letters(column)}{row + 1}"


def letters(column: int) -> str:
    """Return the name of a column, counted from 0."""
    found = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def pasted(text: str) -> CellGrid:
    """Return the cells of a text copied from a spreadsheet: tabs between columns, quotes around texts with breaks.

    Raises Problem `sheet_empty`, `sheet_one_column`, `sheet_too_many_rows`, `sheet_quotes`.
    """
    try:
        return of_lines(split(text, "\t"))
    except csv.Error as error:  # a quote that is never closed would swallow the rows after it
        raise Problem("sheet_quotes") from error


def split(text: str, separator: str) -> Lines:
    """Return the cells of a text, line by line. Raises csv.Error for a quote that is never closed."""
    plain = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"))
    return list(csv.reader(plain, delimiter=separator, strict=True))


def of_lines(lines: Lines) -> CellGrid:
    """Return them as a grid, without empty rows at the end.

    Raises Problem `sheet_empty`, `sheet_one_column`, `sheet_too_many_rows`.
    """
    while lines and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    if not lines:
        raise Problem("sheet_empty")
    if len(lines) > MOST_ROWS:
        raise Problem("sheet_too_many_rows")
    if max(map(len, lines)) == 1:
        raise Problem("sheet_one_column")
    return CellGrid([[(TEXT, cell) if cell.strip() else None for cell in line[:MOST_COLUMNS]] for line in lines])
