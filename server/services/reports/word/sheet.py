"""The photo sheet: two by three to a page, each with its caption; a sentence replaces a missing photo."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Final

from docx.document import Document
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.image.image import Image
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Emu, Length, Mm
from docx.table import _Cell

from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode
from server.services.reports.content import ReportPhoto
from server.services.reports.word.oxml import fixed, keep_whole
from server.services.reports.word.styles import PLAIN
from server.services.reports.words import text

Open = Callable[[str], BinaryIO | None]
"""The bytes under a key; None where there are none."""
Told = Callable[[int, int], None]
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


def write(document: Document, photos: Sequence[ReportPhoto], open_blob: Open, told: Told, size: Size = USUAL) -> None:
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
    for number, (cell, photo) in enumerate(zip(cells, photos, strict=False), 1):
        paragraph = cell.paragraphs[0]
        paragraph._p.style = plain  # noqa: SLF001
        data = _bytes(photo, open_blob)
        if data is None:
            paragraph.add_run(text("photo_missing")).font.italic = True
        else:
            _picture(document, cell, (data, photo.caption), number, size)
        cell.add_paragraph(photo.caption)._p.style = caption  # noqa: SLF001
        told(number, len(photos))


def _bytes(photo: ReportPhoto, open_blob: Open) -> bytes | None:
    """The bytes of the best version that can be read."""
    for key in photo.blobs:
        file = open_blob(key)
        if file is not None:
            with file, NamedTemporaryFile() as made, suppress(Unfit):
                decode(Decoding.REPORT_PHOTO, [file], [Path(made.name)], side=PIXELS)
                return made.read()
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
