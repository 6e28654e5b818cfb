"""Annexes as an Excel file: the tables of the report with sums as formulas, and its lists whole.

A formula is written only where it gives the number beside it: a figure of distinct values does not add up. No text
becomes a formula or a link. Equal reports make equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session
from xlsxwriter import Workbook

from server.core.clock import local
from server.core.db import reading
from server.core.problem_details import refuse_if
from server.core.sheets import Sheets, sum_of, written
from server.core.spreadsheet import cell_value, number_format
from server.models import Unit
from server.services.figures.charts import write_chart
from server.services.reports import content, evidence, letterheads
from server.services.reports.content import Annex, ListTable, Report, ReportLine, ReportTable, numbered
from server.services.reports.documents import report_files
from server.services.reports.documents.asking import DocumentOrder, MadeDocument
from server.services.reports.snapshot import freezes
from server.services.reports.snapshot.freezes import FrozenFigures
from server.services.reports.words import Printed, text

EVERY_LINE: Final = 1_000_000
_SHEET_NAME: Final = 31
_A4: Final = 9
_FIRST: Final = 2
"""Columns before the figures: index and unit."""


def make(order: DocumentOrder) -> MadeDocument:
    """Make the Excel file of a unit's annexes."""
    made = without_lists(order) if order.choices.get("lists") is False else whole(order)
    path = order.folder / "annexes.xlsx"
    write(path, made)
    return MadeDocument(path, f"{Path(made.file_name).stem.replace('bao-cao-', 'phu-luc-', 1)}.xlsx")


def whole(order: DocumentOrder) -> Report:
    """Return the report as this file has it, with charts and every line of its lists."""
    return with_every_line(order, report_files.asked_report(order, charts=True))


def without_lists(order: DocumentOrder) -> Report:
    """Return the report with its tables alone: a country's lists of displays and broadcasts have 300,000 lines."""
    report = report_files.asked_report(order, lines=0, charts=True)
    with reading() as session:
        lists = evidence.titles(letterheads.within(_unit_name(session, order, _frozen(session, order))))
    tables = [annex for annex in report.annexes if _is_table(annex) and annex.title not in lists]
    return content.with_annexes(report, numbered(tables))


def _frozen(session: Session, order: DocumentOrder) -> FrozenFigures | None:
    freeze = order.choices.get("freeze")
    return freezes.read(session, order.scope(session), str(freeze)) if freeze else None


def _unit_name(session: Session, order: DocumentOrder, frozen: FrozenFigures | None) -> str:
    """The unit's name as the report has it."""
    return frozen.table.unit.name if frozen else session.get_one(Unit, order.unit_id).name


def with_every_line(order: DocumentOrder, report: Report) -> Report:
    """Copy a report; its lists are whole, and it has no photos."""
    with reading() as session:
        frozen = _frozen(session, order)
        unit = _unit_name(session, order, frozen)
        if frozen:
            found = freezes.lists(session, frozen, EVERY_LINE)
        else:
            found = evidence.present(session, order.campaign(session), order.unit_id, EVERY_LINE)
    first = report.annexes[0]
    # By title: a first line of a list may have come since the report was read, and then there are more lists here.
    whole = {annex.title: annex for annex in evidence.annexes(found, letterheads.within(unit), first.attached)}
    annexes = [annex for annex in report.annexes if _is_table(annex)]
    lists = [annex for annex in annexes if annex is not first and annex.lists]
    tables = [annex for annex in annexes if annex is first or not annex.lists]
    made = [replace(whole.get(annex.title, annex), number=annex.number) for annex in lists]
    return content.with_annexes(report, (*tables, *made))


def _is_table(annex: Annex) -> bool:
    """It has something for a workbook: photos are none."""
    return bool(annex.grids or annex.lists or annex.charts)


def write(path: Path, report: Report) -> None:
    """Write the workbook. Raises Problem `document_empty` if there is nothing to write."""
    refuse_if(not report.annexes, "document_empty")
    with written(path) as sheets:
        book = sheets.book
        book.set_properties({"title": report.subject[:255], "created": local(report.at_ms).replace(tzinfo=None)})
        looks = _Looks(book)
        for annex in report.annexes:
            _sheet(sheets, looks, report, annex)


class _Looks:
    """The formats of cells."""

    def __init__(self, book: Workbook) -> None:
        plain_look: dict[str, Any] = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter"}
        grid, bold, tint = plain_look | {"border": 1}, {"bold": True}, {"bg_color": "#EDEDED"}
        self.title = book.add_format(plain_look | bold | {"font_size": 14})
        self.text = book.add_format(plain_look)
        self.note = book.add_format(plain_look | {"italic": True, "font_size": 10})
        self.head = book.add_format(grid | bold | {"align": "center", "text_wrap": True})
        kinds: dict[str, dict[str, Any]] = {"text": {}, "word": {"align": "right"}}
        self._made: dict[tuple[str, bool], Any] = {}
        self._book, self._grid, self._strong = book, grid, bold | tint
        self.cells = {
            (kind, strong): self._add(look, strong=strong) for kind, look in kinds.items() for strong in (True, False)
        }

    def _add(self, look: dict[str, Any], *, strong: bool) -> Any:
        return self._book.add_format(self._grid | look | (self._strong if strong else {}))

    def number(self, own: Printed, *, strong: bool) -> Any:
        """Return the format of an amount: as many decimals as it has, and its sign behind it."""
        shown = number_format(own.amount) + (f'"{own.sign}"' if own.sign else "")
        if (shown, strong) not in self._made:
            self._made[shown, strong] = self._add({"num_format": shown, "align": "right"}, strong=strong)
        return self._made[shown, strong]


def _sheet(sheets: Sheets, looks: _Looks, report: Report, annex: Annex) -> None:
    page = sheets.book.add_worksheet(annex.number[:_SHEET_NAME])
    page.set_paper(_A4)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    page.fit_to_pages(1, 0)
    page.set_footer("&C&P / &N")
    page.set_landscape()
    row = 0
    for look, said in (
        (looks.title, f"{annex.number}. {annex.title}"),
        (looks.text, report.body.replace("\n", " ")),
        (looks.text, " · ".join(filter(None, (*report.marks, report.as_of, report.frozen)))),
    ):
        page.write_string(row, 0, said, look)
        row += 1
    row += 1
    if annex.grids:
        row = _grid(page, looks, _joined(annex.grids), row)
    for table in annex.lists:
        row = _list(page, looks, content.without_empty(table), row) + 1
    if annex.charts:
        page.set_column(0, 0, 34)
        page.set_column(1, 4, 14)
    for chart in annex.charts:
        row = write_chart(sheets, page, row, chart) + 1
    for note in annex.notes:
        if note == text("earlier_none"):  # the column that it is about is left out
            continue
        row += 1
        page.write_string(row, 0, note, looks.note)
    for table in annex.rules:
        row = _rules(page, looks, table, row + 2)


def _joined(grids: Sequence[ReportTable]) -> ReportTable:
    """One table for several that a page of paper parts: they have the same lines."""
    groups = tuple(group for grid in grids for group in grid.groups)
    lines = (
        ReportLine(
            each[0].role,
            each[0].index,
            each[0].name,
            tuple(cell for part in each for cell in part.cells),
            each[0].silent,
            each[0].units,
        )
        for each in zip(*(grid.lines for grid in grids), strict=True)
    )
    return ReportTable(groups, tuple(lines))


def _grid(page: Any, looks: _Looks, grid: ReportTable, top: int) -> int:
    """Write a table of figures; returns the row below it."""
    columns = grid.columns
    page.set_column(0, 0, 6)
    page.set_column(1, 1, 34)
    page.set_column(_FIRST, _FIRST + len(columns) - 1, 12)
    page.set_row(top + 1, 48)
    page.freeze_panes(top + 3, _FIRST)
    page.repeat_rows(top, top + 2)
    titles = [title if place == 0 else "" for title, group in grid.groups for place, _ in enumerate(group)]
    heads = ["TT", "Đơn vị", *(f"{column.label} ({column.unit})" for column in columns)]
    letters = ["A", "B", *(str(place) for place in range(1, len(columns) + 1))]
    for row, texts in enumerate((["", "", *titles], heads, letters), top):
        for column, said in enumerate(texts):
            page.write_string(row, column, said, looks.head)
    first = top + 3
    parts = dict(_parts(grid.lines))
    for at, line in enumerate(grid.lines):
        strong = line.role == "total"
        page.write_string(first + at, 0, line.index, looks.cells["text", strong])
        page.write_string(first + at, 1, line.name, looks.cells["text", strong])
        for column, cell in enumerate(line.cells):
            if not isinstance(cell, Printed):
                page.write_string(first + at, _FIRST + column, cell, looks.cells["word", strong])
                continue
            look = looks.number(cell, strong=strong)
            below = parts.get(at, [])
            adds = [said.amount for part in below if isinstance(said := grid.lines[part].cells[column], Printed)]
            if adds and sum(adds) == cell.amount:
                formula = sum_of([first + part for part in below], _FIRST + column)
                page.write_formula(first + at, _FIRST + column, formula, look, cell_value(cell.amount))
            else:
                page.write_number(first + at, _FIRST + column, cell_value(cell.amount), look)
    return first + len(grid.lines)


def _parts(lines: Sequence[ReportLine]) -> Iterator[tuple[int, list[int]]]:
    """Yield each line that others below it make up, with those: the total, and in a detailed table each unit."""
    units = [at for at, line in enumerate(lines) if line.role == "unit"]
    before = [at for at, line in enumerate(lines) if line.role == "own" and (not units or at < units[0])]
    for at, line in enumerate(lines):
        if line.role == "total":
            yield at, [*before, *units]
    for at, end in zip(units, [*units[1:], len(lines)], strict=True):
        if end > at + 1:
            yield at, list(range(at + 1, end))


def _list(page: Any, looks: _Looks, table: ListTable, top: int) -> int:
    """Write a list with its title; returns the row below it."""
    if table.title:
        page.write_string(top, 0, table.title, looks.text)
        top += 1
    for column, each in enumerate(table.columns):
        page.set_column(column, column, max(6, each.width // 2))
        page.write_string(top, column, each.title, looks.head)
    page.freeze_panes(top + 1, 0)
    page.repeat_rows(top, top)
    for row, line in enumerate(table.lines, top + 1):
        strong = not any(line[2:]) or row <= top + table.totals
        for column, cell in enumerate(line):
            if isinstance(cell, Printed):
                page.write_number(row, column, cell_value(cell.amount), looks.number(cell, strong=strong))
            else:
                page.write_string(row, column, cell, looks.cells["text", strong])
    return top + 1 + len(table.lines)


def _rules(page: Any, looks: _Looks, table: ListTable, top: int) -> int:
    """Write the rules of counting below a table, whose widths they leave; returns the last row."""
    page.write_string(top, 0, table.title, looks.text)
    for row, (index, label, unit, rule) in enumerate(table.lines, top + 1):
        for column, said in enumerate((index, f"{label} ({unit})", rule)):
            page.write_string(row, column, said, looks.note)
    return top + len(table.lines)
