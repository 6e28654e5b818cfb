"""What python-docx has no call for: borders, fields, repeated rows, tables of many rows, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, BinaryIO, Final

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


# Rows of a large table, kept as text until the file is written.
#
# A row of 15 cells is 100 nodes of a tree: 10,600 units would take a gigabyte. So the tree gets one empty row as a
# mark, and `dated` puts the text of the rows in its place, in the archive. All that comes from people is escaped here.
@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell: its text, the id of its paragraph style, its width, how many columns it spans."""

    text: str
    style: str
    width: Length
    span: int = 1


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row. `keep`: on one page with the next row. `head`: repeated at the top of each page."""

    cells: tuple[RawCell, ...]
    bold: bool = False
    italic: bool = False
    keep: bool = False
    head: bool = False


class RawRows:
    """The rows of one document."""

    def __init__(self) -> None:
        self._texts: dict[bytes, bytes] = {}

    def put(self, table: Any, rows: Iterable[RawRow]) -> None:
        """Append these rows to a table (its XML element)."""
        mark = f"{len(self._texts) + 1:08X}"  # a revision id: eight hex digits
        table.append(element("tr", rsidR=mark))
        self._texts[f'<w:tr w:rsidR="{mark}"/>'.encode()] = "".join(map(_row, rows)).encode()

    def filled(self, xml: bytes) -> bytes:
        """Return the document's XML with all rows in their places."""
        for mark, rows in self._texts.items():
            before, found, after = xml.partition(mark)
            if not found:
                raise ValueError(mark)
            xml = before + rows + after
        return xml


def _row(row: RawRow) -> str:
    head = "<w:tblHeader/>" if row.head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(_cell(cell, row) for cell in row.cells)}</w:tr>"


def _cell(cell: RawCell, row: RawRow) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    keep = "<w:keepNext/>" if row.keep else ""
    middle = '<w:jc w:val="center"/>' if row.head else ""
    looks = ("<w:b/>" if row.bold else "") + ("<w:i/>" if row.italic else "")
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{cell.width.twips}" w:type="dxa"/>{span}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{cell.style}"/>{keep}{middle}</w:pPr><w:r><w:rPr>{looks}</w:rPr>'
        f'<w:t xml:space="preserve">{escape(cell.text, quote=False)}</w:t></w:r></w:p></w:tc>'
    )


# The same bytes each time: a Word file is a ZIP archive, whose members carry the moment at which they were written.
_DOCUMENT: Final = "word/document.xml"
_EARLIEST: Final = 1980
"""ZIP knows no earlier year."""
_OWNER_WRITES: Final = 0o600 << 16


def dated(archive: BinaryIO, at: datetime, filled: Callable[[bytes], bytes]) -> bytes:
    """Write an archive anew, in its order, with this moment (to two seconds) on every member.

    `filled`: makes the document's XML whole (RawRows). Photos are stored as they are: they are compressed already.
    """
    moment = (max(at.year, _EARLIEST), at.month, at.day, at.hour, at.minute, at.second)
    out = io.BytesIO()
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            made = zipfile.ZipInfo(member.filename, moment)
            is_photo = member.filename.endswith(".jpg")
            made.compress_type = zipfile.ZIP_STORED if is_photo else zipfile.ZIP_DEFLATED
            made.external_attr, made.create_system = _OWNER_WRITES, 3
            content = old.read(member)
            new.writestr(made, filled(content) if member.filename == _DOCUMENT else content)
    return out.getvalue()
