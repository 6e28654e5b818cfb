"""The page of Decree 30/2020: A4, Times New Roman, real headings, letterhead, addressees, recipients, signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Emu, Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from server.services.reports.content import Report
from server.services.reports.words import text

FONT: Final = "Times New Roman"
WIDTH: Final = Mm(160)
"""Width of the text: 210 less 30 on the left and 20 on the right."""
ACROSS: Final = Mm(252)
"""Width of the text on a landscape page: 297 less 30 and 15."""
LEFT, CENTRE, JUSTIFY = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY
RIGHT = WD_ALIGN_PARAGRAPH.RIGHT
BLANK, PLAIN, CELL, NOTE, NUMBER = "Dòng điền", "Dòng thể thức", "Ô bảng", "Ghi chú bảng", "Số bảng"
"""Our own styles, by the names that a clerk sees."""


_NONE: Final = Mm(0)


@dataclass(frozen=True, slots=True)
class _Look:
    """One paragraph style."""

    name: str
    size: float
    bold: bool = False
    italic: bool = False
    align: WD_ALIGN_PARAGRAPH = LEFT
    before: float = 0
    after: float = 0
    indent: Length = _NONE
    spacing: float = 1.0
    keep: bool = False


_LOOKS: Final = (
    _Look("Normal", 14, align=JUSTIFY, after=6, indent=Mm(12.7), spacing=1.15),
    _Look("Title", 14, bold=True, align=CENTRE, before=12),
    _Look("Subtitle", 14, bold=True, align=CENTRE),
    _Look("Heading 1", 14, bold=True, align=JUSTIFY, before=6, after=6, indent=Mm(12.7), spacing=1.15, keep=True),
    _Look("Heading 2", 14, bold=True, align=JUSTIFY, after=6, indent=Mm(12.7), spacing=1.15, keep=True),
    _Look("Heading 3", 14, italic=True, align=JUSTIFY, after=6, indent=Mm(12.7), spacing=1.15, keep=True),
    _Look("Heading 4", 14, bold=True, align=CENTRE, keep=True),
    _Look("Caption", 11, align=CENTRE, before=2, after=4),
    _Look("Header", 13, align=CENTRE),
    _Look("Footer", 9, italic=True, align=CENTRE),
    _Look(PLAIN, 13, align=CENTRE),
    _Look(BLANK, 14, after=6, indent=Mm(12.7), spacing=1.15),
    _Look(CELL, 10),
    _Look(NUMBER, 10, align=RIGHT),
    _Look(NOTE, 9, italic=True, align=JUSTIFY, before=4),
)


def apply(document: Document) -> None:
    """Make the styles and set up the first page."""
    defaults = document.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    fonts(defaults, FONT)
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(element("lang", val="vi-VN", eastAsia="vi-VN", bidi="ar-SA"))
    for look in _LOOKS:
        _style(document, look)
    for name in (BLANK, NOTE):
        style = document.styles[name]
        if isinstance(style, ParagraphStyle):
            _special(style)
    upright(document.sections[0])


def _special(style: ParagraphStyle) -> None:
    """Special styles: a dotted line to fill in, and a note that is not split across pages."""
    if style.name == NOTE:
        style.paragraph_format.keep_together = True
    else:
        style.paragraph_format.tab_stops.add_tab_stop(WIDTH, WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)


def _style(document: Document, look: _Look) -> None:
    names = {style.name for style in document.styles}
    made = document.styles[look.name] if look.name in names else None
    style = made or document.styles.add_style(look.name, WD_STYLE_TYPE.PARAGRAPH)
    if not isinstance(style, ParagraphStyle):
        raise TypeError(look.name)
    if look.name != "Normal":
        style.base_style = document.styles["Normal"] if made is None else style.base_style
    properties = style.element.get_or_add_rPr()
    for child in list(properties):  # colours, spacing and theme fonts of the library's own template
        properties.remove(child)
    fonts(properties, FONT)
    style.font.size, style.font.bold, style.font.italic = Pt(look.size), look.bold, look.italic
    style.font.color.rgb = RGBColor(0, 0, 0)
    for borders in style.element.get_or_add_pPr().findall(qn("w:pBdr")):
        style.element.get_or_add_pPr().remove(borders)
    form = style.paragraph_format
    form.alignment, form.line_spacing, form.first_line_indent = look.align, look.spacing, look.indent
    form.space_before, form.space_after = Pt(look.before), Pt(look.after)
    form.keep_with_next, form.widow_control = look.keep, True


def upright(section: Section) -> None:
    """A4 portrait, with the margins of an official document."""
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height, section.right_margin = Mm(210), Mm(297), Mm(20)
    _margins(section)


def across(section: Section) -> None:
    """A4 landscape, for wide tables."""
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height, section.right_margin = Mm(297), Mm(210), Mm(15)
    _margins(section)


def _margins(section: Section) -> None:
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin = Mm(30)
    section.header_distance = section.footer_distance = Mm(9)


# The letterhead and the end of the letter: issuer, addressee, recipients, signature.
_LEFT, _RIGHT = Mm(68), Mm(92)


def head(document: Document, report: Report) -> None:
    """Issuing body and nation side by side, then title and subject."""
    table = document.add_table(rows=2, cols=2)
    _issuer(table, report, (_LEFT, _RIGHT), (Mm(22), Mm(14)))
    left, right = table.rows[1].cells
    line(left, report.number)
    line(left, " · ".join(report.marks), bold=True, border=True)
    line(right, report.date, italic=True)
    document.add_paragraph(report.title, "Title")
    document.add_paragraph(report.subject, "Subtitle")
    under = document.add_paragraph(style=PLAIN)
    _short(under, Mm(60))
    under.paragraph_format.space_after = Pt(10)
    if report.to:
        _addressees(document, report.to.split("\n"))


def _issuer(table: Table, report: Report, widths: tuple[Mm, Mm], rules: tuple[Mm, Mm]) -> None:
    """Issuing body and nation in the first row, each with a line below it."""
    fixed(table, list(widths))
    tight(table)
    left, right = table.rows[0].cells
    if report.above:
        line(left, report.above, size=12)
    line(left, report.body, size=12, bold=True)
    _rule(left, rules[0])
    line(right, report.nation, size=12, bold=True)
    line(right, report.motto, size=13, bold=True)
    _rule(right, rules[1])


def above_table(document: Document, report: Report, title: str, *, wide: bool) -> None:
    """Issuing body and nation above a table of its own, which has no number; then its title and the moment."""
    widths, rules = ((Mm(108), Mm(144)), (Mm(42), Mm(42))) if wide else ((_LEFT, _RIGHT), (Mm(22), Mm(14)))
    _issuer(document.add_table(rows=1, cols=2), report, widths, rules)
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


def two_parties(document: Document, parties: tuple[str, str], recipients: Sequence[str]) -> None:
    """The two who sign for each other, side by side, then who keeps a copy."""
    table = document.add_table(rows=1, cols=2)
    fixed(table, [Mm(80), Mm(80)])
    keep_whole(table.rows[0])
    for cell, party in zip(table.rows[0].cells, parties, strict=True):
        line(cell, party, bold=True)
        line(cell, text("sign_party"), italic=True).paragraph_format.space_after = Pt(80)
    heading, *others = recipients
    kept = document.add_paragraph(style=PLAIN)
    kept.alignment = LEFT
    run = kept.add_run(heading)
    run.font.size, run.font.bold, run.font.italic = Pt(12), True, True
    for each in others:
        said = document.add_paragraph(style=PLAIN)
        said.alignment = LEFT
        said.add_run(each).font.size = Pt(11)


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


# What python-docx has no call for: borders, fields, repeated rows.
def element(name: str, **attributes: str) -> Any:
    """Make a WordprocessingML element; attributes are in its namespace."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def fonts(properties: Any, name: str) -> None:
    """Set the font for all scripts: otherwise Word uses another one for East Asian and complex text."""
    for old in properties.findall(qn("w:rFonts")):
        properties.remove(old)
    properties.insert(0, element("rFonts", ascii=name, hAnsi=name, eastAsia=name, cs=name))


def rule(paragraph: Paragraph) -> None:
    """A thin line below a paragraph, between its indents."""
    borders = element("pBdr")
    borders.append(element("bottom", val="single", sz="6", space="0", color="000000"))
    properties = paragraph._p.get_or_add_pPr()  # noqa: SLF001  # as the library's own guide does
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def field(paragraph: Paragraph, code: str) -> None:
    """A field that Word computes, such as the page number."""
    run = paragraph.add_run()._r  # noqa: SLF001
    run.append(element("fldChar", fldCharType="begin"))
    instruction = element("instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = f" {code} "
    run.append(instruction)
    run.append(element("fldChar", fldCharType="separate"))
    shown = element("t")
    shown.text = "2"
    run.append(shown)
    run.append(element("fldChar", fldCharType="end"))


def pages_from_one(section: Section) -> None:
    """Number the section's pages from 1 on."""
    properties = section._sectPr  # noqa: SLF001
    for old in properties.findall(qn("w:pgNumType")):
        properties.remove(old)
    properties.insert_element_before(element("pgNumType", start="1"), "w:cols", "w:titlePg", "w:docGrid")


def repeat(row: _Row) -> None:
    """Repeat the row at the top of each page of the table."""
    row._tr.get_or_add_trPr().append(element("tblHeader"))  # noqa: SLF001


def keep_whole(row: _Row) -> None:
    """Do not split the row across pages."""
    row._tr.get_or_add_trPr().insert(0, element("cantSplit"))  # noqa: SLF001


def tight(table: Table) -> None:
    """Remove the padding at the left and right of cells."""
    margins = element("tblCellMar")
    margins.extend(element(side, w="0", type="dxa") for side in ("left", "right"))
    properties = table._tbl.tblPr  # noqa: SLF001
    look = properties.find(qn("w:tblLook"))  # the schema requires it last
    if look is None:
        properties.append(margins)
    else:
        look.addprevious(margins)


def fixed(table: Table, widths: Sequence[Length]) -> None:
    """Fix the column widths, whatever the cells contain."""
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Emu(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=False):
            cell.width = width
