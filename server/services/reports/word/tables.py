"""Tables of figures on landscape pages: heads on each page, columns A B 1 2, total first and bold, silent slanted."""

from __future__ import annotations

from docx.document import Document
from docx.shared import Length, Mm, Pt
from docx.table import _Cell, _Row

from server.services.reports.content import BELOW, TOTAL, UNIT, ReportColumn, ReportTable
from server.services.reports.word.oxml import fixed, keep_whole, repeat
from server.services.reports.word.rows import RawCell, RawRow, RawRows
from server.services.reports.word.styles import ACROSS, CELL, CENTRE, NUMBER
from server.services.reports.words import text

_INDEX, _NAME, _WIDEST = Mm(12), Mm(50), Mm(24)
_HEAD = Pt(9)
_TOGETHER = 4
"""Number of last lines kept together with the note below, so that none is alone on a page."""


def write(document: Document, grid: ReportTable, raw: RawRows, first: int = 1) -> None:
    """Write one table. `first`: the number of its first column of figures, counted over the tables of an annex."""
    columns = grid.columns
    width = min(_WIDEST, Length((ACROSS - _INDEX - _NAME) // len(columns)))
    widths = [_INDEX, _NAME, *[width] * len(columns)]
    ids = {name: str(document.styles[name].style_id) for name in (CELL, NUMBER)}
    table = document.add_table(rows=2, cols=len(widths), style="Table Grid")
    fixed(table, widths)
    _heads(table.rows[0], table.rows[1], grid, ids[CELL])
    inner = any(line.role == BELOW for line in grid.lines)
    styles = [ids[CELL], ids[CELL], *[ids[NUMBER]] * len(columns)]
    letters = ("A", "B", *(str(first + place) for place in range(len(columns))))
    rows = [
        RawRow(tuple(RawCell(said, ids[CELL], each) for said, each in zip(letters, widths, strict=True)), head=True)
    ]
    for left, line in enumerate(grid.lines, -len(grid.lines)):
        texts = (line.index, line.name, *line.cells)
        cells = tuple(RawCell(*each) for each in zip(texts, styles, widths, strict=True))
        is_total = line.role == TOTAL
        bold = is_total or (inner and line.role == UNIT)
        rows.append(RawRow(cells, bold=bold, italic=line.silent, keep=left >= -_TOGETHER))
    raw.put(table._tbl, rows)  # noqa: SLF001


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


def _put(cell: _Cell, said: str, style: str, *, bold: bool = False) -> None:
    """Fill a cell of the head. The style is set by its id, because a look-up by name costs 8 ms."""
    paragraph = cell.paragraphs[0]
    paragraph._p.style = style  # noqa: SLF001
    run = paragraph.add_run(said)
    run.font.bold, run.font.size = bold or None, _HEAD
