"""The previous period on the page of figures: a column beside each figure, and a sheet of its own in Excel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from xlsxwriter import Workbook

from server.desk.comparison import excel, prior_columns
from server.desk.comparison.excel import PriorLine
from server.desk.comparison.prior_columns import PriorColumns
from server.desk.figures.grid import CellContent, Grid, GridLine
from server.desk.words import label
from server.services.comparison.bases import DISTINCT, PART, PriorBase
from server.services.comparison.difference import RULE, PriorDifference

SIGNS = {PART: "…", DISTINCT: "…", RULE: "≠"}
"""Why nothing is compared, in short; the page's legend explains them."""


PriorCell = dict[str, Any]
"""The comparison beside a figure: the earlier amount, the percent, or a sign with the reason why there is none."""


def shown(found: PriorColumns, line: GridLine, cell: CellContent) -> PriorCell:
    """Return the cell beside a figure's cell."""
    each = _compared(found, line, cell)
    sign = SIGNS.get(each.why, "")
    return {
        "base": each.base,
        "percent": prior_columns.percent(each),
        "sign": sign,
        "why": prior_columns.why(each, _base(found, line, cell)),
    }


def sheets(grid: Grid, found: PriorColumns) -> Sequence[Callable[[Workbook], None]]:
    """Return what adds the sheet: a line for each unit and figure that is known now or then."""
    lines = [
        PriorLine(
            line.name,
            label(cell.column.figure.label),
            label(cell.column.figure.unit),
            each,
            prior_columns.why(each, _base(found, line, cell)),
        )
        for line in grid.lines
        if line.role != "own"
        for cell in line.cells
        if (each := _compared(found, line, cell)).base is not None or each.why or each.now is not None
    ]
    return [partial(excel.write, lines=lines)]


def _compared(found: PriorColumns, line: GridLine, cell: CellContent) -> PriorDifference:
    now = 0 if cell.is_nil else cell.number
    if cell.unsupported:  # beside the amount, which alone is not compared
        now = None
    return found.of(line.row, cell.column.figure.code, now, own=line.role == "own")


def _base(found: PriorColumns, line: GridLine, cell: CellContent) -> PriorBase:
    return found.base(line.row, cell.column.figure.code, own=line.role == "own")
