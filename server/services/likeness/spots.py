"""The spots of a photo that are found again in a copy of it, however much of the rest was cut or covered.

Windows need most of a picture. A spot is small: somewhere the picture is brighter or darker than around it, over some
size, and 128 bits tell the steps in grey there. Spots stay as they are when a face is drawn beside them, when the
picture is a third of a chat, was photographed from aside or turned a little. Turning by 90 degrees and mirroring move
the bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final

from PIL import Image

from server.services.likeness.numeric import np
from server.services.likeness.pictures import Greys

SPOT = np.dtype([("x", "<u2"), ("y", "<u2"), ("size", "<u2"), ("bits", "<u8", 2)])
"""A spot as it is stored: where, in parts of 65,535 of the picture's longer side, how large, and its bits."""
BITS: Final = 128
KEPT: Final = (48, 32)
"""Most spots kept of a photo: large ones, which a small copy in a chat has, too, and small ones, which it has alone."""
LARGE: Final = 4.5
"""Least size of a large one in pixels, of 640."""
ASKED, FINE = 240, 120
"""Most spots with which a photo is asked; and most of those that are smaller than all others."""
FINER: Final = 1.5
"""How much larger the picture is in which these are looked for."""
STEPS: Final = 3
"""Sizes looked for up to the double."""
BLUR: Final = 1.6
FAINT: Final = 1.6
"""Least difference in grey of a spot to what is around it."""
RIM: Final = 8
_LINES: Final = 12.1
"""Most by which a spot may be longer than wide, as a bound of the curvatures: along a line it has no place."""
CELLS: Final = 4
POINTS: Final = 16
REACH: Final = 6.0
"""How far around a spot its bits look, in sizes."""
WEAK: Final = 0.3


@dataclass(frozen=True, slots=True)
class Spots:
    """Spots of a picture. `at`: (n, 3), x, y and size in parts of the longer side. `bits`: (n, 16, 8).

    `sides`: the picture's width and height in parts of the longer one. The most striking spots come first.
    """

    sides: tuple[float, float]
    at: Any
    bits: Any

    @classmethod
    def of(cls, picture: Greys) -> Spots:
        """Look for the spots of a picture."""
        grey = np.asarray(picture.levels[0], dtype=np.float32)
        longer, scale, found, bits = max(picture.size), 1.0, [np.zeros((0, 4))], [np.zeros((0, 16, 8), dtype=bool)]
        while min(grey.shape) >= 4 * RIM:
            levels = _blurs(grey)
            some, told = _of_one(levels)
            found.append(some * [scale, scale, scale, 1.0])
            bits.append(told)
            grey, scale = levels[STEPS][::2, ::2], scale * 2
        all_found, all_bits = np.concatenate(found), np.concatenate(bits)
        order = np.argsort(-all_found[:, 3], kind="stable")
        wide, high = picture.size
        return cls((wide / longer, high / longer), all_found[order, :3] / longer, all_bits[order])

    def with_fine(self, picture: Greys) -> Spots:
        """Return the spots with which a picture is asked: the strongest of these, and of smaller ones the strongest.

        A photo in a chat on a phone that was photographed is a third as large as its original, and so are its spots.
        """
        wide, high = (round(FINER * side) for side in picture.size)
        larger = picture.levels[0].resize((wide, high), Image.Resampling.BICUBIC)
        found, bits = _of_one(_blurs(np.asarray(larger, dtype=np.float32)), FINE)
        at = np.concatenate([self.at[:ASKED], found[:, :3] / max(wide, high)])
        return Spots(self.sides, at, np.concatenate([self.bits[:ASKED], bits]))

    def stored(self) -> bytes:
        """Return what is kept: the picture's sides and its most striking spots."""
        large = self.at[:, 2] >= LARGE / 640
        chosen = np.concatenate([np.flatnonzero(each)[:most] for each, most in zip((large, ~large), KEPT, strict=True)])
        made = np.zeros(1 + len(chosen), dtype=SPOT)
        made["x"][0], made["y"][0] = (round(65535 * side) for side in self.sides)
        for nth, name in enumerate(("x", "y", "size")):
            made[name][1:] = np.rint(np.clip(self.at[chosen, nth], 0, 1) * 65535)
        made["bits"][1:] = packed(self.bits[chosen])
        return bytes(made.tobytes())


def _of_one(levels: list[Any], most: int | None = None) -> tuple[Any, Any]:
    """Return the spots of one picture and its blurs, the strongest `most` of them: (x, y, size, strength), bits."""
    some = _extremes(levels)
    if most is not None:
        some = some[np.argsort(-some[:, 3], kind="stable")[:most]]
    some = some[np.argsort(some[:, 4], kind="stable")]
    bits = [_told(levels[number], some[some[:, 4] == number]) for number in range(1, STEPS + 1)]
    return some[:, :4], np.concatenate(bits)


def packed(of: Any) -> Any:
    """Return bits as two numbers a spot, in an order in which neighbours, which go together, are far apart."""
    shuffled = np.ascontiguousarray(of.reshape(len(of), BITS)[:, _SHUFFLED])
    return np.packbits(shuffled, axis=1).view(np.uint64).reshape(len(of), 2)


_SHUFFLED: Final = np.random.default_rng(12).permutation(BITS)


def variant(of: Any, number: int) -> Any:
    """Return the bits of the same spots in the picture turned or mirrored; see windows.VARIANTS."""
    made, ways = of.reshape(-1, CELLS, CELLS, 8), np.arange(8)
    if number & 4:
        made = made.swapaxes(1, 2)[..., (2 - ways) % 8]
    if number & 1:
        made = made[:, :, ::-1][..., (4 - ways) % 8]
    if number & 2:
        made = made[:, ::-1][..., -ways % 8]
    return made.reshape(-1, CELLS * CELLS, 8)


def _blurs(grey: Any) -> list[Any]:
    """Return the picture and blurs of it, each of a larger size than the one before."""
    levels, size = [grey], BLUR
    for nth in range(1, STEPS + 3):
        wanted = BLUR * 2 ** (nth / STEPS)
        levels.append(blurred(levels[-1], float(np.sqrt(wanted**2 - size**2))))
        size = wanted
    return levels


def blurred(grey: Any, size: float) -> Any:
    """Return a picture blurred by this many pixels."""
    half = int(np.ceil(2.5 * size))
    weights = np.exp(-(np.arange(-half, half + 1) ** 2) / (2 * size * size))
    weights = (weights / weights.sum()).astype(np.float32)
    for _ in range(2):  # down, then across
        padded, count = np.pad(grey, ((half, half), (0, 0)), mode="edge"), len(grey)
        total = padded[half : half + count] * weights[half]
        both = np.empty_like(total)
        for nth in range(half):
            np.add(padded[nth : nth + count], padded[2 * half - nth : 2 * half - nth + count], out=both)
            both *= weights[nth]
            total += both
        grey = np.ascontiguousarray(total.T)
    return grey


def _extremes(levels: list[Any]) -> Any:
    """Return (x, y, size, strength, number of the level) of what is brighter or darker than all around it."""
    steps = np.stack([second - first for first, second in pairwise(levels)])
    inner = steps[1:-1, RIM:-RIM, RIM:-RIM]
    bright, dark = inner >= FAINT, inner <= -FAINT
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):  # whole pictures at once, which leaves few spots
        high, wide = (size - RIM for size in steps.shape[1:])
        other = steps[1:-1, RIM + down : high + down, RIM + right : wide + right]
        bright &= inner >= other
        dark &= inner <= other
    nth, y, x = np.nonzero(bright | dark)
    nth, y, x = nth + 1, y + RIM, x + RIM
    value = steps[nth, y, x]
    sign, good = np.sign(value), np.ones(len(nth), dtype=bool)
    for up, down, right in _OTHERS:
        good &= sign * value >= sign * steps[nth + up, y + down, x + right]
    nth, y, x = nth[good], y[good], x[good]

    def at(up: int, down: int, right: int) -> Any:
        return steps[nth + up, y + down, x + right]

    value = at(0, 0, 0)
    ends = [(at(0, 0, 1), at(0, 0, -1)), (at(0, 1, 0), at(0, -1, 0)), (at(1, 0, 0), at(-1, 0, 0))]
    bends = [after + before - 2 * value for after, before in ends]
    across = (at(0, 1, 1) + at(0, -1, -1) - at(0, 1, -1) - at(0, -1, 1)) / 4
    round_ = bends[0] * bends[1] - across**2
    blob = (round_ > 0) & ((bends[0] + bends[1]) ** 2 < _LINES * round_)
    offs = [
        np.clip((before - after) / 2 / np.where(np.abs(bend) > 1e-6, bend, np.inf), -0.6, 0.6)
        for (after, before), bend in zip(ends, bends, strict=True)
    ]
    size = BLUR * 2 ** ((nth + offs[2]) / STEPS)
    return np.column_stack([x + offs[0], y + offs[1], size, np.abs(value), nth])[blob]


_OTHERS: Final = tuple(
    (up, down, right) for up in (-1, 0, 1) for down in (-1, 0, 1) for right in (-1, 0, 1) if up or (down and right)
)


def _told(image: Any, at: Any) -> Any:
    """Return the bits of spots of one level: of 16 cells around, which of eight directions grey rises strongly."""
    high, wide = image.shape
    line = (np.arange(POINTS + 2) - (POINTS + 1) / 2) / POINTS * 2 * REACH
    x = np.clip(at[:, 0, None] + at[:, 2, None] * line, 0, wide - 1.001)
    y = np.clip(at[:, 1, None] + at[:, 2, None] * line, 0, high - 1.001)
    left, top = x.astype(np.int64), y.astype(np.int64)
    right, down = (x - left).astype(np.float32)[:, None, :], (y - top).astype(np.float32)[:, :, None]
    flat, place = image.reshape(-1), top[:, :, None] * wide + left[:, None, :]
    upper = flat[place] * (1 - right) + flat[place + 1] * right
    lower = flat[place + wide] * (1 - right) + flat[place + wide + 1] * right
    patch = upper * (1 - down) + lower * down
    rise_x = (patch[:, 1:-1, 2:] - patch[:, 1:-1, :-2]).reshape(len(at), POINTS * POINTS)
    rise_y = (patch[:, 2:, 1:-1] - patch[:, :-2, 1:-1]).reshape(len(at), POINTS * POINTS)
    rises = np.empty((len(at), CELLS * CELLS, 8), dtype=np.float32)
    for way in range(8):
        cosine, sine = (np.float32(round(float(each(np.pi / 4 * way)), 6)) for each in (np.cos, np.sin))
        rises[:, :, way] = np.maximum(rise_x * cosine + rise_y * sine, 0) @ _cells()
    if not len(at):
        return rises > 0
    strong = np.maximum(np.median(rises.reshape(len(at), BITS), axis=1), WEAK * rises.mean(axis=(1, 2)))
    return rises > strong[:, None, None]


@cache
def _cells() -> Any:
    """Return how much each point counts for each cell: (256, 16)."""
    at = (np.arange(POINTS) + 0.5) / POINTS
    line = np.clip(1 - np.abs(at * CELLS - 0.5 - np.arange(CELLS)[:, None]), 0, None)
    fading = np.exp(-((2 * at[:, None] - 1) ** 2 + (2 * at - 1) ** 2) / 1.2)
    made = np.einsum("ay,bx->abyx", line, line) * fading
    return made.reshape(CELLS * CELLS, POINTS * POINTS).T.astype(np.float32)
