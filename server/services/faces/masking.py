"""Copies of photos in which parts are covered. They are made where they are needed, and none is kept.

A part is filled with one colour: what a blur or coarse squares leave can be guessed at. A copy has no EXIF and no other
data of the photo beside its pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Final

from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.faces.marks import Part

PIXELS: Final = 1600
"""Longer side of a copy that a person looks at: that of a phone's photo."""


def small_copy(file: BinaryIO, parts: Sequence[Part], side: int) -> bytes:
    """Return a JPEG at most so many pixels wide and high. Raises Unfit, Problem `unavailable`, OSError."""
    with NamedTemporaryFile() as made:
        decode(Decoding.REPORT_PHOTO, [file], [Path(made.name)], side=side, parts=list(parts))
        return made.read()


def stamped_copy(file: BinaryIO, parts: Sequence[Part], lines: Sequence[str]) -> bytes:
    """Return a JPEG of the whole photo with these lines at its foot. Raises Unfit, Problem `unavailable`, OSError."""
    with NamedTemporaryFile() as made:
        decode(Decoding.STAMPED_PHOTO, [file], [Path(made.name)], lines=list(lines), parts=list(parts))
        return made.read()
