"""The page and styles of Decree 30/2020: A4, Times New Roman, real headings, so that a clerk can go on editing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT, WD_TAB_LEADER
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from server.services.reports.word.oxml import element, fonts

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
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(20)
    section.header_distance = section.footer_distance = Mm(9)


def across(section: Section) -> None:
    """A4 landscape, for wide tables."""
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.header_distance = section.footer_distance = Mm(9)
