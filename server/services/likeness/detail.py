"""The fourth stage: whether a picture has all the small detail of another, however much was laid over it.

Stripes of a screen, a lamp in its glass and blur change the light of a copy as another wall changes that of a poster.
But they only add to it. What the original has of stains, folds and grain is still there, under the stripes, at its
place, all over the picture; two photos of one thing have each a grain and surroundings of their own. So noise is never
a sign of a copy here: it hides detail, and where none is found nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import registering
from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT, Greys, Matrix, moved
from server.services.likeness.spots import blurred

WIDE, HIGH, BLOCK = 320, 240, 40
FINE, COARSE = 0.6, 3.0
"""Blurs between which there is detail, in pixels of the laid picture."""
STRONG: Final = 12.0
"""Most by which a pixel counts: one letter is not to outweigh a wall."""
TILE, LIMIT = 32, 2.5
"""Waves of a tile stronger than this, for their length, are cut down: stripes are few waves, and strong."""
PLAIN, AROUND = 2.5, 4
"""Steps in grey that end a plain place, and how far around them it ends: letters of one print are in many photos."""
NEAR, FAR, SPAN = 2, 6, 16
"""A block is at its place if it goes together best within so many pixels, and not as well this far off."""
BLOCKS, HAS, SHARE = 12, 3.0, 0.955
"""Textured blocks that are enough; by how much one is to stand out; and how many of them must."""
ALL: Final = 0.95
"""So much of the original must lie in the other: two photos of one poster may have little but the poster in common."""
PEAK, RATIO = 8.5, 2.5
"""By how much the plain places together are to stand out. Where all blocks are found they do by 5 at most in posters on
two walls, and by 9 and more in nearly all copies."""
SEEN, SURELY = (4.5, 1.4), (6.5, 2.0)
"""PEAK and RATIO of two photos whose blocks agree already, and those with which it is certain. Of one poster on two
walls mostly 2 and 0.6, at most 5.5 and 1.6; of copies at least 5.3 and 1.5, mostly 20 and 8."""
LEAST_PLAIN: Final = 0.05
"""The part of a picture that must be plain, for its plain places to tell anything."""
WHOLLY: Final = (0.98, 0.85, 0.95)
"""Blocks that are there, those found as they are, and the border that ends so, which are enough without plain places:
no hand cuts a poster out of its wall so exactly."""
ENDING: Final = (0.9, 0.7, 0.84)
"""The same three, for a pair that is *not certain*: stripes hide blocks, and rounded corners hide a part of the border.
One poster on two walls has 0.6 of the border at most, and 0.71 if one of the photos shows a screen with stripes."""
PLAINLY: Final = (0.9, 0.45, 15.0, 5.0)
"""Blocks that are there, those found as they are, PEAK and RATIO: where plain places go together as only those of one
photo do, strong stripes may hide more of the blocks. A small photo on a phone that was photographed has 25 and 9.
"""
TONE, ENDS = 0.8, 0.92
"""A photo printed on a poster has its detail on each wall. So one of both must be: a copy is bright where its original
is, or it ends where the original does, all around, as a photo on a screen."""
RIM, STRIP, JUMP = 10, 4, 8.0
"""Pixels around what was laid; how many of them are taken together beside its border; and a jump in grey there."""
FOUND: Final = 0.58
"""Least share of textured blocks that are found as they are (registering.py)."""


@dataclass(frozen=True, slots=True)
class SharedDetail:
    """`inside`: how much of the picture lies in the other. `has`: the share of its textured blocks that are there.

    `peak`: how far its plain places stand out. `ratio`: how far above all other places that is. `found`, `tone`: what
    `registering` says. `ends`: the share of the picture's border at which the other goes on, and grey jumps.
    """

    inside: float
    blocks: int
    has: float
    peak: float
    ratio: float
    found: float
    tone: float
    ends: float

    @property
    def is_alike(self) -> bool:
        """True if all that one picture shows is in the other, plain places too, or it ends there on all sides."""
        return self._is_laid and (self._is_seen or self._ends_as(ENDING))

    @property
    def is_certain(self) -> bool:
        """False if a person is to look: a printed photo may fill both, or stripes hide much. For pairs alike."""
        return (self.tone >= TONE or self.ends >= ENDS) and (self._is_seen or self._ends_as(WHOLLY))

    @property
    def _is_laid(self) -> bool:
        return self.blocks >= BLOCKS and self.inside >= ALL

    @property
    def _is_seen(self) -> bool:
        seen = self.has, self.found, self.peak, self.ratio
        limits = (SHARE, FOUND, PEAK, RATIO), PLAINLY
        return any(all(each >= least for each, least in zip(seen, of, strict=True)) for of in limits)

    def _ends_as(self, limits: tuple[float, float, float]) -> bool:
        return all(each >= least for each, least in zip((self.has, self.found, self.ends), limits, strict=True))


def compare(one: Greys, other: Greys, laid: Matrix) -> SharedDetail:
    """Lay two pictures over each other. `laid`: from places in the first to those in the other."""
    one, other, laid, found = _registered(one, other, laid)
    if found.share < PLAINLY[1]:
        return SharedDetail(0.0, found.textured, 0.0, 0.0, 0.0, found.share, found.tone, 0.0)
    within = ~_around(~_inside(laid), 3)
    inside = float((_tiled(within).mean(axis=(1, 2)) >= 0.6).mean())
    if inside < ALL:  # most posters on two walls: what follows costs most
        return SharedDetail(inside, found.textured, 0.0, 0.0, 0.0, found.share, found.tone, 0.0)
    first, second = one.laid(np.eye(3), (WIDE, HIGH)), other.laid(laid, (WIDE, HIGH))
    has, blocks = _has(first, second, within)
    if has < PLAINLY[0] or blocks < BLOCKS:
        return SharedDetail(inside, blocks, has, 0.0, 0.0, found.share, found.tone, 0.0)
    peak, ratio = _plain(first, second, within & ~_edges(first))
    return SharedDetail(inside, blocks, has, peak, ratio, found.share, found.tone, _ends(other, laid))


def is_seen_in_both(one: Greys, other: Greys, laid: Matrix) -> bool | None:
    """Whether the plain places that two pictures share go together, however much of each is elsewhere or covered.

    For pictures whose blocks and light agree already. A print is the same on each wall, and so are its blocks; the
    grain between its letters and the wall beside it are not. None where there is hardly any plain place to tell, and
    where chance may have made them go together.
    """
    one, other, laid, _ = _registered(one, other, laid)
    first, second = one.laid(np.eye(3), (WIDE, HIGH)), other.laid(laid, (WIDE, HIGH))
    plain = ~_around(~_inside(laid), 3) & ~_edges(first)
    if plain.mean() < LEAST_PLAIN:
        return None
    peak, ratio = _plain(first, second, plain)
    if peak >= SURELY[0] and ratio >= SURELY[1]:
        return True
    return None if peak >= SEEN[0] and ratio >= SEEN[1] else False


def _registered(one: Greys, other: Greys, laid: Matrix) -> tuple[Greys, Greys, Matrix, registering.Agreement]:
    """Return the picture that shows less, the other, exactly how the first lies in it, and how both agree."""
    x, y = moved(laid, UNIT).T
    if abs(float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())) > 2:  # the first shows more than the other
        one, other, laid = other, one, np.linalg.inv(laid)
    found = registering.Agreement(0, 0, laid)
    for _ in range(2):
        found = registering.look(one, np.eye(3), other, laid)
        if not found.moved:
            break
        laid = found.part
    return one, other, laid, found


def _ends(other: Greys, laid: Matrix) -> float:
    """Return at how much of the border of what was laid the other picture goes on, and grey jumps there."""
    wide, high = WIDE + 2 * RIM, HIGH + 2 * RIM
    grown = np.array([[wide / WIDE, 0, -RIM / WIDE], [0, high / HIGH, -RIM / HIGH], [0, 0, 1.0]])
    picture, shown = other.laid(laid @ grown, (wide, high)), _inside(laid @ grown, wide, high)
    jumps, seen = [], []
    for turn in range(4):
        side, there = np.rot90(picture, turn)[: 2 * RIM, RIM:-RIM], np.rot90(shown, turn)[: 2 * RIM, RIM:-RIM]
        outside, inside = side[RIM - STRIP - 2 : RIM - 2].mean(axis=0), side[RIM + 2 : RIM + 2 + STRIP].mean(axis=0)
        jumps.append(np.abs(outside - inside))
        seen.append(there[RIM - STRIP - 2])
    return float(((np.concatenate(jumps) >= JUMP) & np.concatenate(seen)).mean())


def _has(first: Any, second: Any, within: Any) -> tuple[float, int]:
    """Return the share of textured blocks that the second picture has at their place, and how many there are."""
    ours, theirs = (
        _tiled(_evened(np.clip(_band(each), -STRONG, STRONG) * within) * within) for each in (first, second)
    )
    chosen = (_tiled(first).std(axis=(1, 2)) >= registering.TEXTURED) & (_tiled(within).mean(axis=(1, 2)) >= 0.6)
    count = int(chosen.sum())
    if not count:
        return 0.0, 0
    return float((_peaks(ours[chosen], theirs[chosen])[0] >= HAS).mean()), count


def _plain(first: Any, second: Any, plain: Any) -> tuple[float, float]:
    """Return by how much all plain places go together, and how much better there than elsewhere."""
    if plain.mean() < LEAST_PLAIN:
        return 0.0, 0.0
    made = []
    for band in (_band(first), _band(second)):
        most = 3 * 1.4826 * float(np.median(np.abs(band[plain])))
        made.append((_evened(np.clip(band * plain, -most, most)) * plain)[None])
    peak, ratio = _peaks(*made)
    return float(peak[0]), float(ratio[0])


def _peaks(ours: Any, theirs: Any) -> tuple[Any, Any]:
    """Return for each pair of pictures how far it stands out at its place: of the spread elsewhere, of the most."""
    size = tuple(2 * each for each in ours.shape[1:])
    spectrum = np.conj(np.fft.rfft2(ours, size)) * np.fft.rfft2(theirs, size)
    product = np.roll(np.fft.irfft2(spectrum, size), (SPAN, SPAN), (1, 2))[:, : 2 * SPAN + 1, : 2 * SPAN + 1]
    down, right = np.abs(np.mgrid[-SPAN : SPAN + 1, -SPAN : SPAN + 1])
    off = np.maximum(down, right)
    best, rest = product[:, off <= NEAR].max(axis=1), product[:, off >= FAR]
    return best / np.maximum(1e-6, rest.std(axis=1)), best / np.maximum(1e-6, rest.max(axis=1))


def _evened(picture: Any) -> Any:
    """Return a picture without its strongest waves, tile by tile; tiles overlap by a half."""
    fade = np.sin(np.pi * (np.arange(TILE) + 0.5) / TILE).astype(np.float32)
    window, half = fade[:, None] * fade[None, :], TILE // 2
    padded = np.pad(picture, half, mode="reflect")
    views = np.lib.stride_tricks.sliding_window_view(padded, (TILE, TILE))[::half, ::half]
    waves = np.fft.rfft2(views * window)
    strength = np.abs(waves).reshape(*views.shape[:2], -1)
    most = np.empty_like(strength)
    lengths = np.hypot((np.fft.fftfreq(TILE) * TILE)[:, None], np.arange(half + 1)[None, :])
    rings = np.rint(lengths).astype(int).reshape(-1)
    for ring in range(int(rings.max()) + 1):
        same = rings == ring
        most[:, :, same] = LIMIT * np.median(strength[:, :, same], axis=2)[:, :, None]
    less = np.minimum(1, most / np.maximum(strength, 1e-6)).reshape(waves.shape)
    tiles, made = np.fft.irfft2(waves * less, (TILE, TILE)) * window, np.zeros_like(padded)
    for row in range(tiles.shape[0]):
        for column in range(tiles.shape[1]):
            made[row * half : row * half + TILE, column * half : column * half + TILE] += tiles[row, column]
    return made[half:-half, half:-half]


def _band(picture: Any) -> Any:
    return blurred(picture, FINE) - blurred(picture, COARSE)


def _edges(picture: Any) -> Any:
    """Return what is not plain: where grey rises more than it mostly does, and what is around."""
    steps = np.hypot(*np.gradient(blurred(picture, 1.2)))
    return _around(steps > max(PLAIN, 3 * float(np.median(steps))), AROUND)


def _around(marks: Any, reach: int) -> Any:
    """Return marks and what is within reach of them."""
    for _ in range(2):  # down, then across
        padded, made = np.pad(marks, ((reach, reach), (0, 0))), np.zeros_like(marks)
        for off in range(2 * reach + 1):
            made |= padded[off : off + len(marks)]
        marks = made.T
    return marks


def _inside(laid: Matrix, wide: int = WIDE, high: int = HIGH) -> Any:
    """Return which pixels of the first picture lie in the other."""
    y, x = np.mgrid[0:high, 0:wide]
    there = moved(laid, np.column_stack([(x.reshape(-1) + 0.5) / wide, (y.reshape(-1) + 0.5) / high]))
    return ((there > 0.004) & (there < 0.996)).all(axis=1).reshape(high, wide)


def _tiled(picture: Any) -> Any:
    """Return the 48 blocks of a picture, by rows."""
    return picture.reshape(HIGH // BLOCK, BLOCK, WIDE // BLOCK, BLOCK).swapaxes(1, 2).reshape(-1, BLOCK, BLOCK)
