"""The one writer of Excel files: how a workbook is made, what a cell of it may be, and a table with its heads.

No text becomes a formula or a link, whoever wrote it. A workbook at a path is written row by row, so its cells have to
come in order; one that is returned is made in memory.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from server.core.spreadsheet import cell_value

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST: Final = 32_767
"""Characters that Excel keeps in a cell."""
_EXACT: Final = 10**15
"""Beyond, Excel would round a number: it is written as text."""
_NAME: Final = 31
_AT_ONCE: Final = 200
"""Ranges in one SUM: Excel takes 255."""
_PLAIN: Final[dict[str, Any]] = {"strings_to_formulas": False, "strings_to_urls": False}


class Sheets:
    """A workbook that is being written."""

    def __init__(self, book: Workbook) -> None:
        self.book = book
        self._looks: dict[tuple[tuple[str, Any], ...], Format] = {}

    def look(self, **parts: Any) -> Format:
        """Return the format with these parts, the same one each time."""
        key = tuple(sorted(parts.items()))
        if key not in self._looks:
            self._looks[key] = self.book.add_format(parts)
        return self._looks[key]

    def page(self, name: str, widths: Sequence[int] = ()) -> Worksheet:
        """Add a sheet. What Excel refuses in its name is a blank; `widths`: of its first columns."""
        added = self.book.add_worksheet("".join(" " if char in "[]:*?/\\" else char for char in name)[:_NAME])
        for column, width in enumerate(widths):
            added.set_column(column, column, width)
        return added

    def put(self, page: Worksheet, row: int, column: int, value: object, look: Format | None = None) -> None:
        """Write a cell: a number is one that Excel adds, a day is a day, all else is text; None is nothing."""
        if isinstance(value, date):
            at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001  # Excel knows no zone
            shown = look or self.look(num_format="dd/mm/yyyy hh:mm" if at is value else "dd/mm/yyyy")
            page.write_datetime(row, column, at, shown)
        elif isinstance(value, int | float) and abs(value) < _EXACT:
            page.write_number(row, column, cell_value(value) if isinstance(value, int) else value, look)
        elif value is not None:
            page.write_string(row, column, str(value)[:LONGEST], look)

    def row(self, page: Worksheet, row: int, values: Iterable[object], look: Format | None = None) -> None:
        """Write a row from its first column on."""
        for column, value in enumerate(values):
            self.put(page, row, column, value, look)

    def table(  # where it stands, what is in it, how it looks
        self,
        page: Worksheet,
        top: int,
        heads: Sequence[str],
        rows: Iterable[Sequence[object]],
        head: Format,
        cell: Format | None = None,
    ) -> int:
        """Write heads and the rows below; the heads stay in sight. Returns the number of rows."""
        self.row(page, top, heads, head)
        number = 0
        for number, values in enumerate(rows, 1):
            self.row(page, top + number, values, cell)
        page.freeze_panes(top + 1, 0)
        return number


def sum_of(rows: Sequence[int], column: int) -> str:
    """Return a SUM over these rows, with consecutive ones as a range; SUM ignores words among them."""
    runs = [[row for _, row in run] for _, run in groupby(enumerate(rows), lambda pair: pair[1] - pair[0])]
    ranges = []
    for run in runs:
        first, last = (xl_rowcol_to_cell(row, column) for row in (run[0], run[-1]))
        ranges.append(first if first == last else f"{first}:{last}")
    chunks = [ranges[at : at + _AT_ONCE] for at in range(0, len(ranges), _AT_ONCE)]
    return "=" + "+".join(f"SUM({','.join(chunk)})" for chunk in chunks)


@contextmanager
def written(path: Path, *, by_row: bool = True) -> Iterator[Sheets]:
    """Write a workbook at a path; `by_row`: its rows come in order, and none is kept in memory."""
    with Workbook(str(path), _PLAIN | {"constant_memory": by_row}) as book:
        yield Sheets(book)


def made(fill: Callable[[Sheets], object]) -> bytes:
    """Return the workbook that a function fills."""
    out = io.BytesIO()
    with Workbook(out, _PLAIN | {"in_memory": True}) as book:
        fill(Sheets(book))
    return out.getvalue()
