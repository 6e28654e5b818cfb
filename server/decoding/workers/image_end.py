"""Find where an image ends by its own structure: nothing may follow it.

Decoders stop at the end of the picture and ignore what follows. A page or an archive hidden there would be stored as a
photo. Sizes follow the formats: JPEG by its markers (ITU T.81, annex B), PNG by its chunks, WebP by its RIFF size. A
JPEG may be followed by further JPEGs: some phones' cameras put a second picture there (MPF).
"""

from __future__ import annotations

import re
from typing import Final

from sync.protocol import PHOTO_PIXELS

SCANS: Final = 100
"""No encoder makes more than ten. Each costs a pass over the whole picture, and 8 MB hold a million empty ones."""
_PASSES: Final = 16 * PHOTO_PIXELS
"""Most pixels of all passes together: a picture of the greatest size may have 16 scans."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_MARKER: Final = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])", re.DOTALL)
"""A marker in scan data: not a stuffed 0xff, a restart marker or padding."""
_SOI, _EOI, _SOS = b"\xff\xd8", 0xD9, 0xDA
_BARE_BELOW: Final = 0xC0
"""Markers below this have no length. Decoders pass over them, so what follows must not be skipped as their content."""


def has_too_many_scans(data: bytes, pixels: int) -> bool:
    """True for a JPEG that makes its decoder go over the picture again and again. Its markers alone are read.

    They are read as a decoder reads them, which passes over anything between them, up to the end of the first picture.
    """
    most = _most_scans(pixels)
    at, scans = len(_SOI), 0
    while data.startswith(_SOI) and scans <= most and (found := _MARKER.search(data, at)) is not None:
        if found[1][0] == _EOI:
            break
        scans += found[1][0] == _SOS
        at = _after(data, found)
    return scans > most


def _most_scans(pixels: int) -> int:
    return min(SCANS, max(1, _PASSES // max(1, pixels)))


def _after(data: bytes, marker: re.Match[bytes]) -> int:
    """The position after a marker and its content."""
    at = marker.end()
    return at if marker[1][0] < _BARE_BELOW else at + max(2, int.from_bytes(data[at : at + 2], "big"))


def is_all_image(data: bytes, pixels: int) -> bool:
    """True when the file is an image of so many pixels from its first byte to its last, without too many scans."""
    if data.startswith(_SOI):
        return _is_all_jpeg(data, _most_scans(pixels))
    if data.startswith(_PNG):
        return _png_end(data) == len(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        size = int.from_bytes(data[4:8], "little") + 8
        return len(data) in (size, size + size % 2)
    return False


def _is_all_jpeg(data: bytes, most: int) -> bool:
    at: int | None = 0
    while at is not None and at < len(data):
        if not data.startswith(_SOI, at):
            return not data[at:].strip(b"\0")  # padding
        at = _jpeg_end(data, at, most)
    return at is not None


def _jpeg_end(data: bytes, start: int, most: int) -> int | None:
    """The position after the end marker of the JPEG that starts here; None if it has none, or too many scans."""
    at, scans = start + 2, 0
    while (found := _MARKER.search(data, at)) is not None:
        if scans == 0 and found.start() != at:  # between segments there is nothing; only after a scan its data
            return None
        if found[1][0] == _EOI:
            return found.end()
        scans += found[1][0] == _SOS
        if scans > most:
            return None
        at = _after(data, found)
    return None


def _png_end(data: bytes) -> int | None:
    """The position after the chunk IEND; None if there is none."""
    at = len(_PNG)
    while at + 12 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        at += 12 + size
        if name == b"IEND":
            return at
    return None
