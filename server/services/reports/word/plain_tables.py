"""Tables of texts in Word: repeated heads, lines that are not split across pages."""

from __future__ import annotations

from docx.document import Document
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from server.services.reports.plain_table import PlainTable
from server.services.reports.word.oxml import fixed, keep_whole, repeat
from server.services.reports.word.styles import CELL, CENTRE, NUMBER, PLAIN


def write(document: Document, table: PlainTable) -> None:
    """Write the table with its title."""
    if table.title:
        title = document.add_paragraph(table.title, PLAIN)
        title.runs[0].font.bold = True
        title.paragraph_format.keep_with_next = True
    made = document.add_table(rows=1 + len(table.lines), cols=len(table.heads), style="Table Grid")
    fixed(made, [Mm(width) for width in table.widths])
    cells = made._cells  # noqa: SLF001  # read once: table.cell() reads them all each time
    for place, head in enumerate(table.heads):
        _put(cells[place].paragraphs[0], head, CELL, bold=True).alignment = CENTRE
    for row, line in enumerate(table.lines, 1):
        for place, said in enumerate(line.cells):
            paragraph = cells[row * len(table.heads) + place].paragraphs[0]
            _put(paragraph, said, NUMBER if place in table.numbers else CELL, bold=line.strong)
    repeat(made.rows[0])
    for each_row in made.rows:
        keep_whole(each_row)


def _put(paragraph: Paragraph, said: str, style: str, *, bold: bool) -> Paragraph:
    paragraph.style = style
    paragraph.add_run(said).font.bold = bold or None
    return paragraph
