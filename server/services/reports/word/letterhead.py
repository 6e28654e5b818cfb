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
from server.services.reports.words import text

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
    _addressees(document, report.to.split("\n"))


def above_table(document: Document, report: Report, title: str, *, wide: bool) -> None:
    """Issuing body and nation above a table of its own, which has no number; then its title and the moment."""
    table = document.add_table(rows=1, cols=2)
    fixed(table, [Mm(108), Mm(144)] if wide else [_LEFT, _RIGHT])
    tight(table)
    left, right = table.rows[0].cells
    if report.above:
        line(left, report.above, size=12)
    line(left, report.body, size=12, bold=True)
    _rule(left, Mm(42) if wide else Mm(22))
    line(right, report.nation, size=12, bold=True)
    line(right, report.motto, size=13, bold=True)
    _rule(right, Mm(42) if wide else Mm(14))
    document.add_paragraph(title.upper(), "Title")
    moment = document.add_paragraph(f"({report.as_of})", PLAIN)
    moment.runs[0].font.italic = True
    moment.paragraph_format.space_after = Pt(8)
    if report.marks:
        marks = document.add_paragraph(" · ".join(report.marks), PLAIN)
        marks.runs[0].font.bold = True
        marks.paragraph_format.space_after = Pt(8)


def two_signatures(document: Document, report: Report, *, wide: bool) -> None:
    """Who made the table, and the head of the unit; the place and day above the latter."""
    table = document.add_table(rows=1, cols=2)
    fixed(table, [Mm(126), Mm(126)] if wide else [Mm(66), Mm(94)])
    keep_whole(table.rows[0])
    left, right = table.rows[0].cells
    table.rows[0].cells[0].paragraphs[0].style = PLAIN  # beside the day on the right
    left.add_paragraph(style=PLAIN).add_run(text("table_made_by")).font.bold = True
    line(left, text("sign_name"), italic=True).paragraph_format.space_after = Pt(80)
    line(right, report.date, italic=True)
    line(right, text("table_head"), bold=True)
    line(right, text("sign_seal"), italic=True).paragraph_format.space_after = Pt(80)


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
    for each in recipients:
        line(left, each, size=11).alignment = LEFT
    line(right, report.role, size=13, bold=True).paragraph_format.space_after = Pt(90)
    if report.signer:
        line(right, report.signer, size=14, bold=True)


def _addressees(document: Document, lines: list[str]) -> None:
    """One addressee in the middle; several below the words "Kính gửi:", a line each, with the same left edge."""
    for number, said in enumerate(lines):
        paragraph = document.add_paragraph(said, PLAIN)
        is_last = number == len(lines) - 1
        paragraph.paragraph_format.space_after = Pt(10 if is_last else 2)
        if len(lines) > 1:
            paragraph.alignment = LEFT
            paragraph.paragraph_format.left_indent = Mm(50 if number else 30)
        for run in paragraph.runs:
            run.font.size = Pt(14)


def line(
    cell: _Cell, said: str, *, size: float = 13, bold: bool = False, italic: bool = False, border: bool = False
) -> Paragraph:
    """Add a paragraph to a cell; the first call uses the one that is there."""
    first: Paragraph = cell.paragraphs[0]
    paragraph: Paragraph = first if not first.text and len(cell.paragraphs) == 1 else cell.add_paragraph()
    paragraph.style = PLAIN
    run = paragraph.add_run(said)
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
