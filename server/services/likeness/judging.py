"""Whether two photos that may be the same are: the verdict of the second stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

from server.services.likeness import registering
from server.services.likeness.search import Near

SHARE: Final = 0.62
"""Least share of textured blocks found. Copies have 0.79 and more, other streets with the same banner 0.5 at most."""
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


def judge(hashes: tuple[str, str], own: Image.Image, theirs: Image.Image, near: Near) -> LikenessVerdict | None:
    """Compare two thumbnails as the windows say; None if they are not alike."""
    found = registering.compare(registering.turned(own, near.variant), theirs, (near.own, near.theirs))
    if found.textured < LEAST or found.share < SHARE:
        return None
    first, second = sorted(hashes)
    return LikenessVerdict((first, second), found.textured >= TEXTURED, round(100 * found.share))
