"""Tables of figures on landscape pages: repeated heads, the total first and bold, silent units grey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.document import Document
from docx.shared import Length, Mm, Pt
from docx.table import _Cell, _Row

from server.services.reports.content import BELOW, TOTAL, UNIT, ReportColumn, ReportLine, ReportTable
from server.services.reports.word.oxml import element, fixed, keep_whole, repeat
from server.services.reports.word.styles import ACROSS, CELL, CENTRE, NUMBER
from server.services.reports.words import text

_INDEX, _NAME, _WIDEST = Mm(12), Mm(50), Mm(24)
_HEAD = Pt(9)
_TOGETHER = 4
"""Number of last lines kept together with the note below, so that none is alone on a page."""
_GREY, _TINT = "555555", "EDEDED"


def write(document: Document, grid: ReportTable) -> None:
    """Write one table. Its lines are written as XML: the library's own calls take a second per thousand cells."""
    columns = grid.columns
    width = min(_WIDEST, Length((ACROSS - _INDEX - _NAME) // len(columns)))
    widths = [_INDEX, _NAME, *[width] * len(columns)]
    ids = {name: str(document.styles[name].style_id) for name in (CELL, NUMBER)}
    table = document.add_table(rows=2, cols=len(widths), style="Table Grid")
    fixed(table, widths)
    _heads(table.rows[0], table.rows[1], grid, ids[CELL])
    inner = any(line.role == BELOW for line in grid.lines)
    for left, line in enumerate(grid.lines, -len(grid.lines)):
        bold = line.role == TOTAL or (inner and line.role == UNIT)
        styles = [ids[CELL], ids[CELL], *[ids[NUMBER]] * len(columns)]
        texts = (line.index, line.name, *line.cells)
        row = _line(list(zip(texts, styles, widths, strict=True)), line, bold=bold, keep=left >= -_TOGETHER)
        table._tbl.append(row)  # noqa: SLF001


def _heads(top: _Row, below: _Row, grid: ReportTable, style: str) -> None:
    cells, unders = list(top.cells), list(below.cells)
    at = 2
    for title, columns in grid.groups:
        if len(columns) == 1:  # its heading would be taller than the table
            _put(cells[at].merge(unders[at]), _label(columns[0]), style)
        else:
            _put(cells[at].merge(cells[at + len(columns) - 1]), title, style, bold=True)
            for cell, column in zip(unders[at:], columns, strict=False):
                _put(cell, _label(column), style)
        at += len(columns)
    for place, key in enumerate(("index", "unit")):
        _put(cells[place].merge(unders[place]), text(key), style, bold=True)
    for row in (top, below):
        keep_whole(row)
        repeat(row)
        for cell in row.cells:
            for paragraph in cell.paragraphs:
                paragraph.alignment = CENTRE


def _label(column: ReportColumn) -> str:
    return f"{column.label} ({column.unit})"


def _line(cells: Sequence[tuple[str, str, Length]], line: ReportLine, *, bold: bool, keep: bool) -> Any:
    """A row: each cell with its text, style and width. `keep`: on one page with the next row."""
    row = element("tr")
    row.append(element("trPr"))
    row[0].append(element("cantSplit"))
    for said, style, width in cells:
        cell = _within(row, "tc")
        properties = _within(cell, "tcPr")
        _within(properties, "tcW", w=str(width.twips), type="dxa")
        if line.role == TOTAL:
            _within(properties, "shd", val="clear", color="auto", fill=_TINT)
        paragraph = _within(cell, "p")
        form = _within(paragraph, "pPr")
        _within(form, "pStyle", val=style)
        if keep:
            _within(form, "keepNext")
        run = _within(paragraph, "r")
        looks = _within(run, "rPr")
        if bold:
            _within(looks, "b")
        if line.silent:
            _within(looks, "color", val=_GREY)
        _within(run, "t").text = said
    return row


def _within(parent: Any, name: str, **attributes: str) -> Any:
    made = element(name, **attributes)
    parent.append(made)
    return made


def _put(cell: _Cell, said: str, style: str, *, bold: bool = False) -> None:
    """Fill a cell of the head. The style is set by its id, because a look-up by name costs 8 ms."""
    paragraph = cell.paragraphs[0]
    paragraph._p.style = style  # noqa: SLF001
    run = paragraph.add_run(said)
    run.font.bold, run.font.size = bold or None, _HEAD
