"""Whether two photos that may be the same are: the verdict of the second stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import light, registering
from server.services.likeness.numeric import np
from server.services.likeness.pictures import Greys, Matrix, moved, onto
from server.services.likeness.registering import Agreement
from server.services.likeness.search import Near

SHARE: Final = 0.62
"""Least share of textured blocks found, of a photo that was cut."""
WHOLE, PART = 0.68, 0.72
"""The same for two whole photos, and for one and a part of another: where TONE and EDGE are reached. What is above them
counts, and what is below."""
MAYBE: Final = 0.4
TONE, TONE_COUNTS = 0.75, 0.3
"""A copy is bright and dark where its original is, by 0.9 and more. One poster on two walls is not, by 0.6."""
EDGE, EDGE_COUNTS = 0.6, 0.5
"""The share found of the blocks at the picture's edge."""
CUT_TONE: Final = 0.8
"""The least of a photo that was cut."""
TEXTURED: Final = 20
"""Textured blocks, of 48, that are enough to be sure."""
LEAST: Final = 6
"""With fewer textured blocks nothing is said: two white walls are two white walls."""


ASPECT, LEAN, PERSPECTIVE = 0.03, 0.025, 0.12
STRAIGHT: Final = 0.004
"""How exactly a screenshot has a photo that was cut: as wide for its height, straight, and as large on all sides."""
ALL, WELL = 0.93, 0.8
"""So many textured blocks found, and all of them going together so well, weigh more than a lamp on a screen."""
EXACT: Final = (0.008, 0.006, 0.01)
"""The same so exactly that no hand holds a camera so twice."""


@dataclass(frozen=True, slots=True)
class LikenessVerdict:
    """Two photos that look alike, by their hashes in order; see PhotoMatch."""

    pair: tuple[str, str]
    sure: bool
    share: int
    laid: list[float]


def judge(hashes: tuple[str, str], own: Greys, theirs: Greys, corners: Any, near: Near) -> LikenessVerdict | None:
    """Compare two photos as the windows say; None if they are not alike. `corners`: of the first one's view."""
    part = onto(corners) @ registering.boxed(near.own) @ registering.turned(near.variant)
    other = onto(near.corners) @ registering.boxed(near.theirs)
    found = registering.compare(own, part, theirs, other)
    if found.textured < LEAST or found.share < MAYBE:
        return None
    laid = found.part @ np.linalg.inv(part)  # from the first picture to the other
    shared = light.compare(own, theirs, laid)
    whole = found.share >= ALL and shared.together >= WELL
    if shared.is_other and not whole and not is_similar(laid, own.size, theirs.size, EXACT):
        return None
    if not shared.is_same:
        if near.mine:
            alike = _is_photo(found, theirs, own, np.linalg.inv(laid), corners)
        elif near.is_part:
            alike = _is_photo(found, own, theirs, laid, near.corners)
        else:
            alike = _worth(found) >= WHOLE
        if not alike:
            return None
    first, second = sorted(hashes)
    if first != hashes[0]:
        laid = np.linalg.inv(laid)
    numbers = [float(each) for each in (laid / np.abs(laid).max()).reshape(-1)]
    return LikenessVerdict((first, second), found.textured >= TEXTURED, round(100 * found.share), numbers)


def _worth(found: Agreement) -> float:
    return found.share + TONE_COUNTS * (found.tone - TONE) + EDGE_COUNTS * (found.edge - EDGE)


def _is_photo(found: Agreement, whole: Greys, other: Greys, laid: Matrix, corners: Any) -> bool:
    """Whether a part of the other picture is this whole photo, and not a thing that both of them show, as a poster.

    The photo is there up to its edges, or it was cut, and then it lies there straight and as wide and high as it was.
    """
    full = registering.look(whole, np.eye(3), other, laid)
    if _worth(full) >= PART:
        return True
    upright = np.abs(np.diff(corners[[0, 1, 2, 3, 0]], axis=0)).min(axis=1).max() < STRAIGHT
    sure = found.share >= SHARE and found.tone >= CUT_TONE and full.tone >= TONE
    return bool(sure and upright and is_similar(laid, whole.size, other.size))


def is_similar(
    laid: Matrix,
    from_size: tuple[int, int],
    to_size: tuple[int, int],
    limits: tuple[float, float, float] = (ASPECT, LEAN, PERSPECTIVE),
) -> bool:
    """Whether a matrix between two pictures is what a screenshot does: scaled, perhaps turned by 90 or mirrored."""
    whole = np.diag([*to_size, 1.0]) @ laid @ np.diag([1 / from_size[0], 1 / from_size[1], 1.0])
    steps, sizes = [], []
    for x, y in ((0.5, 0.5), (0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)):
        at = np.array([[x, y], [x, y]]) * from_size
        right, down = moved(whole, at + np.eye(2)) - moved(whole, at)
        steps.append((right, down))
        sizes.append(abs(right[0] * down[1] - right[1] * down[0]))
    right, down = steps[0]
    lengths = np.linalg.norm(right), np.linalg.norm(down)
    leans = [np.abs(each).min() / np.linalg.norm(each) for each in (right, down)]
    aspect, lean, perspective = limits
    same = max(lengths) < (1 + aspect) * min(lengths)
    return bool(same and max(leans) < lean and max(sizes) < (1 + perspective) * min(sizes))
