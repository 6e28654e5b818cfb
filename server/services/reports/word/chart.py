"""A chart as a picture for a Word file: black lines and hatching on white, at the size at which it is printed.

It is drawn here from plain data, and no picture of anybody is read. Equal charts make equal bytes.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from math import ceil
from typing import Final

from docx.document import Document
from docx.image.image import Image as Measured
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Emu, Mm, Pt
from PIL import Image, ImageDraw, ImageFont

from server.core import cldr
from server.services.figures.charts import COUNTED, PLAN, REPORTED, SENT, SILENT, UNSUPPORTED, WAITING, Chart
from server.services.reports.word.page import NOTE, PLAIN
from server.services.reports.words import LANG

DPI: Final = 300
_WIDE: Final = 1890
"""Pixels of 160 mm."""
_SIZE, _LESS = 38, 34
"""Pixels of letters: 9 and 8 points."""
_BLACK, _WHITE = 0, 255
_GAP: Final = 14
_A_ROW, _BAR = 76, 44
_NAMES, _ENDS = 620, 120
"""Horizontal bars: a row and its bar; the column of names, and the least one behind the bars."""
_HIGH: Final = 460
"""Vertical bars."""
_HATCHES: Final = {
    COUNTED: (12, 1),
    SENT: (12, 1),
    WAITING: (26, -1),
    REPORTED: (26, -1),
    UNSUPPORTED: (16, 0),
    SILENT: (0, 0),
}
"""Of a series: pixels between its lines, and which way they go: up, down, dots; nothing in it."""
_FIRST_ID: Final = 10_000
"""Above the ids of photos."""


def write_charts(document: Document, charts: tuple[Chart, ...]) -> None:
    """Write each chart below its title, as a picture that says in words what it shows."""
    for number, chart in enumerate(charts, 1):
        title = document.add_paragraph(style=PLAIN)
        title.add_run(f"{chart.title} ({chart.unit})").font.bold = True
        title.paragraph_format.keep_with_next = True
        title.paragraph_format.space_before = Pt(8)
        paragraph = document.add_paragraph(style=PLAIN)
        data = drawn(chart)
        image = Measured.from_file(io.BytesIO(data))
        part = ImagePart.from_image(image, PackURI(f"/word/media/chart{number}.png"))
        relation = document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        wide = Mm(160)
        size = Emu(wide), Emu(round(wide * image.px_height / image.px_width))
        inline = CT_Inline.new_pic_inline(_FIRST_ID + number, relation, f"chart{number}.png", *size)
        inline.docPr.set("descr", f"{chart.title}. {chart.description}")
        paragraph.add_run()._r.add_drawing(inline)  # noqa: SLF001  # as the library's own call does
        said = chart.note if chart.horizontal else chart.description  # no number stands at vertical bars
        if said:
            paragraph.paragraph_format.keep_with_next = True
            document.add_paragraph(said, NOTE)


def drawn(chart: Chart) -> bytes:
    """Return the picture as PNG."""
    image = _horizontal(chart) if chart.horizontal else _vertical(chart)
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def _begun(chart: Chart, high: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A white sheet with the legend in its first row."""
    image = Image.new("L", (_WIDE, _SIZE * 2 + high), _WHITE)
    pen, x = ImageDraw.Draw(image), 0
    for each in chart.series:
        if each.look == PLAN:
            pen.line((x + 22, 2, x + 22, _SIZE + 2), _BLACK, 8)
        else:
            _bar(image, each.look, (x, 2, x + 44, _SIZE + 2))
        pen.text((x + 58, 0), each.name, _BLACK, _font(_SIZE))
        x += 58 + round(_font(_SIZE).getlength(each.name)) + 60
    return image, pen


def _horizontal(chart: Chart) -> Image.Image:
    image, pen = _begun(chart, _A_ROW * len(chart.names))
    widest = max(_font(_LESS).getlength(each) for each in chart.ends)
    room, most = _WIDE - _NAMES - max(_ENDS, ceil(widest) + 2 * _GAP), chart.most
    for place, name in enumerate(chart.names):
        top = 2 * _SIZE + place * _A_ROW
        pen.text((_NAMES - _GAP, top + _BAR // 2), name, _BLACK, _fitting(name, _NAMES - _GAP), anchor="rm")
        end = _NAMES
        for series, start, until in chart.stack(place):
            left, right = (_NAMES + round(room * at / most) for at in (start, until))
            _bar(image, series.look, (left, top, max(right, left + 2), top + _BAR))
            end = max(end, right)
        if chart.plan and (planned := chart.plan.amounts[place]):
            x = _NAMES + round(room * planned / most)
            pen.line((x, top - 8, x, top + _BAR + 8), _BLACK, 8)
            end = max(end, x + 4)
        pen.text((end + _GAP, top + _BAR // 2), chart.ends[place], _BLACK, _font(_LESS), anchor="lm")
    pen.line((_NAMES, 2 * _SIZE - 10, _NAMES, image.height - _A_ROW + _BAR + 10), _BLACK, 3)
    return image


def _vertical(chart: Chart) -> Image.Image:
    image, pen = _begun(chart, _HIGH + 3 * _SIZE)
    ticks, foot = chart.ticks, 3 * _SIZE + _HIGH
    said = [cldr.number(chart.amount(tick), LANG) for tick in ticks]
    left = round(max(_font(_LESS).getlength(each) for each in said)) + 2 * _GAP
    for tick, text in zip(ticks, said, strict=True):
        y = foot - _HIGH * tick // ticks[-1]
        pen.line((left, y, _WIDE, y), _BLACK, 1 if tick else 3)
        pen.text((left - _GAP, y), text, _BLACK, _font(_LESS), anchor="rm")
    slot = (_WIDE - left) / len(chart.names)
    for place in range(len(chart.names)):
        x = left + slot * (place + 0.12), left + slot * (place + 0.88)
        for series, start, until in chart.stack(place):
            top, below = (foot - _HIGH * at // ticks[-1] for at in (until, start))
            _bar(image, series.look, (round(x[0]), min(top, below - 2), max(round(x[1]), round(x[0]) + 2), below))
    pen.text((left, foot + _GAP), chart.names[0], _BLACK, _font(_LESS))
    if len(chart.names) > 1:
        pen.text((_WIDE, foot + _GAP), chart.names[-1], _BLACK, _font(_LESS), anchor="ra")
    return image


def _bar(image: Image.Image, look: str, box: tuple[int, int, int, int]) -> None:
    """Draw a hatched rectangle; its lines go on from bar to bar, so that parts of one series look alike."""
    left, top, right, below = box
    gap, way = _HATCHES[look]
    inside = Image.new("L", (right - left + 1, below - top + 1), _WHITE)
    pen, high = ImageDraw.Draw(inside), inside.height
    if gap and way:
        for x in range(-high - (left % gap), inside.width + high, gap):
            pen.line((x, high if way > 0 else 0, x + high, 0 if way > 0 else high), _BLACK, 5 if gap < 20 else 3)
    elif gap:
        for y in range(gap // 2, high, gap):
            for x in range(gap // 2, inside.width, gap):
                pen.ellipse((x - 2, y - 2, x + 2, y + 2), _BLACK)
    pen.rectangle((0, 0, inside.width - 1, high - 1), outline=_BLACK, width=3)
    image.paste(inside, (left, top))


def _fitting(said: str, width: int) -> ImageFont.FreeTypeFont:
    """A font in which a long name is not cut off."""
    length = _font(_SIZE).getlength(said)
    return _font(_SIZE if length <= width else max(14, int(_SIZE * width / length)))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """One with every Vietnamese letter, as stamped photos have it."""
    return ImageFont.truetype(io.BytesIO((files("font_manrope") / "files" / "Manrope-Medium.ttf").read_bytes()), size)
