"""Check an image and make its thumbnail, in a confined process (server/decoding/). Decoding it fully is the proof."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode

THUMB_PIXELS = 320
TYPES = ("image/jpeg", "image/png", "image/webp")
"""What a photo that is kept may be."""


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
        found = decode(Decoding.PHOTO, [path], [thumb], side=THUMB_PIXELS)
    except Unfit as refused:
        found = {"code": refused.code}
    if found["code"] is not None:
        thumb.unlink(missing_ok=True)
    return Judged(size, **found)
