"""The second stage: two pictures laid over each other, and compared block by block.

Streets have much in common: sky above, road below, a banner across. So windows that look alike prove little. Here each
block of one picture is looked for near its place in the other. Blocks that are found must agree on how the pictures
lie (one shift, scale, slant and perspective for all), and most blocks with a texture must be found.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from server.services.likeness import windows
from server.services.likeness.numeric import np
from server.services.likeness.pictures import Greys, Matrix

WIDE, HIGH = 256, 192
BLOCK: Final = 32
REACH: Final = 14
"""How many pixels a block is looked for to each side of its place."""
TEXTURED: Final = 7.0
"""Least standard deviation of the greys of a block with a texture, of 255."""
ALIKE: Final = 0.7
"""Least correlation of a block with the place where it is found."""
OFF: Final = 2.5
"""Most pixels by which a found block may miss the place that all of them agree on."""
STEEP: Final = 0.16
"""Most by which pictures are scaled or turned against each other, beside what the windows tell."""
LOOKS: Final = 3
MAYBE, SURELY = 0.12, 0.9
"""Between these shares of found blocks it is worth another look."""
_FFT: Final = 64


@dataclass(frozen=True, slots=True)
class Agreement:
    """`textured`: blocks with a texture, of 48. `found`: those of them that the other picture has at their place.

    `edge`: the share found of those at the edge of the picture. `tone`: how the blocks' brightness goes together.
    `part`: where the other picture has what the part of the first one shows. `moved`: the blocks told that.
    """

    textured: int
    found: int
    part: Matrix
    edge: float = 0.0
    tone: float = 0.0
    moved: bool = False
    lit: float = 0.0

    @property
    def share(self) -> float:
        """The part of the textured blocks that were found."""
        return self.found / self.textured if self.textured else 0.0


def boxed(number: int) -> Matrix:
    """Return the matrix of a window: from its own unit square to its picture's."""
    left, top, right, bottom = windows.BOXES[number]
    return np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1.0]])


def turned(number: int) -> Matrix:
    """Return the matrix of a way to turn (windows.variant): from the turned unit square to the upright one."""
    made = np.eye(3)
    if number & 2:
        made = np.array([[1, 0, 0], [0, -1, 1], [0, 0, 1.0]]) @ made
    if number & 1:
        made = np.array([[-1, 0, 1], [0, 1, 0], [0, 0, 1.0]]) @ made
    if number & 4:
        made = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1.0]]) @ made
    return made


def compare(own: Greys, part: Matrix, theirs: Greys, other: Matrix) -> Agreement:
    """Lay a part of a picture over a part of another.

    If some blocks agree, the pictures are laid over each other once more as these blocks say: windows are a coarse
    net, and a turned picture has parts beyond reach.
    """
    best = look(own, part, theirs, other)
    last = best
    for _ in range(LOOKS - 1):
        if not last.moved or not MAYBE * last.textured <= last.found < SURELY * last.textured:
            break
        last = look(own, part, theirs, last.part)
        best = max(best, last, key=lambda each: each.found)
    return best


def look(own: Greys, part: Matrix, theirs: Greys, other: Matrix) -> Agreement:
    """The same, with one look."""
    blocks = blocks_of(own.laid(part, (WIDE, HIGH)))
    textured = blocks.std(axis=(1, 2)) >= TEXTURED
    count = int(textured.sum())
    if not count:
        return Agreement(0, 0, other)
    numbers, laid = np.flatnonzero(textured), theirs.laid(other, (WIDE, HIGH))
    peaks, moves = _looked_for(blocks[textured], laid, numbers)
    agree, step = _agreeing(_centres()[textured], moves, peaks >= ALIKE)
    rim = _rim()[numbers]
    edge = float(agree[rim].mean()) if rim.any() else 1.0
    part = other if step is None else other @ step
    whole = blocks_of(laid)
    same = numbers[agree]
    lit = _tone(blocks[same], whole[same]) if len(same) > 2 else 0.0
    return Agreement(count, int(agree.sum()), part, edge, _tone(blocks, whole), step is not None, lit)


def blocks_of(laid: Any) -> Any:
    """Return the 48 blocks of a laid picture, by rows."""
    return laid.reshape(HIGH // BLOCK, BLOCK, WIDE // BLOCK, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)


def _tone(blocks: Any, laid: Any) -> float:
    """Return how the mean greys of blocks go together, textured or not: by their ranks, -1 to 1."""
    ours, other = blocks.mean(axis=(1, 2)), laid.mean(axis=(1, 2))
    ranks = [np.argsort(np.argsort(each)).astype(np.float64) for each in (ours, other)]
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])


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


def _agreeing(places: Any, moves: Any, good: Any) -> tuple[Any, Matrix | None]:
    """Return which blocks agree, of all, and the step that they agree on, from the unit square to itself.

    The best plane of moves through any three blocks, then the perspective through all that are near to it.
    """
    which, agree = np.flatnonzero(good), np.zeros(len(places), dtype=bool)
    at, went = places[good], moves[good].astype(np.float64)
    if len(at) < 4:
        if len(at) and np.abs(went - np.median(went, axis=0)).max() <= OFF:
            agree[which] = True
        return agree, None
    design = np.column_stack([np.ones(len(at)), at])
    best, plane = np.zeros(len(at), dtype=bool), None
    for chosen in _threes(len(at)):
        near, made = _with(design, went, chosen)
        if near.sum() > best.sum():
            near, made = _with(design, went, near)
            best, plane = near, made
            if best.sum() > 0.9 * len(at):
                break
    if plane is None:
        return agree, None
    best, step = _refined(at, went, design, best, plane)
    agree[which[best]] = True
    return agree, step


def _refined(at: Any, went: Any, design: Any, best: Any, plane: Any) -> tuple[Any, Matrix]:
    """Return what agrees on the perspective through the blocks near to the plane, if that is more."""
    step = bent = _step(plane)
    if best.sum() >= 6:
        near = np.abs(design @ plane - went).max(axis=1) <= 2 * OFF
        for _ in range(2):
            bent = _bent(at[near], went[near])
            near = np.abs(_gone(bent, at) - went).max(axis=1) <= OFF
            if near.sum() < 8:
                break
        if near.sum() > best.sum():
            return near, bent
    return best, step


def _with(design: Any, moves: Any, chosen: Any) -> tuple[Any, Any]:
    """Return which blocks agree with the plane through the chosen ones, and the plane."""
    plane, *_ = np.linalg.lstsq(design[chosen], moves[chosen], rcond=None)
    agree = np.abs(design @ plane - moves).max(axis=1) <= OFF
    return (agree if np.abs(plane[1:]).max() <= STEEP else np.zeros_like(agree)), plane


def _step(plane: Any) -> Matrix:
    """Return a plane of moves (3, 2), constant, by row, by column, each down and right, as a matrix."""
    (down, right), (down_row, right_row), (down_column, right_column) = plane
    made = np.array([[1 + right_column, right_row, right], [down_column, 1 + down_row, down], [0, 0, 1]])
    return _UNIT @ made @ np.linalg.inv(_UNIT)


def _bent(places: Any, moves: Any) -> Matrix:
    """Return the perspective that takes these places to where they moved, in the least squares."""
    y, x = places.T
    v, u = (places + moves).T
    none, one = np.zeros_like(x), np.ones_like(x)
    scale = WIDE / 2  # so that all columns weigh alike
    x, y, u, v = x / scale, y / scale, u / scale, v / scale
    rows = np.concatenate(
        [
            np.column_stack([x, y, one, none, none, none, -u * x, -u * y]),
            np.column_stack([none, none, none, x, y, one, -v * x, -v * y]),
        ]
    )
    found, *_ = np.linalg.lstsq(rows, np.concatenate([u, v]), rcond=None)
    made = np.append(found, 1.0).reshape(3, 3)
    grown = np.diag([scale, scale, 1.0])
    return _UNIT @ grown @ made @ np.linalg.inv(grown) @ np.linalg.inv(_UNIT)


def _gone(step: Matrix, places: Any) -> Any:
    """Return how far the step moves these places, (down, right)."""
    inner = np.linalg.inv(_UNIT) @ step @ _UNIT
    there = np.column_stack([places[:, 1], places[:, 0], np.ones(len(places))]) @ inner.T
    part = np.where(np.abs(there[:, 2:]) < 1e-6, 1e-6, there[:, 2:])
    return np.stack([there[:, 1], there[:, 0]], axis=1) / part - places


_UNIT: Final = np.array([[1 / WIDE, 0, 0.5], [0, 1 / HIGH, 0.5], [0, 0, 1]])
"""From pixels of a laid picture, counted from its middle, to its unit square."""


@cache
def _threes(count: int) -> Any:
    """Return up to 40 choices of three blocks, always the same: no result depends on chance."""
    dice = np.random.default_rng(count)
    return [dice.choice(count, 3, replace=False) for _ in range(40)]


@cache
def _centres() -> Any:
    rows, columns = np.divmod(np.arange((HIGH // BLOCK) * (WIDE // BLOCK)), WIDE // BLOCK)
    return np.stack([(rows + 0.5) * BLOCK, (columns + 0.5) * BLOCK], axis=1) - np.array([HIGH / 2, WIDE / 2])


@cache
def _rim() -> Any:
    rows, columns = np.divmod(np.arange((HIGH // BLOCK) * (WIDE // BLOCK)), WIDE // BLOCK)
    return (rows == 0) | (rows == HIGH // BLOCK - 1) | (columns == 0) | (columns == WIDE // BLOCK - 1)
