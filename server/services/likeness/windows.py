"""The windows of a photo as hashes: 23 crops, each whole and without its lowest 14 %, 64 bits each.

A hash of the whole picture finds few copies whose edges were cut. With these windows, one of the two pictures is
always close to a window of the other. Bits are the signs of a window's lowest waves (DCT), so brightness and contrast
do not matter, and turning or mirroring the picture moves and flips them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from server.services.likeness.numeric import np

Array = Any
"""A numpy array."""
SIDE: Final = 128
"""Pixels of a side of the square to which each picture is brought."""
WAVES: Final = 8
GRID: Final = 32
"""Points of a window per side."""
BOTTOM: Final = 0.86
"""The part that is left when a stamp at the bottom is cut off."""
VARIANTS: Final = 8
"""Ways to turn and mirror a picture: bit 0 mirrors left and right, bit 1 upside down, bit 2 swaps the axes first."""


def _crops() -> tuple[tuple[float, float, float, float], ...]:
    """Return 23 crops as (left, top, right, bottom), parts of the sides; the whole picture first."""
    found = [(0.0, 0.0, 1.0, 1.0)]
    found += [(x, y, x + 0.9, y + 0.9) for x in (0, 0.05, 0.1) for y in (0, 0.05, 0.1)]
    found += [(x, 0, x + 0.9, 1) for x in (0, 0.05, 0.1)]
    found += [(0, y, 1, y + 0.9) for y in (0, 0.05, 0.1)]
    found += [(x, y, x + 0.95, y + 0.95) for x in (0, 0.05) for y in (0, 0.05)]
    found += [(0.025, 0.025, 0.975, 0.975), (0.075, 0.075, 0.925, 0.925), (0.1, 0.1, 0.9, 0.9)]
    return tuple(found)


CROPS: Final = _crops()
BOXES: Final = (*CROPS, *((left, top, right, top + (bottom - top) * BOTTOM) for left, top, right, bottom in CROPS))
"""All windows of a picture, in the order of its hashes."""
COUNT: Final = len(BOXES)


def bits(grey: Array) -> Array:
    """Return the bits of all windows of a square, as booleans (COUNT, WAVES, WAVES)."""
    down, across = _matrices()
    waves = (down @ grey) @ across
    found = waves > 0
    found[:, 0, 0] = False  # the brightness
    return found


def variant(of: Array, number: int) -> Array:
    """Return the bits of the same windows on the picture turned or mirrored; see VARIANTS."""
    turned = of.swapaxes(1, 2) if number & 4 else of
    odd = np.arange(WAVES) % 2 == 1
    flipped = turned ^ odd[None, None, :] if number & 1 else turned
    flipped = flipped ^ odd[None, :, None] if number & 2 else flipped
    return flipped & _not_brightness()


def packed(of: Array) -> Array:
    """Return bits as 64-bit numbers, one a window."""
    return np.packbits(of.reshape(len(of), WAVES * WAVES), axis=1).view(np.uint64).reshape(len(of))


@cache
def _not_brightness() -> Array:
    mask = np.ones((WAVES, WAVES), dtype=bool)
    mask[0, 0] = False
    return mask


@cache
def _matrices() -> tuple[Array, Array]:
    """Return what makes the waves of each window of a square in two products: (COUNT, 8, SIDE), (COUNT, SIDE, 8)."""
    points = (np.arange(GRID) + 0.5) / GRID
    cosines = np.cos(np.pi * np.arange(WAVES)[:, None] * points[None, :])
    across = [cosines @ _sampling(left, right) for left, _, right, _ in BOXES]
    down = [cosines @ _sampling(top, bottom) for _, top, _, bottom in BOXES]
    return np.stack(down).astype(np.float32), np.stack(across).astype(np.float32).swapaxes(1, 2)


def _sampling(start: float, end: float) -> Array:
    """Return the mean over each of GRID parts of a line of SIDE pixels, from `start` to `end`: (GRID, SIDE)."""
    edges = np.linspace(start * SIDE, end * SIDE, GRID + 1)
    pixels = np.arange(SIDE)
    covered = np.minimum(edges[1:, None], pixels + 1) - np.maximum(edges[:-1, None], pixels)
    covered = np.clip(covered, 0, None)
    return covered / covered.sum(axis=1, keepdims=True)
