"""One of two like photos shown as the other lies: turned, mirrored and cut like it. No numpy: pages ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.models import PhotoMatch

Matrix = tuple[float, ...]
"""Nine numbers by rows: from a place (x, y, 1) in one photo, parts of its sides, to the one in another."""
SIDE: Final = 1280
SAME: Final = 0.02
"""A corner that lies so near to its own place needs no laying."""
MORE: Final = 1.15
"""So much larger is a picture that shows more than the other: the other one was within it."""


@dataclass(frozen=True, slots=True)
class Laying:
    """Which of two photos is laid as the other lies, 0 or 1, and for each place of the other where it is in it."""

    which: int
    numbers: Matrix


def of_pair(session: Session, hashes: Sequence[str], later: int) -> Laying | None:
    """Return how to show two like photos; None if they lie alike, or if it is not known. `later`: which came later."""
    row = session.scalar(select(PhotoMatch).where(PhotoMatch.sha256 == min(hashes), PhotoMatch.other == max(hashes)))
    if row is None or len(row.laid) != 9:
        return None
    there = tuple(row.laid) if row.sha256 == hashes[0] else _inverse(tuple(row.laid))
    return laying(there, later)


def laying(there: Matrix, later: int) -> Laying | None:
    """The same of a matrix from the first photo to the second."""
    corners = [_moved(there, at) for at in _CORNERS]
    if all(max(abs(x - u), abs(y - v)) <= SAME for (x, y), (u, v) in zip(corners, _CORNERS, strict=True)):
        return None
    size = abs(sum(x * v - u * y for (x, y), (u, v) in zip(corners, [*corners[1:], corners[0]], strict=True))) / 2
    which = 0 if size > MORE else 1 if size < 1 / MORE else later
    return Laying(which, there if which else _inverse(there))


def picture(file: BinaryIO, how: Laying, size: tuple[int, int]) -> bytes:
    """Return the photo laid as a JPEG, for a frame of these sides. Raises what `decode` raises."""
    shrunk = min(1.0, SIDE / max(size))
    frame = [max(1, round(each * shrunk)) for each in size]
    with NamedTemporaryFile() as made:
        decode(Decoding.LAID_PHOTO, [file], [Path(made.name)], numbers=list(how.numbers), size=frame)
        return made.read()


_CORNERS: Final = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def _moved(by: Matrix, at: tuple[float, float]) -> tuple[float, float]:
    x, y = at
    across, down, part = (by[row] * x + by[row + 1] * y + by[row + 2] for row in (0, 3, 6))
    return across / (part or 1e-9), down / (part or 1e-9)


def _inverse(of: Matrix) -> Matrix:
    """Return the inverse up to a factor, which does not matter."""
    a, b, c, d, e, f, g, h, i = of
    return (e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f,
            d * h - e * g, b * g - a * h, a * e - b * d)  # fmt: skip
