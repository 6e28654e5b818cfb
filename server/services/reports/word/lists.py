"""Lists as tables: a head that is repeated on each page, then a line for each thing."""

from __future__ import annotations

from docx.document import Document
from docx.shared import Length, Mm

from server.services.reports.content import ListTable
from server.services.reports.word.oxml import fixed
from server.services.reports.word.rows import RawCell, RawRow, RawRows
from server.services.reports.word.styles import ACROSS, CELL, NUMBER, PLAIN, WIDTH


def write(document: Document, table: ListTable, raw: RawRows) -> None:
    """Write one list with its title. Widths are scaled to the page if together they are wider."""
    if table.title:
        title = document.add_paragraph(table.title, PLAIN)
        title.runs[0].font.bold = True
        title.paragraph_format.keep_with_next = True
    widths = _widths(table)
    made = document.add_table(rows=0, cols=len(widths), style="Table Grid")
    fixed(made, widths)
    ids = {name: str(document.styles[name].style_id) for name in (CELL, NUMBER)}
    styles = [ids[NUMBER if column.number else CELL] for column in table.columns]
    head = tuple(RawCell(column.title, ids[CELL], width) for column, width in zip(table.columns, widths, strict=True))
    rows = [RawRow(head, bold=True, head=True)]
    for place, line in enumerate(table.lines):
        cells = tuple(RawCell(*each) for each in zip(line, styles, widths, strict=True))
        is_part = not any(line[2:])  # a heading within the list
        rows.append(RawRow(cells, bold=is_part or place < table.totals, keep=is_part))
    raw.put(made._tbl, rows)  # noqa: SLF001


def _widths(table: ListTable) -> list[Length]:
    room = WIDTH if table.upright else ACROSS
    asked = Mm(sum(column.width for column in table.columns))
    return [Length(Mm(column.width) * min(room, asked) // asked) for column in table.columns]
