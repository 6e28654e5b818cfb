"""The third stage: whether two pictures laid over each other have the same light, and the same weak textures.

One printed poster fills many photos. Its blocks are at the same places in each, and the photos were taken of different
walls, on different days. A copy goes together with its original also where there is little to see, and it is bright
where the original is, up to contrast, brightness and a lamp that shines softly over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT, Greys, Matrix, moved, onto
from server.services.likeness.registering import HIGH, WIDE, blocks_of

WEAK: Final = 2.0
"""Least standard deviation of the greys of a block with a weak texture, in one of the pictures."""
NEAR: Final = 3
"""How many pixels a block is looked for to each side of its place."""
SAME: Final = (0.88, 2.5)
"""Blocks that go together so well, and three quarters of them no farther from the brightness that the others let
expect (of 255), are of one photo, whatever was drawn over it. Posters on two walls: at most 0.87, at least 2.1."""
OTHER: Final = (0.85, 4.0)
"""Below the one and above the other the photos are two, unless one lies in the other as no hand can hold a camera."""
LEAST: Final = 12
"""Blocks that both pictures have, which are enough to say so."""
_ROWS, _COLUMNS = (each.reshape(-1) for each in np.mgrid[0:6, 0:8])


@dataclass(frozen=True, slots=True)
class SharedLight:
    """`together`: the mean correlation of blocks. `off`: by how much most are brighter or darker than expected.

    Without enough blocks it is neither the same nor another photo.
    """

    together: float
    off: float
    blocks: int

    @property
    def is_same(self) -> bool:
        """True if it can be one photo alone."""
        return self.blocks >= LEAST and self.together >= SAME[0] and self.off <= SAME[1]

    @property
    def is_other(self) -> bool:
        """True if these are two photos of one thing, by their light."""
        return self.blocks >= LEAST and self.together < OTHER[0] and self.off > OTHER[1]


def compare(
    one: Greys, other: Greys, laid: Matrix, parts: tuple[Any, Any] = (UNIT, UNIT), least: int = LEAST
) -> SharedLight:
    """Lay two pictures over each other. `laid`: from places in the first to those in the other.

    `parts`: the corners of what is looked at in each. With fewer than `least` blocks there is nothing to be seen.
    """
    x, y = moved(laid, UNIT).T
    if abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) > 2:  # the first shows more than the other
        one, other, laid, parts = other, one, np.linalg.inv(laid), parts[::-1]
    both = _inside(np.linalg.inv(onto(parts[0]))) & _inside(np.linalg.inv(onto(parts[1])) @ laid)
    if both.sum() < least:
        return SharedLight(0.0, 0.0, int(both.sum()))
    size = WIDE, HIGH
    first, second = one.laid(np.eye(3), size), other.laid(laid, size)
    return SharedLight(_together(first, second, both), _off(first, second, both), int(both.sum()))


def _inside(laid: Matrix) -> Any:
    """Return which blocks of the first picture lie in the unit square."""
    found = np.ones(len(_ROWS), dtype=bool)
    for right in (0, 1):
        for down in (0, 1):
            there = moved(laid, np.column_stack([(_COLUMNS + right) / 8, (_ROWS + down) / 6]))
            found &= ((there > -0.005) & (there < 1.005)).all(axis=1)
    return found


def _together(first: Any, second: Any, both: Any) -> float:
    """Return the mean correlation of the blocks, each at its best place nearby."""
    ours = _flat(first)
    best = np.full(len(ours), -1.0)
    spread = ours.std(axis=(1, 2))
    padded, most = np.pad(second, NEAR, mode="edge"), spread
    for down in range(2 * NEAR + 1):
        for right in range(2 * NEAR + 1):
            theirs = _flat(padded[down : down + HIGH, right : right + WIDE])
            other = theirs.std(axis=(1, 2))
            product = (ours * theirs).mean(axis=(1, 2))
            best = np.maximum(best, product / np.maximum(1, spread) / np.maximum(1, other))
            if down == right == NEAR:
                most = np.maximum(spread, other)
    chosen = both & (most >= WEAK)
    return float(best[chosen].mean()) if chosen.any() else 1.0


def _off(first: Any, second: Any, both: Any) -> float:
    """Return by how much blocks of the second are brighter or darker than those of the first let expect."""
    ours, theirs = (blocks_of(each).mean(axis=(1, 2))[both] for each in (first, second))
    x, y = (_COLUMNS[both] - 3.5) / 4, (_ROWS[both] - 2.5) / 3
    known = np.column_stack([ours, np.ones(len(ours)), x, y, x * x, y * y, x * y])
    weights, off, numbers = np.ones(len(ours)), ours, ours[:1]
    for _ in range(6):  # what is covered, or was drawn over it, tells nothing of the light
        numbers, *_ = np.linalg.lstsq(known * weights[:, None], theirs * weights, rcond=None)
        off = np.abs(known @ numbers - theirs)
        weights = 1 / np.sqrt(np.maximum(1, off / 2))
    return float(np.percentile(off, 75) / max(0.3, abs(numbers[0])))


def _flat(laid: Any) -> Any:
    blocks = blocks_of(laid)
    return blocks - blocks.mean(axis=(1, 2), keepdims=True)
