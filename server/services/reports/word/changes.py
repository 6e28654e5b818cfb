"""The table of a supplementary report: what was reported, what is reported now, the difference and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from docx.document import Document
from docx.shared import Mm
from docx.text.paragraph import Paragraph

from server.services.reports.content import TOTAL, ChangeLine
from server.services.reports.word.oxml import fixed, keep_whole, repeat
from server.services.reports.word.styles import CELL, CENTRE, NUMBER
from server.services.reports.words import text

WIDTHS: Final = (Mm(12), Mm(52), Mm(58), Mm(26), Mm(26), Mm(26), Mm(52))
HEADS: Final = ("index", "unit", "figure", "reported_before", "reported_now", "change", "reason")
_NUMBERS: Final = range(3, 6)


def write(document: Document, lines: Sequence[ChangeLine]) -> None:
    """Write the table; its heads are repeated on each page."""
    table = document.add_table(rows=1 + len(lines), cols=len(HEADS), style="Table Grid")
    fixed(table, list(WIDTHS))
    cells = table._cells  # noqa: SLF001  # read once: table.cell() reads them all each time
    for place, key in enumerate(HEADS):
        _put(cells[place].paragraphs[0], text(key), CELL, bold=True).alignment = CENTRE
    for row, line in enumerate(lines, 1):
        said = (line.index, line.name, line.figure, line.before, line.after, line.change, line.reason)
        for place, each in enumerate(said):
            paragraph = cells[row * len(HEADS) + place].paragraphs[0]
            _put(paragraph, each, NUMBER if place in _NUMBERS else CELL, bold=line.role == TOTAL)
    repeat(table.rows[0])
    for each_row in table.rows:
        keep_whole(each_row)


def _put(paragraph: Paragraph, said: str, style: str, *, bold: bool) -> Paragraph:
    paragraph.style = style
    paragraph.add_run(said).font.bold = bold or None
    return paragraph
