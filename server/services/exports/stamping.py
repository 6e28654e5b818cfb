"""A copy of a photo with unit, number and time written at its foot. The photo itself and its hash stay as they are."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

QUALITY: Final = 85
_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_SHARE: Final = 42
"""The longer side is so many times the height of a letter, as on the phone's stamped copies."""
_one = threading.BoundedSemaphore(1)
"""A decoded photo takes up to 100 MB; several people may take photos at the same moment."""


def stamped(photo: BinaryIO, lines: Sequence[str]) -> bytes:
    """Return a JPEG of the photo with these lines. Raises OSError or ValueError if it cannot be decoded."""
    with _one, Image.open(photo, formats=_FORMATS) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
        _write(image, lines)
        out = BytesIO()
        image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _write(image: Image.Image, lines: Sequence[str]) -> None:
    size = max(12, round(max(image.size) / _SHARE))
    step, edge = round(size * 1.35), round(size * 0.6)
    high = step * len(lines) + edge
    band = Image.new("RGB", (image.width, high), (0, 0, 0))
    foot = (0, image.height - high, image.width, image.height)
    image.paste(Image.blend(image.crop(foot), band, 0.62), foot)
    pen = ImageDraw.Draw(image)
    for place, line in enumerate(lines):
        font = _font(_fitting(line, size, image.width - 2 * edge))
        pen.text((edge, foot[1] + edge // 2 + place * step), line, (255, 255, 255), font)


def _fitting(line: str, size: int, width: int) -> int:
    """Return a size of letters with which the line is not cut off."""
    length = _font(size).getlength(line)
    return size if length <= width else max(6, int(size * width / length))


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(_font_file()), size)


@cache
def _font_file() -> bytes:
    return (files("font_manrope") / "files" / "Manrope-Medium.ttf").read_bytes()
