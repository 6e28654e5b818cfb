"""The parts of a report in Word: its sections, tables of figures, lists, changes, and the photo sheet."""

from __future__ import annotations

import io
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, BinaryIO, Final

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Emu, Length, Mm, Pt
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from server.decoding.limits import AT_ONCE, DecodingLane, Unfit
from server.services.faces import masking
from server.services.reports.content import (
    BELOW,
    TOTAL,
    UNIT,
    ChangeLine,
    ListTable,
    ReportColumn,
    ReportPhoto,
    ReportTable,
    Section,
)
from server.services.reports.word.page import (
    ACROSS,
    BLANK,
    CELL,
    CENTRE,
    NUMBER,
    PLAIN,
    WIDTH,
    element,
    fixed,
    keep_whole,
    repeat,
)
from server.services.reports.words import text


def write_sections(document: Document, sections: tuple[Section, ...], level: int = 1) -> None:
    """Write each section with its subsections."""
    for section in sections:
        title = f"{section.mark} {section.title}"
        document.add_paragraph(title.upper() if level == 1 else title, f"Heading {level}")
        for sentence in section.sentences:
            document.add_paragraph(sentence)
        if section.blank:
            document.add_paragraph("\t", BLANK)
        write_sections(document, section.sections, level + 1)


# Tables of figures on landscape pages: heads on each page, columns A B 1 2, total first and bold, silent slanted.
_INDEX, _NAME, _WIDEST = Mm(12), Mm(50), Mm(24)
_HEAD = Pt(9)
_TOGETHER = 4
"""Number of last lines kept together with the note below, so that none is alone on a page."""


def write_grid(document: Document, grid: ReportTable, raw: RawRows, first: int = 1) -> None:
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


# Lists as tables: a head that is repeated on each page, then a line for each thing.
def write_list(document: Document, table: ListTable, raw: RawRows) -> None:
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


# The table of a supplementary report: what was reported, what is reported now, the difference and its reason.
WIDTHS: Final = (Mm(12), Mm(52), Mm(58), Mm(26), Mm(26), Mm(26), Mm(52))
HEADS: Final = ("index", "unit", "figure", "reported_before", "reported_now", "change", "reason")
_NUMBERS: Final = range(3, 6)


def write_changes(document: Document, lines: Sequence[ChangeLine]) -> None:
    """Write the table; its heads are repeated on each page."""
    table = document.add_table(rows=1 + len(lines), cols=len(HEADS), style="Table Grid")
    fixed(table, list(WIDTHS))
    cells = table._cells  # noqa: SLF001  # read once: table.cell() reads them all each time
    for place, key in enumerate(HEADS):
        _put_change(cells[place].paragraphs[0], text(key), CELL, bold=True).alignment = CENTRE
    for row, line in enumerate(lines, 1):
        said = (line.index, line.name, line.figure, line.before, line.after, line.change, line.reason)
        for place, each in enumerate(said):
            paragraph = cells[row * len(HEADS) + place].paragraphs[0]
            _put_change(paragraph, each, NUMBER if place in _NUMBERS else CELL, bold=line.role == TOTAL)
    repeat(table.rows[0])
    for each_row in table.rows:
        keep_whole(each_row)


def _put_change(paragraph: Paragraph, said: str, style: str, *, bold: bool) -> Paragraph:
    paragraph.style = style
    paragraph.add_run(said).font.bold = bold or None
    return paragraph


# The photo sheet: two by three to a page, each with its caption; a sentence replaces a missing photo.
Open = Callable[[str], BinaryIO | None]
"""The bytes under a key; None where there are none."""
OnProgress = Callable[[int, int], None]
"""Hears how much is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Size:
    """Most width and height of a photo, and the height of a row."""

    wide: Length
    high: Length
    row: Length


USUAL: Final = Size(Mm(74), Mm(54), Mm(70))
_IN_A_ROW = 2
PIXELS: Final = 800
"""Longer side in pixels: 270 dpi in print, and half of a phone's 1600, which a JPEG can be decoded to directly."""


def write_photos(
    document: Document, photos: Sequence[ReportPhoto], open_blob: Open, on_progress: OnProgress, size: Size = USUAL
) -> None:
    """Write the sheet; nothing if there are no photos."""
    rows = -(-len(photos) // _IN_A_ROW)
    if not rows:
        return
    table = document.add_table(rows=rows, cols=_IN_A_ROW)
    fixed(table, [Mm(80)] * _IN_A_ROW)
    # By their ids: a look-up by name costs 4 ms, and there are two for each photo.
    plain, caption = (str(document.styles[name].style_id) for name in (PLAIN, "Caption"))
    cells: list[_Cell] = []
    for row in table.rows:
        keep_whole(row)
        row.height, row.height_rule = size.row, WD_ROW_HEIGHT_RULE.AT_LEAST
        cells += row.cells
    for number, (cell, photo, data) in enumerate(zip(cells, photos, _made(photos, open_blob), strict=False), 1):
        paragraph = cell.paragraphs[0]
        paragraph._p.style = plain  # noqa: SLF001
        if data is None:
            paragraph.add_run(text("photo_missing")).font.italic = True
        else:
            _picture(document, cell, (data, photo.caption), number, size)
        cell.add_paragraph(photo.caption)._p.style = caption  # noqa: SLF001
        on_progress(number, len(photos))


def _made(photos: Sequence[ReportPhoto], open_blob: Open) -> Iterator[bytes | None]:
    """Yield the bytes of each photo in turn; the next ones are decoded meanwhile, each by a process of its own."""
    at_once = AT_ONCE[DecodingLane.PHOTOS]
    with ThreadPoolExecutor(at_once) as threads:
        coming: deque[Future[bytes | None]] = deque()
        for photo in photos:
            coming.append(threads.submit(_bytes, photo, open_blob))
            if len(coming) > at_once:
                yield coming.popleft().result()
        while coming:
            yield coming.popleft().result()


def _bytes(photo: ReportPhoto, open_blob: Open) -> bytes | None:
    """The bytes of the best version that can be read."""
    for key in photo.blobs:
        file = open_blob(key)
        if file is not None:
            with file, suppress(Unfit):
                return masking.small_copy(file, photo.parts, PIXELS)
    return None


def _picture(document: Document, cell: _Cell, said: tuple[bytes, str], number: int, most: Size) -> None:
    """Insert the picture. The library's own call hashes all earlier ones again: 300 photos would take 25 s."""
    data, says = said
    image = Image.from_file(io.BytesIO(data))
    part = ImagePart.from_image(image, PackURI(f"/word/media/photo{number}.jpg"))
    relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
    shrink = min(most.wide / image.px_width, most.high / image.px_height)
    size = Emu(round(image.px_width * shrink)), Emu(round(image.px_height * shrink))
    inline = CT_Inline.new_pic_inline(number, relation, f"photo{number}.jpg", *size)
    inline.docPr.set("descr", says)
    cell.paragraphs[0].add_run()._r.add_drawing(inline)  # noqa: SLF001  # as the library's own call does


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
