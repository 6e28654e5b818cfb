"""Tables of figures on pages across: heads that repeat, the total first and bold, silent units grey."""

from __future__ import annotations

from collections.abc import Mapping

from docx.document import Document
from docx.shared import Length, Mm, RGBColor
from docx.table import _Cell, _Row

from server.services.reports.content import BELOW, TOTAL, UNIT, Column, Grid, Line
from server.services.reports.word.oxml import fixed, keep_whole, repeat, shade
from server.services.reports.word.styles import ACROSS, CELL, CENTRE, NUMBER
from server.services.reports.words import text

_INDEX, _NAME, _WIDEST = Mm(12), Mm(50), Mm(24)
_GREY, _TINT = RGBColor(0x55, 0x55, 0x55), "EDEDED"


def write(document: Document, grid: Grid) -> None:
    """One table."""
    columns = grid.columns
    width = min(_WIDEST, Length((ACROSS - _INDEX - _NAME) // len(columns)))
    ids = {name: str(document.styles[name].style_id) for name in (CELL, NUMBER)}
    table = document.add_table(rows=2 + len(grid.lines), cols=2 + len(columns), style="Table Grid")
    fixed(table, [_INDEX, _NAME, *[width] * len(columns)])
    rows = list(table.rows)
    _heads(rows[0], rows[1], grid, ids[CELL])
    inner = any(line.role == BELOW for line in grid.lines)
    for row, line in zip(rows[2:], grid.lines, strict=True):
        _line(row, line, ids, bold=line.role == TOTAL or (inner and line.role == UNIT))


def _heads(top: _Row, below: _Row, grid: Grid, style: str) -> None:
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


def _label(column: Column) -> str:
    return f"{column.label} ({column.unit})"


def _line(row: _Row, line: Line, ids: Mapping[str, str], *, bold: bool) -> None:
    keep_whole(row)
    for place, (cell, said) in enumerate(zip(row.cells, (line.index, line.name, *line.cells), strict=True)):
        _put(cell, said, ids[CELL if place < 2 else NUMBER], bold=bold, grey=line.silent)
        if line.role == TOTAL:
            shade(cell, _TINT)


def _put(cell: _Cell, said: str, style: str, *, bold: bool = False, grey: bool = False) -> None:
    """Fill a cell. The style is set by its id: to look it up by name costs 8 ms, and there are thousands of cells."""
    paragraph = cell.paragraphs[0]
    paragraph._p.style = style  # noqa: SLF001
    run = paragraph.add_run(said)
    if bold:
        run.font.bold = True
    if grey:
        run.font.color.rgb = _GREY
