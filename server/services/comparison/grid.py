"""A table as cells with their places, whatever it came from: a workbook, a CSV file, or a pasted text.

An uploaded Excel file as a grid: which file it is by its bytes, read in a confined process (server/decoding/).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from server.core.problem_details import Problem, refuse_if
from server.decoding.limits import Decoding
from server.decoding.service import decode

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
    refuse_if(not lines, "sheet_empty")
    refuse_if(len(lines) > MOST_ROWS, "sheet_too_many_rows")
    refuse_if(max(map(len, lines)) == 1, "sheet_one_column")
    return CellGrid([[(TEXT, cell) if cell.strip() else None for cell in line[:MOST_COLUMNS]] for line in lines])


FILE_BYTES: Final = 10 * 1024**2
"""Most bytes of a file."""
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def read(path: Path, *, formulas_named: bool = False) -> CellGrid:
    """Return the cells of its first sheet. Raises Problem with the reason.

    `formulas_named`: a formula is a cell of kind `f` and has no value.
    """
    refuse_if(path.stat().st_size > FILE_BYTES, "sheet_too_large")
    data = path.read_bytes()
    refuse_if(not data, "sheet_empty")
    refuse_if(data.startswith(_OLE), "sheet_encrypted" if _ENCRYPTED in data else "sheet_old_excel")
    refuse_if(not data.startswith(b"PK\x03\x04"), "sheet_not_excel")
    found = decode(Decoding.SHEET, [path], formulas_named=formulas_named)
    try:
        rows = [[_cell(*cell) if cell else None for cell in row] for row in found["rows"]]
        merged = [_range(*each) for each in found["merged"]]
        return CellGrid(rows, merged, str(found["name"])[:100], int(found["others"]))
    except (TypeError, ValueError, KeyError):  # an answer of none of our workers
        raise Problem("sheet_too_complex") from None


def _cell(kind: object, value: object) -> Cell:
    return str(kind)[:1], str(value)


def _range(*ends: int) -> tuple[int, int, int, int]:
    top, left, bottom, right = (max(0, int(end)) for end in ends)
    return top, left, bottom, right
