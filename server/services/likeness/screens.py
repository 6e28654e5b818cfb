"""The fourth stage: whether one of two pictures is a photo of a screen on which the other was shown.

Stripes of the screen, a lamp in its glass and blur change the light of a copy as much as another wall changes that of a
poster. Yet they leave noise everywhere, which no photo taken of the thing itself has. So where there is such noise, it
is enough that all that the original shows is there, up to its rim, seen through the noise; where there is none, this
says nothing, and no photo without a screen is taken for a copy by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness.light import inside
from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT, Greys, Matrix, moved
from server.services.likeness.registering import BLOCK, HIGH, RIM, WIDE, blocks_of
from server.services.likeness.spots import blurred

NOISY: Final = 2.45
"""Least noise in grey, of three quarters of the blocks.

Of 24 pairs of photos that one poster fills, on two walls, 23 have at most 2.2.
"""
SOFT, WIDELY = 1.2, 10.0
"""Blurs in pixels: what is smaller is noise, and what is larger is light."""
REACH: Final = 3
TEXTURED, MOST = 2.0, 12.0
"""Standard deviations in grey: of the least texture that counts, and of what counts most."""
BURNT: Final = (0.4, 245)
"""A block of which so much is so bright shows nothing: the lamp."""
THERE: Final = 0.4
"""A block that goes together less is not there."""
BLOCKS, RIMS = 20, 9
"""Least blocks with texture, and least of those at the rim."""
TOGETHER, MISSED = (0.68, 0.62), (0.09, 0.14)
"""Least mean correlation of blocks by their texture, and most of the texture that is not there: of all, at the rim."""


@dataclass(frozen=True, slots=True)
class SeenThrough:
    """`noise`: what no original explains, in grey. `together`, `missed`: of all blocks with texture, and of the rim."""

    noise: float
    blocks: int
    rims: int
    together: tuple[float, float] = (0.0, 0.0)
    missed: tuple[float, float] = (1.0, 1.0)

    @property
    def is_copy(self) -> bool:
        """True if one picture is noisy as a screen, and shows all of the other."""
        enough = self.noise >= NOISY and self.blocks >= BLOCKS and self.rims >= RIMS
        alike = all(each >= least for each, least in zip(self.together, TOGETHER, strict=True))
        return enough and alike and all(each <= most for each, most in zip(self.missed, MISSED, strict=True))


def compare(one: Greys, other: Greys, laid: Matrix) -> SeenThrough:
    """Lay two pictures over each other. `laid`: from places in the first to those in the other."""
    x, y = moved(laid, UNIT).T
    if abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) > 2:  # the first shows more than the other
        one, other, laid = other, one, np.linalg.inv(laid)
    first, second = one.laid(np.eye(3), (WIDE, HIGH)), other.laid(laid, (WIDE, HIGH))
    clear = inside(laid)
    for each in (first, second):
        clear &= (blocks_of(each) >= BURNT[1]).mean(axis=(1, 2)) < BURNT[0]
    alike, ours, theirs = _alike(first, second)
    weights = np.minimum(np.minimum(ours, theirs), MOST)
    counted = clear & (weights >= TEXTURED)
    rim = counted & RIM
    if counted.sum() < BLOCKS or rim.sum() < RIMS:
        return SeenThrough(0.0, int(counted.sum()), int(rim.sum()))

    def mean(of: Any) -> tuple[float, float]:
        every, edge = (float(np.average(of[some], weights=weights[some])) for some in (counted, rim))
        return every, edge

    # Either of them may be the noisy one; of a calm picture a noisy one leaves nothing.
    noise = max(float(np.percentile(_left(*each)[clear], 25)) for each in ((first, second), (second, first)))
    return SeenThrough(noise, int(counted.sum()), int(rim.sum()), mean(alike), mean(alike < THERE))


def _alike(first: Any, second: Any) -> tuple[Any, Any, Any]:
    """Return the correlation of each block at its best place nearby, and its texture in both pictures."""
    mine, other = (blurred(each, SOFT) - blurred(each, WIDELY) for each in (first, second))
    ours = blocks_of(mine)
    ours = ours - ours.mean(axis=(1, 2), keepdims=True)
    spread, best = ours.std(axis=(1, 2)), np.full(len(ours), -1.0)
    texture, padded = spread, np.pad(other, REACH, mode="edge")
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            theirs = blocks_of(padded[down : down + HIGH, right : right + WIDE])
            theirs = theirs - theirs.mean(axis=(1, 2), keepdims=True)
            around = theirs.std(axis=(1, 2))
            product = (ours * theirs).mean(axis=(1, 2)) / np.maximum(0.3, spread) / np.maximum(0.3, around)
            best = np.maximum(best, product)
            if down == right == REACH:
                texture = around
    return best, spread, texture


def _left(first: Any, second: Any) -> Any:
    """Return of each block of the second picture what the first one does not explain.

    It explains its own greys, up to contrast and brightness that rise across the block, a little beside their place.
    """
    mine, theirs = blurred(first, 0.8), blurred(second, 0.8)
    y, x = np.mgrid[-1 : 1 : BLOCK * 1j, -1 : 1 : BLOCK * 1j]
    slopes = [np.gradient(mine, axis=axis) for axis in (0, 1)]
    greys = [blocks_of(np.ascontiguousarray(each)).reshape(-1, BLOCK * BLOCK) for each in (mine, *slopes)]
    same = [np.broadcast_to(each.reshape(-1), greys[0].shape) for each in (np.ones_like(x), x, y)]
    known = np.stack([*greys, *same], axis=2).astype(np.float64)
    wanted = blocks_of(theirs).reshape(-1, BLOCK * BLOCK, 1)
    turned = known.swapaxes(1, 2)
    numbers = np.linalg.solve(turned @ known + 1e-3 * np.eye(known.shape[2]), turned @ wanted)
    return 1.48 * np.median(np.abs(wanted - known @ numbers)[:, :, 0], axis=1)
