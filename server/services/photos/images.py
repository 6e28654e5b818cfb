"""Check an image and make its thumbnail, in a confined process (server/decoding/). Decoding it fully is the proof."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode, is_code
from sync.protocol import PHOTO_PIXELS

THUMB_PIXELS = 320
TYPES = ("image/jpeg", "image/png", "image/webp")
"""What a photo that is kept may be."""
_SIDE: Final = 2**31 - 1
"""Most pixels that a header can state, and a column hold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of checking a file; `code`: why it is refused."""

    size_bytes: int
    width: int = 0
    height: int = 0
    type: str = ""
    code: str | None = None


def thumb_key(sha256: str) -> str:
    """The blob key of the thumbnail we made of a photo."""
    return f"{sha256}-{THUMB_PIXELS}"


def sha256_of(path: Path) -> str:
    """The hash of a file, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def judge(path: Path, thumb: Path) -> Judged:
    """Decode the file and write a small JPEG of it to `thumb`.

    Raises OSError for a disk fault, Problem `unavailable` where the machine could not decode it.
    """
    size = path.stat().st_size
    thumb.unlink(missing_ok=True)
    try:
        judged = _judged(size, decode(Decoding.PHOTO, [path], [thumb], side=THUMB_PIXELS))
    except Unfit as refused:
        judged = Judged(size, code=refused.code)
    if judged.code is not None:
        thumb.unlink(missing_ok=True)
    return judged


def _judged(size: int, found: Any) -> Judged:
    """Return what is believed of an answer: the photo may have taken over the process that gave it."""
    match found:
        case {"width": int(width), "height": int(height), "type": type_, "code": None}:
            if type_ in TYPES and min(width, height) > 0 and width * height <= PHOTO_PIXELS:
                return Judged(size, int(width), int(height), type_)
        case {"width": int(width), "height": int(height), "code": str(code)}:
            if is_code(code) and min(width, height) >= 0 and max(width, height) <= _SIDE:
                return Judged(size, int(width), int(height), code=code)
    return Judged(size, code="not_an_image")
