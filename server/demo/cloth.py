"""Draws a banner's cloth: red, two rows of white and yellow capitals, sagging a little."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFont

WIDE, HIGH = 1080, 190
STRIPS = 18
REDS = ((196, 24, 30), (180, 18, 28), (208, 34, 34), (170, 22, 22))
WHITE, YELLOW = (255, 250, 240), (255, 222, 60)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return a font with every Vietnamese letter; Pillow's own has none of them."""
    return ImageFont.truetype(BytesIO(_font_file()), size)


@cache
def _font_file() -> bytes:
    return (files("font_manrope") / "files" / "Manrope-ExtraBold.ttf").read_bytes()


def cloth(rng: Random, slogan: str, signed: str) -> Image.Image:
    """Return the flat cloth: the slogan in one or two rows, the unit's name below it."""
    image = Image.new("RGB", (WIDE, HIGH), rng.choice(REDS))
    draw = ImageDraw.Draw(image)
    rows = _rows(slogan.upper())
    size = min(72 if len(rows) == 1 else 54, *(_fitting(row) for row in rows))
    step = size * 1.25
    top = (HIGH - 34 - step * len(rows)) / 2
    for number, row in enumerate(rows):
        draw.text((WIDE / 2, top + step * (number + 0.5)), row, YELLOW, font(size), anchor="mm")
    draw.text((WIDE / 2, HIGH - 24), signed.upper(), WHITE, font(22), anchor="mm")
    draw.rectangle((5, 5, WIDE - 6, HIGH - 6), outline=YELLOW, width=2)
    folds = Image.frombytes("L", (24, 1), bytes(rng.randrange(205, 256) for _ in range(24)))
    shade = folds.resize(image.size, Image.Resampling.BICUBIC)
    return ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))


def hang(flat: Image.Image, width: int, left: int, right: int, sag: int) -> Image.Image:
    """Return the cloth between two poles, with heights `left` and `right`: a nearer pole makes a taller end."""
    high = max(left, right)
    mesh = []
    for strip in range(STRIPS):
        ends = strip / STRIPS, (strip + 1) / STRIPS
        corners: list[float] = []
        for part, downwards in ((ends[0], True), (ends[1], False)):
            height = left + (right - left) * part
            top = (high - height) / 2 + 4 * sag * part * (1 - part)
            across, above = part * WIDE, -top * HIGH / height
            below = (high + sag - top) * HIGH / height
            corners += [across, above, across, below] if downwards else [across, below, across, above]
        box = (round(ends[0] * width), 0, round(ends[1] * width), high + sag)
        mesh.append((box, tuple(corners)))
    return flat.convert("RGBA").transform(
        (width, high + sag), Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=(0, 0, 0, 0)
    )


def _rows(text: str) -> list[str]:
    """Return one row for a short slogan, else two of about the same length."""
    words = text.split()
    if len(text) <= 30:
        return [text]
    cuts = [[" ".join(words[:cut]), " ".join(words[cut:])] for cut in range(1, len(words))]
    return min(cuts, key=lambda rows: abs(len(rows[0]) - len(rows[1])))


def _fitting(row: str) -> int:
    """Return the largest font size at which this row fits the cloth."""
    return int(100 * (WIDE - 60) / font(100).getlength(row))
