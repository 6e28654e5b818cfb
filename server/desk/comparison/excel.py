"""The comparison as a second sheet of the Excel file: a line for each unit and figure; Excel computes the change."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from xlsxwriter import Workbook

from server.core.spreadsheet import cell_value, number_format
from server.desk.words import t
from server.services.comparison.difference import PriorDifference


@dataclass(frozen=True, slots=True)
class PriorLine:
    """A unit's figure with its comparison. `note`: why nothing is compared."""

    unit: str
    figure: str
    measure: str
    each: PriorDifference
    note: str


def write(book: Workbook, lines: list[PriorLine]) -> None:
    """Add the sheet."""
    page = book.add_worksheet(t("prior.sheet"))
    plain = {"font_name": "Times New Roman", "font_size": 11, "valign": "vcenter", "border": 1}
    head = book.add_format({**plain, "bold": True, "text_wrap": True, "align": "center"})
    text = book.add_format({**plain, "text_wrap": True})

    @cache
    def number(shown: str) -> Any:
        return book.add_format({**plain, "num_format": shown})

    @cache
    def signed(shown: str) -> Any:
        return book.add_format({**plain, "num_format": f"+{shown};-{shown};0"})

    share = book.add_format({**plain, "num_format": "+0.0%;-0.0%;0.0%"})
    heads = ("figures.unit", "seal.figure", "prior.measure", "prior.now", "prior.base", "prior.change")
    for column, said in enumerate((*map(t, heads), "%", t("prior.note"))):
        page.write_string(0, column, said, head)
    for row, line in enumerate(lines, 1):
        for column, said in enumerate((line.unit, line.figure, line.measure)):
            page.write_string(row, column, said, text)
        each, cell = line.each, row + 1
        for column, value in ((3, each.now), (4, each.base)):
            if value is None:
                page.write_blank(row, column, None, number("#,##0"))
            else:
                page.write_number(row, column, cell_value(value), number(number_format(value)))
        if each.change is None:
            page.write_blank(row, 5, None, signed("#,##0"))
        else:
            look = signed(number_format(each.change))
            page.write_formula(row, 5, f"=D{cell}-E{cell}", look, cell_value(each.change))
        if each.change is None or not each.base:
            page.write_blank(row, 6, None, share)
        else:
            page.write_formula(row, 6, f"=(D{cell}-E{cell})/E{cell}", share, each.change / each.base)
        page.write_string(row, 7, line.note, text)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.freeze_panes(1, 0)
    page.set_column(0, 1, 28)
    page.set_column(2, 6, 12)
    page.set_column(7, 7, 36)
