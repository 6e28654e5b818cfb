"""Check whether an image carries more than its picture: where it was taken, and with whose camera.

Phones' cameras write both. A record has a field for its place, which the officer sees and may leave empty. A photo with
hidden metadata would reveal it to everybody who may open the record. Our app redraws each photo, so it sends none.
Photos of other clients are refused, not cleaned: a photo's SHA-256 is its name, also on the client that announced it,
so other bytes would be another photo.

Allowed are the tags that say how to draw the picture, and when it was taken. All else in EXIF is refused (makers put
serial numbers in notes of their own). So is its thumbnail, which may show what was cut off. XMP and IPTC hold the same
things in other forms and are not parsed. Segments: JPEG ITU T.81 annex B; PNG chunks; WebP RIFF chunks; EXIF CIPA
DC-008.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

_IFD0: Final = frozenset(
    {
        *(0x0100, 0x0101, 0x0102, 0x0103, 0x0106, 0x0115, 0x011C),  # sizes and layout
        *(0x0112, 0x011A, 0x011B, 0x0128, 0x0211, 0x0212, 0x0213, 0x0214),  # orientation, resolution, colours
        0x0132,  # when
        0x8769,  # the EXIF part
    }
)
_EXIF: Final = frozenset(
    {
        *(0x9000, 0xA000, 0x9101, 0x9102, 0xA001, 0xA002, 0xA003),  # versions, colours, sizes
        *(0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292),  # when
    }
)
_EXIF_PART: Final = 0x8769
_TIFF: Final = (b"II*\0", b"MM\0*")
_MARKER: Final = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
_SOI: Final = b"\xff\xd8"
_APP1, _APP13, _EOI = 0xE1, 0xED, 0xD9
_TOLD_IN_TEXT: Final = re.compile(rb"xmp|exif|iptc|gps|app1", re.IGNORECASE)


def tells_more(data: bytes) -> bool:
    """True if the file holds more than the picture. It must be an image from first to last byte (image_end.py)."""
    if data.startswith(_SOI):
        return any(_jpeg(marker, body) for marker, body in _segments(data))
    if data.startswith(b"RIFF"):
        return any(_webp(name, body) for name, body in _chunks_of_riff(data))
    return any(_png(name, body) for name, body in _chunks_of_png(data))


def _jpeg(marker: int, body: bytes) -> bool:
    if marker == _APP1:
        return _exif(body[6:]) if body.startswith(b"Exif\0") else True  # XMP, or something unknown
    return marker == _APP13  # IPTC


def _png(name: bytes, body: bytes) -> bool:
    if name == b"eXIf":
        return _exif(body)
    return name in (b"tEXt", b"zTXt", b"iTXt") and _TOLD_IN_TEXT.search(body[:80].partition(b"\0")[0]) is not None


def _webp(name: bytes, body: bytes) -> bool:
    return _exif(body.removeprefix(b"Exif\0\0")) if name == b"EXIF" else name == b"XMP "


def _exif(tiff: bytes) -> bool:
    """Read only the tags, not their values. Returns True for data we cannot parse fully: other readers might."""
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    if not tiff.startswith(_TIFF):
        return False  # no reader can find a tag in it
    try:
        top, behind = _directory(tiff, order, _number(tiff, order, 4, 4))
        part = _directory(tiff, order, top[_EXIF_PART])[0] if _EXIF_PART in top else {}
    except EOFError:
        return True
    return bool(top.keys() - _IFD0 or part.keys() - _EXIF or behind)


def _directory(tiff: bytes, order: Literal["little", "big"], at: int) -> tuple[dict[int, int], int]:
    """Parse a directory: its tags, each with its value or offset, and the offset of the next directory."""
    count = _number(tiff, order, at, 2)
    rows = range(at + 2, at + 2 + 12 * count, 12)
    tags = {_number(tiff, order, row, 2): _number(tiff, order, row + 8, 4) for row in rows}
    return tags, _number(tiff, order, at + 2 + 12 * count, 4)


def _number(tiff: bytes, order: Literal["little", "big"], at: int, size: int) -> int:
    found = tiff[at : at + size]
    if len(found) < size:
        raise EOFError
    return int.from_bytes(found, order)


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment of the JPEG, and of the JPEGs after it."""
    at = 0
    while data.startswith(_SOI, at):
        at += 2
        while (found := _MARKER.search(data, at)) is not None:
            at = found.end()
            if found[1][0] == _EOI:
                break
            size = int.from_bytes(data[at : at + 2], "big")
            yield found[1][0], data[at + 2 : at + size]
            at += max(2, size)


def _chunks_of_png(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        at += 12 + size


def _chunks_of_riff(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
