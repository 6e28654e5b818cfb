"""The table of figures as a file, Excel or CSV: the same cells as the page.

A text never becomes a formula: Excel gets it as text, and csv_file.py marks it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from server.core import sheets
from server.core.spreadsheet import cell_value, number_format
from server.desk import csv_file
from server.desk.figures.grid import CellContent, Column, Grid, GridLine
from server.desk.words import label, t

DASH = "–"
_FIRST_COLUMNS = 2
_A4 = 9


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A table with the lines above and below it."""

    title: str
    above: list[str]
    grid: Grid
    included: bool
    more: Sequence[Callable[[Workbook], None]] = ()
    """Each adds a sheet to the Excel file."""

    @property
    def buckets(self) -> list[str]:
        """Return the columns of one figure: what waits is apart, or in the number; what has no evidence is apart."""
        first = ["number"] if self.included else ["number", "waiting"]
        return [*first, "unsupported"] if self.grid.double else first

    @property
    def rules(self) -> list[str]:
        """Return who has nothing to report, the rule of what is without evidence, and that of each figure."""
        figures = [column.figure for column in self.grid.columns]
        without = [t("figures.legend_unsupported")] if self.grid.double else []
        return [
            *self.grid.nil_notes,
            *without,
            *(f"{label(each.label)} ({label(each.unit)}): {label(each.rule)}" for each in figures),
        ]


def as_csv(sheet: Spreadsheet) -> bytes:
    """Return UTF-8 with the byte-order mark that Excel needs; one header line."""
    columns = sheet.grid.columns
    above: list[list[Any]] = [*([line] for line in (sheet.title, *sheet.above)), []]
    rows: list[list[Any]] = [
        [*_first_heads(), *(_head(column, bucket) for column in columns for bucket in sheet.buckets)]
    ]
    if any(column.expected or column.own for column in columns):
        rows.append(_plan_row(sheet))
    rows.extend(
        [_name(line), line.standing, *(value for cell in line.cells for value in _values(cell, sheet))]
        for line in sheet.grid.lines
    )
    below: list[list[Any]] = [[], [t("figures.rules")], *([rule] for rule in sheet.rules)]
    return csv_file.made(rows, above, below)


def as_xlsx(sheet: Spreadsheet) -> bytes:
    """Return a workbook of one sheet, ready to print on A4."""
    return sheets.made(lambda book: _fill(book.book, sheet))


def _fill(book: Workbook, sheet: Spreadsheet) -> None:
    _Writer(book, sheet).write()
    for add in sheet.more:
        add(book)


def _first_heads() -> list[str]:
    return [t("figures.unit"), t("seal.column")]


def _head(column: Column, bucket: str) -> str:
    more = {"waiting": t("bucket.waiting"), "unsupported": t("figures.unsupported")}.get(bucket)
    return f"{_figure_head(column)}, {more}" if more else _figure_head(column)


def _bucket_head(sheet: Spreadsheet, bucket: str) -> str:
    first = "bucket.with_waiting" if sheet.included else "bucket.counted"
    return t({"number": first, "waiting": "bucket.waiting", "unsupported": "figures.unsupported"}[bucket])


def _figure_head(column: Column) -> str:
    return f"{label(column.figure.label)} ({label(column.figure.unit)})"


def _plan_row(sheet: Spreadsheet) -> list[Any]:
    plans = ([_plan(column), *[""] * (len(sheet.buckets) - 1)] for column in sheet.grid.columns)
    return [t("figures.plan_each"), "", *(value for plan in plans for value in plan)]


def _plan(column: Column) -> int | str:
    """Return what is planned of each commune; of some it is something else where the plan says so."""
    if column.own:
        return t("figures.plan_some", amount=column.expected or DASH)
    return column.expected or ""


def _name(line: GridLine) -> str:
    return "    " * line.depth + line.name


def _values(cell: CellContent, sheet: Spreadsheet) -> list[int | str]:
    """Return the number, or the word in its place; then what waits, and what is without evidence."""
    word = t("figures.nil_short") if cell.is_nil else DASH
    without = f"{t('figures.nil_short')}{cell.sign}" if cell.sign and cell.unsupported is None else cell.unsupported
    values = {"number": word if cell.number is None else cell.number, "waiting": cell.waiting, "unsupported": without}
    return ["" if values[bucket] is None else values[bucket] for bucket in sheet.buckets]  # type: ignore[misc]


class _Writer:
    """Writes the sheet from top to bottom."""

    def __init__(self, book: Workbook, sheet: Spreadsheet) -> None:
        self._sheet, self._page = sheet, book.add_worksheet(t("figures.title"))
        self._per, self._columns = len(sheet.buckets), sheet.grid.columns
        plain = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
        grid = plain | {"border": 1}
        bold, grey = {"bold": True}, {"bg_color": "#F5F3F0"}

        def made(*looks: dict[str, Any]) -> Any:
            return book.add_format({name: value for look in looks for name, value in look.items()})

        number = {"num_format": "#,##0", "align": "right"}
        waits = {"num_format": '#,##0"*"', "align": "right", "italic": True}
        without = {sign: number | {"num_format": f'#,##0"{sign}"'} for sign in ("†", "‡", "†‡")}
        looks: dict[str, dict[str, Any]] = {"text": {}, "number": number, "mixed": waits, "word": {"align": "right"}}
        looks |= without
        self._title = made(plain, bold, {"font_size": 14})
        self._text, self._head = made(plain), made(grid, bold, {"align": "center", "text_wrap": True})
        self._formats: dict[tuple[bool, str, str], Any] = {}

        def formed(strong: bool, look: str, shown: str) -> Any:  # noqa: FBT001 - a key of the table of formats
            kind = looks[look]
            if "num_format" in kind:
                kind = kind | {"num_format": kind["num_format"].replace("#,##0", shown)}
            return made(grid, kind, *((bold, grey) if strong else ()))

        self._formed = formed

    def _look(self, look: str, value: int = 0, *, strong: bool) -> Any:
        """Return the format of a cell: an amount has as many decimals as it needs."""
        key = strong, look, number_format(value)
        if key not in self._formats:
            self._formats[key] = self._formed(*key)
        return self._formats[key]

    def write(self) -> None:
        page, sheet = self._page, self._sheet
        page.write_string(0, 0, sheet.title, self._title)
        for number, text in enumerate(sheet.above, 1):
            page.write_string(number, 0, text, self._text)
        top = len(sheet.above) + 2
        first = self._heads(top)
        for number, line in enumerate(sheet.grid.lines):
            self._line(first + number, line, first)
        below = first + len(sheet.grid.lines) + 1
        page.write_string(below, 0, t("figures.rules"), self._title)
        for number, rule in enumerate(sheet.rules, 1):
            page.write_string(below + number, 0, rule, self._text)
        self._print(top, first)

    def _heads(self, top: int) -> int:
        """Write the headers: kinds, figures and, if shown apart, what waits. Returns the first row after them."""
        page, deep = self._page, min(2, self._per)
        for column, text in enumerate(_first_heads()):
            page.merge_range(top, column, top + deep, column, text, self._head)
        column = _FIRST_COLUMNS
        for group in self._sheet.grid.groups:
            self._spread(top, column, len(group.figures) * self._per, group.heading)
            column += len(group.figures) * self._per
        for number, each in enumerate(self._columns):
            column = _FIRST_COLUMNS + number * self._per
            self._spread(top + 1, column, self._per, _figure_head(each))
            for at, bucket in enumerate(self._sheet.buckets if self._per > 1 else ()):
                page.write_string(top + 2, column + at, _bucket_head(self._sheet, bucket), self._head)
        first = top + deep + 1
        if any(column.expected or column.own for column in self._columns):
            for column, value in enumerate(_plan_row(self._sheet)):
                self._put(first, column, value, strong=False)
            first += 1
        return first

    def _spread(self, row: int, column: int, width: int, text: str) -> None:
        if width > 1:
            self._page.merge_range(row, column, row, column + width - 1, text, self._head)
        else:
            self._page.write_string(row, column, text, self._head)

    def _line(self, row: int, line: GridLine, first: int) -> None:
        strong = line.role in ("total", "part")
        self._put(row, 0, _name(line), strong=strong)
        self._put(row, 1, line.standing, strong=strong)
        for number, cell in enumerate(line.cells):
            for at, value in enumerate(_values(cell, self._sheet)):
                column = _FIRST_COLUMNS + number * self._per + at
                is_without = self._sheet.buckets[at] == "unsupported"
                adds_up = cell.column.figure.adds_up or is_without
                if is_without and isinstance(value, int):
                    self._put_without(row, column, value, cell.sign, strong=strong, parts=line.parts, first=first)
                elif line.parts and adds_up and isinstance(value, int):
                    look = self._look("mixed" if cell.mixed and not at else "number", value, strong=strong)
                    formula = sheets.sum_of([first + part for part in line.parts], column)
                    self._page.write_formula(row, column, formula, look, cell_value(value))
                else:
                    self._put(row, column, value, strong=strong, mixed=cell.mixed)

    def _put(self, row: int, column: int, value: int | str, *, strong: bool, mixed: bool = False) -> None:
        if isinstance(value, int):
            look = self._look("mixed" if mixed else "number", value, strong=strong)
            self._page.write_number(row, column, cell_value(value), look)
        else:
            look = "text" if column < _FIRST_COLUMNS else "word"
            self._page.write_string(row, column, value, self._look(look, strong=strong))

    def _put_without(  # a cell, what is in it, and how it looks
        self, row: int, column: int, value: int, sign: str, *, strong: bool, parts: Sequence[int], first: int
    ) -> None:
        """Write what is without evidence, with its sign behind it; a sum is a formula."""
        look = self._look(sign, value, strong=strong)
        if parts:
            formula = sheets.sum_of([first + part for part in parts], column)
            self._page.write_formula(row, column, formula, look, cell_value(value))
        else:
            self._page.write_number(row, column, cell_value(value), look)

    def _print(self, top: int, first: int) -> None:
        page: Worksheet = self._page
        page.set_landscape()
        page.set_paper(_A4)
        page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.repeat_rows(top, first - 1)
        page.freeze_panes(first, 1)
        page.set_column(0, 0, 30)
        page.set_column(1, 1, 18)
        page.set_column(_FIRST_COLUMNS, _FIRST_COLUMNS + len(self._columns) * self._per - 1, 11)
        page.set_row(top + 1, 45)
        page.set_footer("&C&P / &N")
