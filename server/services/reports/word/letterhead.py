"""The letterhead and the end of the letter: issuer, addressee, recipients, signature."""

from __future__ import annotations

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Mm, Pt
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from server.services.reports.content import Report
from server.services.reports.word.oxml import fixed, keep_whole, rule, tight
from server.services.reports.word.styles import LEFT, PLAIN

_LEFT, _RIGHT = Mm(68), Mm(92)


def head(document: Document, report: Report) -> None:
    """Issuing body and nation side by side, then title and subject."""
    table = document.add_table(rows=2, cols=2)
    fixed(table, [_LEFT, _RIGHT])
    tight(table)
    left, right = table.rows[0].cells
    if report.above:
        line(left, report.above, size=12)
    line(left, report.body, size=12, bold=True)
    _rule(left, Mm(22))
    line(right, report.nation, size=12, bold=True)
    line(right, report.motto, size=13, bold=True)
    _rule(right, Mm(14))
    left, right = table.rows[1].cells
    line(left, report.number)
    line(left, " · ".join(report.marks), bold=True, border=True)
    line(right, report.date, italic=True)
    document.add_paragraph(report.title, "Title")
    document.add_paragraph(report.subject, "Subtitle")
    under = document.add_paragraph(style=PLAIN)
    _short(under, Mm(60))
    under.paragraph_format.space_after = Pt(10)
    to = document.add_paragraph(report.to, PLAIN)
    to.paragraph_format.space_after = Pt(10)
    for run in to.runs:
        run.font.size = Pt(14)


def end(document: Document, report: Report) -> None:
    """Recipients on the left, an empty signature block on the right."""
    # A signature never stands alone on a page: it could belong to any text.
    document.add_paragraph(report.closing).paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=2)
    fixed(table, [Mm(66), Mm(94)])
    tight(table)
    keep_whole(table.rows[0])
    left, right = table.rows[0].cells
    heading, *recipients = report.recipients
    line(left, heading, size=12, bold=True, italic=True).alignment = LEFT
    for text in recipients:
        line(left, text, size=11).alignment = LEFT
    line(right, report.role, size=13, bold=True).paragraph_format.space_after = Pt(90)


def line(
    cell: _Cell, text: str, *, size: float = 13, bold: bool = False, italic: bool = False, border: bool = False
) -> Paragraph:
    """Add a paragraph to a cell; the first call uses the one that is there."""
    first: Paragraph = cell.paragraphs[0]
    paragraph: Paragraph = first if not first.text and len(cell.paragraphs) == 1 else cell.add_paragraph()
    paragraph.style = PLAIN
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.italic = Pt(size), bold, italic
    if border:
        paragraph.paragraph_format.space_before = Pt(4)
    return paragraph


def _rule(cell: _Cell, side: Mm) -> None:
    _short(cell.add_paragraph(style=PLAIN), side)


def _short(paragraph: Paragraph, side: Mm) -> None:
    """A centred line, this far from both sides."""
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = side
    form.line_spacing, form.space_after = Pt(3), Pt(6)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    rule(paragraph)
