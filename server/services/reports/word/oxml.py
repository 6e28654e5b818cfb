"""Features of Word for which python-docx has no call: borders, fields, repeated rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Emu, Length
from docx.table import Table, _Row
from docx.text.paragraph import Paragraph


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
