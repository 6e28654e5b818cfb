"""Whether two photos that may be the same are: the verdict of the second stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import registering
from server.services.likeness.numeric import np
from server.services.likeness.pictures import Greys, onto
from server.services.likeness.search import Near

SHARE: Final = 0.62
"""Least share of textured blocks found, where the blocks' brightness goes together as TONE says."""
TONE, TONE_COUNTS = 0.75, 0.3
"""A copy is bright and dark where its original is, by 0.9 and more. One poster on two walls is not, by 0.5: there more
blocks must be found."""
TEXTURED: Final = 20
"""Textured blocks, of 48, that are enough to be sure."""
LEAST: Final = 6
"""With fewer textured blocks nothing is said: two white walls are two white walls."""


@dataclass(frozen=True, slots=True)
class LikenessVerdict:
    """Two photos that look alike, by their hashes in order; see PhotoMatch."""

    pair: tuple[str, str]
    sure: bool
    share: int
    laid: list[float]


def judge(hashes: tuple[str, str], own: Greys, theirs: Greys, corners: Any, near: Near) -> LikenessVerdict | None:
    """Compare two photos as the windows say; None if they are not alike. `corners`: of the first one's view."""
    part = onto(corners) @ registering.turned(near.variant) @ registering.boxed(near.own)
    other = onto(near.corners) @ registering.boxed(near.theirs)
    found = registering.compare(own, part, theirs, other)
    if found.textured < LEAST or found.share + TONE_COUNTS * (found.tone - TONE) < SHARE:
        return None
    first, second = sorted(hashes)
    laid = found.part @ np.linalg.inv(part)  # from the first picture to the other
    if first != hashes[0]:
        laid = np.linalg.inv(laid)
    numbers = [float(each) for each in (laid / np.abs(laid).max()).reshape(-1)]
    return LikenessVerdict((first, second), found.textured >= TEXTURED, round(100 * found.share), numbers)
