"""Photos, by Pillow: judged, made small, stamped, covered. Header and parts are looked at before anything is decoded.

A photo that is kept must be one still picture and nothing else: no page or archive after its end, no animation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from io import BytesIO
from math import ceil, floor
from typing import Any, BinaryIO, Final

from PIL import Image, ImageDraw, ImageFont, ImageOps

from server.decoding.limits import Unfit
from server.decoding.workers.image_end import has_too_many_scans, is_all_image
from server.decoding.workers.image_metadata import tells_more
from sync.protocol import PHOTO_PIXELS

LEAST_PIXELS: Final = 8
"""Least pixels of the shorter side. The thumbnail of the widest panorama has more."""
TYPES: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
"""MPO is what Pillow calls a JPEG with more pictures behind the first: some phones' cameras make them."""
_OPENED: Final = ("JPEG", "PNG", "WEBP")
_COSTS: Final = {"WEBP": 2}
"""WebP's decoder holds the picture four times, the others at most twice."""
_JPEG_PIXELS: Final = 2 * PHOTO_PIXELS
"""A JPEG that is decoded to a half or less of its size may have more pixels: 50 megapixels of today's phones."""
_EXIF_PART, _TAKEN = 0x8769, 0x9003
_STAMP_QUALITY: Final = 85
_WHOLE: Final = 10_000
_COVER: Final = (58, 58, 58)
"""Dark grey: on paper it is plainly no part of the picture."""
_STAMP_SHARE: Final = 42
"""The longer side is so many times the height of a letter, as on the phone's stamped copies."""


def warm() -> None:
    """Load what Pillow loads at its first picture, so that no child has to: one of our own, and all decoders."""
    Image.init()
    for format_ in _OPENED:
        own, out = BytesIO(), BytesIO()
        Image.new("RGB", (LEAST_PIXELS, LEAST_PIXELS)).save(own, format_)
        judge(own, out, LEAST_PIXELS)


@contextmanager
def _opened(file: BinaryIO, formats: Sequence[str] = _OPENED) -> Iterator[Image.Image]:
    """Open a picture. Raises Unfit for one that cannot be decoded, whatever the decoder makes of it."""
    file.seek(0)
    try:
        with Image.open(file, formats=tuple(formats)) as image:
            yield image
    except (Unfit, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # beyond Pillow's own limit
        raise Unfit("image_too_large") from error
    except Exception as error:  # decoders guarantee no exception types
        raise Unfit("not_an_image") from error


def _few_scans(image: Image.Image, file: BinaryIO) -> None:
    """Refuse a JPEG whose decoder would go over it again and again. What follows its end is nobody's concern here."""
    at = file.tell()
    file.seek(0)
    data = file.read()
    file.seek(at)
    if has_too_many_scans(data, image.width * image.height):
        raise Unfit("not_an_image")


def judge(file: BinaryIO, thumb: BinaryIO, side: int) -> dict[str, Any]:
    """Decode a photo fully, which is the proof, and write a JPEG of `side` pixels. Returns its size, type and code."""
    said: dict[str, Any] = {"width": 0, "height": 0, "type": "", "code": None}
    try:
        with _opened(file) as image:
            said |= {"width": image.width, "height": image.height}
            at = file.tell()
            file.seek(0)
            data = file.read()
            file.seek(at)
            _check(image, data)
            # A JPEG at a part of its size: all of its data are read, which is the proof, in less memory.
            image.draft(image.mode, (2 * side, 2 * side))
            image.load()
            type_ = TYPES[image.format or ""]
            # Scaled down first: a second photo of full size could exceed the memory.
            small = image if image.mode in ("RGB", "L", "CMYK", "YCbCr") else image.convert("RGB")
            small.thumbnail((side, side))
            _upright(small.convert("RGB")).save(thumb, "JPEG", quality=80)
    except Unfit as refused:
        return said | {"code": refused.code}
    return said | ({"code": "photo_metadata"} if tells_more(data) else {"type": type_})


def _check(image: Image.Image, data: bytes) -> None:
    """Refuse what header and parts alone give away, before decoding."""
    if image.width * image.height * _COSTS.get(image.format or "", 1) > PHOTO_PIXELS:
        raise Unfit("image_too_large")
    if min(image.size) < LEAST_PIXELS:
        raise Unfit("image_too_small")
    # An animation's thumbnail would show one moment only. A camera's second picture is none (MPO).
    moves = image.format != "MPO" and bool(getattr(image, "is_animated", False))
    if moves or not is_all_image(data, image.width * image.height):
        raise Unfit("not_an_image")


def _upright(image: Image.Image) -> Image.Image:
    """Rotate by EXIF; leave as it is if that is unreadable, because a good photo may carry broken EXIF."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001  # as above
        return image


def prepare(file: BinaryIO, full: BinaryIO, thumb: BinaryIO, sides: Sequence[int], quality: int) -> str:
    """Write a photo from a computer as the phone makes its own: two small JPEGs without metadata.

    Returns the text by which the camera says when it took the photo.
    """
    with _opened(file) as opened:
        width, height = opened.size
        if width * height > (_JPEG_PIXELS if opened.format == "JPEG" else PHOTO_PIXELS):
            raise Unfit("image_too_large")
        if min(width, height) < LEAST_PIXELS:
            raise Unfit("image_too_small")
        _few_scans(opened, file)
        taken = str(opened.getexif().get_ifd(_EXIF_PART).get(_TAKEN, "")).strip("\0 ")
        image = _bare(opened, sides[0])
        image.save(full, "JPEG", quality=quality)
        image.thumbnail((sides[1], sides[1]), Image.Resampling.LANCZOS)
        image.save(thumb, "JPEG", quality=quality)
    return taken


def _bare(opened: Image.Image, side: int) -> Image.Image:
    """Return the picture upright, small, on white where it was transparent, without metadata."""
    opened.draft("RGB", (side, side))
    image = ImageOps.exif_transpose(opened)
    if image.mode in ("RGBA", "LA", "PA", "P"):
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    made = Image.new("RGB", image.size)  # a new picture has nothing of the file but its pixels
    made.paste(image)
    return made


def small(file: BinaryIO, out: BinaryIO, side: int, parts: Sequence[Sequence[int]] = ()) -> None:
    """Write a JPEG without EXIF, upright, as a report needs it, with these parts covered."""
    with _opened(file) as image:
        _few_scans(image, file)
        image.draft("RGB", (side, side))  # decodes a JPEG at half or a quarter of its size if that is enough
        image.thumbnail((side, side), Image.Resampling.BILINEAR)
        made = ImageOps.exif_transpose(image).convert("RGB")
        _cover(made, parts)
        _bare_jpeg(made, out, quality=80)


def _cover(image: Image.Image, parts: Sequence[Sequence[int]]) -> None:
    """Fill rectangles, each x, y, width, height in ten-thousandths of the upright picture.

    With one colour and a pixel more on each side: nothing of what was there is left, mixed into an edge or otherwise.
    """
    pen = ImageDraw.Draw(image)
    for x, y, width, height in parts:
        left, right = (at * image.width / _WHOLE for at in (x, x + width))
        top, bottom = (at * image.height / _WHOLE for at in (y, y + height))
        pen.rectangle((floor(left) - 1, floor(top) - 1, ceil(right), ceil(bottom)), _COVER)


def _bare_jpeg(image: Image.Image, out: BinaryIO, quality: int) -> None:
    """Write the pixels and nothing else: Pillow would write a JPEG's comment again."""
    image.info.clear()
    image.save(out, "JPEG", quality=quality)


def grey(file: BinaryIO, out: BinaryIO, side: int) -> list[int]:
    """Write the pixels of a photo in grey, upright, a byte each, the longer side at most `side`. Returns its size."""
    with _opened(file) as image:
        _few_scans(image, file)
        image.draft("L", (side, side))  # decodes a JPEG at half or a quarter of its size if that is enough
        made = image if image.mode in ("L", "RGB") else image.convert("RGB")
        made.thumbnail((side, side), Image.Resampling.BOX)
        made = _upright(made).convert("L")
    out.write(made.tobytes())
    return list(made.size)


def laid(file: BinaryIO, out: BinaryIO, numbers: Sequence[float], size: Sequence[int]) -> None:
    """Write a JPEG of `size` pixels: at each place what the photo has where the nine `numbers` say.

    They are a matrix by rows, from the new picture to the photo, both with sides of 1. Grey is where the photo ends.
    """
    wide, high = size
    with _opened(file) as image:
        _few_scans(image, file)
        image.draft("RGB", (2 * max(size), 2 * max(size)))
        whole = _upright(image.convert("RGB"))
    across, down = whole.size
    rows = [numbers[nth] * (across, down, 1)[nth // 3] / ((wide, high, 1)[nth % 3]) for nth in range(9)]
    if not rows[8]:
        raise Unfit("not_an_image")
    made = whole.transform(
        (wide, high),
        Image.Transform.PERSPECTIVE,
        tuple(each / rows[8] for each in rows[:8]),
        Image.Resampling.BICUBIC,
        fillcolor=(96, 96, 96),
    )
    made.save(out, "JPEG", quality=85)


def type_of(file: BinaryIO, formats: Sequence[str]) -> str:
    """Return the media type of a picture of these formats; empty for anything else."""
    try:
        with _opened(file, formats) as image:
            _few_scans(image, file)
            found = TYPES[str(image.format)]
            image.verify()
            return found
    except Unfit:
        return ""


# --- a copy with unit, number and time at its foot -----------------------------------


def stamped(file: BinaryIO, out: BinaryIO, lines: Sequence[str], parts: Sequence[Sequence[int]] = ()) -> None:
    """Write a JPEG of the photo with these lines, and these parts covered."""
    with _opened(file) as opened:
        _few_scans(opened, file)
        image = ImageOps.exif_transpose(opened).convert("RGB")
        _cover(image, parts)
        _write(image, lines)
        _bare_jpeg(image, out, quality=_STAMP_QUALITY)


def _write(image: Image.Image, lines: Sequence[str]) -> None:
    size = max(12, round(max(image.size) / _STAMP_SHARE))
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
    return ImageFont.truetype(BytesIO((files("font_manrope") / "files" / "Manrope-Medium.ttf").read_bytes()), size)
