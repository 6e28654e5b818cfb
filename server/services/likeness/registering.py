"""The second stage: two pictures laid over each other, and compared block by block.

Streets have much in common: sky above, road below, a banner across. So windows that look alike prove little. Here each
block of one picture is looked for near its place in the other. Blocks that are found must agree on how the pictures
lie (one shift, scale and slant for all), and most blocks with a texture must be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from PIL import Image

from server.services.likeness import windows
from server.services.likeness.numeric import np

WIDE, HIGH = 256, 192
BLOCK: Final = 32
REACH: Final = 12
"""How many pixels a block is looked for to each side of its place."""
TEXTURED: Final = 7.0
"""Least standard deviation of the greys of a block with a texture, of 255."""
ALIKE: Final = 0.7
"""Least correlation of a block with the place where it is found."""
OFF: Final = 2.5
"""Most pixels by which a found block may miss the place that all of them agree on."""
STEEP: Final = 0.12
"""Most by which pictures are scaled or turned against each other, beside what the windows tell."""
MAYBE, SURELY = 0.12, 0.9
"""Between these shares of found blocks it is worth another look."""
_FFT: Final = 64


@dataclass(frozen=True, slots=True)
class Agreement:
    """`textured`: blocks with a texture, of 48. `found`: those of them that the other picture has at their place."""

    textured: int
    found: int

    @property
    def share(self) -> float:
        """The part of the textured blocks that were found."""
        return self.found / self.textured if self.textured else 0.0


def turned(picture: Image.Image, number: int) -> Image.Image:
    """Return the picture turned or mirrored as `windows.variant` does."""
    if number & 4:
        picture = picture.transpose(Image.Transpose.TRANSPOSE)
    if number & 1:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if number & 2:
        picture = picture.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return picture


def compare(own: Image.Image, theirs: Image.Image, boxes: tuple[int, int]) -> Agreement:
    """Lay two upright pictures over each other. `boxes`: the windows of the two that look alike.

    If some blocks agree, the pictures are laid over each other once more as these blocks say: windows are a coarse
    net, and a turned picture has parts beyond reach.
    """
    ours = _laid(own, _part(own, windows.BOXES[boxes[0]]))
    blocks = ours.reshape(HIGH // BLOCK, BLOCK, WIDE // BLOCK, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)
    textured = blocks.std(axis=(1, 2)) >= TEXTURED
    count = int(textured.sum())
    if not count:
        return Agreement(0, 0)
    part, best = _part(theirs, windows.BOXES[boxes[1]]), 0
    for _ in range(2):
        peaks, moves = _looked_for(blocks[textured], _laid(theirs, part), np.flatnonzero(textured))
        found, plane = _agreeing(_centres()[textured], moves, peaks >= ALIKE)
        best = max(best, found)
        if plane is None or not MAYBE * count <= found < SURELY * count:
            break
        part = _moved(part, plane)
    return Agreement(count, best)


def _part(picture: Image.Image, box: tuple[float, float, float, float]) -> Any:
    """Return where the window's points lie in the picture: (2, 3), from (x, y, 1) of the window to x, y there."""
    wide, high = picture.size
    left, top, right, bottom = box
    return np.array(
        [[(right - left) * wide / WIDE, 0, left * wide], [0, (bottom - top) * high / HIGH, top * high]],
        dtype=np.float64,
    )


def _moved(part: Any, plane: Any) -> Any:
    """Return the part corrected by a plane of moves (3, 2): constant, by row, by column; each down and right."""
    (down, right), (down_row, right_row), (down_column, right_column) = plane
    middle_x, middle_y = WIDE / 2, HIGH / 2
    step = np.array(
        [
            [1 + right_column, right_row, right - right_column * middle_x - right_row * middle_y],
            [down_column, 1 + down_row, down - down_column * middle_x - down_row * middle_y],
            [0, 0, 1],
        ]
    )
    return part @ step


def _laid(picture: Image.Image, part: Any) -> Any:
    """Return that part of the picture as WIDE x HIGH greys."""
    grey = picture.convert("L")
    laid = grey.transform((WIDE, HIGH), Image.Transform.AFFINE, tuple(part.reshape(-1)), Image.Resampling.BILINEAR)
    return np.asarray(laid, dtype=np.float32)


def _looked_for(blocks: Any, other: Any, numbers: Any) -> tuple[Any, Any]:
    """Return for each block its best correlation within reach, and where it is: (n,), (n, 2) as (down, right)."""
    span = BLOCK + 2 * REACH
    padded = np.pad(other, REACH, mode="edge")
    rows, columns = np.divmod(numbers, WIDE // BLOCK)
    views = np.lib.stride_tricks.sliding_window_view(padded, (span, span))
    fields = views[rows * BLOCK, columns * BLOCK]
    flat = blocks - blocks.mean(axis=(1, 2), keepdims=True)
    shape = (_FFT, _FFT)
    spectrum = np.fft.rfft2(fields, shape) * np.conj(np.fft.rfft2(flat, shape))
    places = 2 * REACH + 1
    product = np.fft.irfft2(spectrum, shape)[:, :places, :places]
    area = BLOCK * BLOCK
    mean, square = _sums(fields) / area, _sums(fields.astype(np.float64) ** 2) / area
    spread = np.sqrt(np.clip(square - mean**2, 1.0, None)) * area
    likeness = product / (spread * blocks.std(axis=(1, 2))[:, None, None])
    best = likeness.reshape(len(blocks), -1).argmax(axis=1)
    moves = np.stack(np.divmod(best, places), axis=1) - REACH
    return likeness.reshape(len(blocks), -1)[np.arange(len(blocks)), best], moves


def _sums(fields: Any) -> Any:
    """Return the sum over each place of a block within each field."""
    total = np.zeros((len(fields), fields.shape[1] + 1, fields.shape[2] + 1))
    total[:, 1:, 1:] = fields.cumsum(axis=1, dtype=np.float64).cumsum(axis=2)
    return total[:, BLOCK:, BLOCK:] - total[:, :-BLOCK, BLOCK:] - total[:, BLOCK:, :-BLOCK] + total[:, :-BLOCK, :-BLOCK]


def _agreeing(places: Any, moves: Any, good: Any) -> tuple[int, Any]:
    """Return how many of the good blocks agree on one plane of moves, and the plane: the best through any three."""
    places, moves = places[good], moves[good].astype(np.float64)
    if len(places) < 4:
        near = len(places) and np.abs(moves - np.median(moves, axis=0)).max() <= OFF
        return (len(places) if near else 0), None
    design = np.column_stack([np.ones(len(places)), places])
    best, kept = 0, None
    for chosen in _threes(len(places)):
        agree, plane = _with(design, moves, chosen)
        if agree.sum() > best:
            agree, plane = _with(design, moves, agree)
            best, kept = int(agree.sum()), plane
            if best > 0.9 * len(places):
                break
    return best, kept


def _with(design: Any, moves: Any, chosen: Any) -> tuple[Any, Any]:
    """Return which blocks agree with the plane through the chosen ones, and the plane."""
    plane, *_ = np.linalg.lstsq(design[chosen], moves[chosen], rcond=None)
    agree = np.abs(design @ plane - moves).max(axis=1) <= OFF
    return (agree if np.abs(plane[1:]).max() <= STEEP else np.zeros_like(agree)), plane


@cache
def _threes(count: int) -> Any:
    """Return up to 40 choices of three blocks, always the same: no result depends on chance."""
    dice = np.random.default_rng(count)
    return [dice.choice(count, 3, replace=False) for _ in range(40)]


@cache
def _centres() -> Any:
    rows, columns = np.divmod(np.arange((HIGH // BLOCK) * (WIDE // BLOCK)), WIDE // BLOCK)
    return np.stack([(rows + 0.5) * BLOCK, (columns + 0.5) * BLOCK], axis=1) - np.array([HIGH / 2, WIDE / 2])
