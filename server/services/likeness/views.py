"""What a picture shows that may be a photo by itself: the whole, and each part with four straight edges.

A photo that is handed in again often lies within something: bars, the screenshot of a chat, a screen that was
photographed. All of these end at straight lines. Lines are looked for that are nearly upright or nearly level, four of
them make a part, and a part counts if its sides are edges along most of their length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from PIL import Image

from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT, Greys, moved, onto
from server.services.likeness.spots import blurred

MOST: Final = 9
"""Most views of a picture that is no tall screenshot."""
ISLANDS: Final = 4
SHOWN: Final = 4
"""Parts of a screen that was photographed, of those that are stored."""
SCREENS, ASKED, SAME_ASKED = 7, 6, 0.94
"""Likely screens that are laid straight to ask with what they show; parts of each, sharp and blurred; and how far two
of these overlap that are one: where an edge is off by a twentieth, the hash is another."""
SCREEN, SUPPORT, ONE = 0.3, 0.75, 0.9
"""Least area of a screen, how much of its sides must be edges to ask with it, and how far two overlap that are one."""
SOFT: Final = 1.5
"""Pixels by which a picture is blurred: stripes of a screen make even ground uneven, and are gone then."""
TALL, MORE = 1.6, 6
"""So much higher than wide, a picture is a screenshot that may show photos below each other; most views of these."""
PHOTO, LOWEST, LAP, STRIPS = 0.45, 0.1, 2, 3
"""Heights of a photo among others, as parts of the picture's; pixels by which strips lap; and parts to look around."""
SAME, SAME_VIEW = 0.8, 0.87
"""Parts that overlap more are one: of parts found in one way, and of all."""
CLEAR: Final = 1.6
"""How much of its sides are edges, and how even it is around them, of what counts as a part."""
_GROUND: Final = 5
"""Least step in grey of what is no even ground."""
STRAIGHT, ASLANT = 320, 200
"""Pixels of the longer side in which upright lines, and lines aslant are looked for."""
_EDGE: Final = 4.0
"""Least mean step in grey along a piece of an edge."""
_PIECE: Final = 7
_SLANT: Final = 0.105
"""Most by which an edge of a screen that was photographed leans."""
_GAP: Final = 0.7
_BORDER: Final = 0.7
"""What a border of the picture counts as a side."""
_EVEN: Final = 6


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A part of a picture: its corners as parts of the sides, clockwise from the upper left one.

    `support`: how much of its sides are edges. `calm`: how even it is just outside of them, 0 to 1.
    """

    corners: Any
    support: float = 1.0
    calm: float = 1.0
    borders: int = 0


WHOLE: Final = PhotoView(UNIT)


def views(picture: Greys) -> list[PhotoView]:
    """Return the whole picture and its likely parts, the likeliest first."""
    return _kept(picture, *_likely(picture))


def views_to_ask(picture: Greys) -> tuple[list[PhotoView], list[PhotoView]]:
    """Return these, and what is shown on screens that may have been photographed: for looking for others alone.

    A phone that fills the photo has no edge above and below, and the chat on it leans as it does. Stripes cross all its
    edges, so it is looked at once more with these blurred away.
    """
    grey, upright, aslant = _likely(picture)
    kept, more = _kept(picture, grey, upright, aslant), list[PhotoView]()
    soft = _parts(blurred(grey, SOFT), straight=True)
    soft += _parts(blurred(_grey(picture, ASLANT), SOFT), straight=False)

    def add(found: _Parts) -> None:
        for _, view in found[:ASKED]:
            if all(overlap(view.corners, other.corners) < SAME_ASKED for other in (*kept[1:], *more)):
                more.append(view)

    for screen in _screens(aslant + upright + soft):
        for each in _shown_on(picture, screen, STRAIGHT, (0.0, SOFT)):
            add(each)
    add(sorted(soft, key=lambda each: -each[0]))
    return kept, more


def _screens(found: _Parts) -> list[PhotoView]:
    """Return the parts that may be screens, the likeliest first."""
    screens = list[PhotoView]()
    for _, view in sorted(found, key=lambda each: -each[0]):
        if _is_screen(view, SUPPORT, 2) and all(overlap(view.corners, other.corners) < ONE for other in screens):
            screens.append(view)
    return screens[:SCREENS]


_Parts = list[tuple[float, PhotoView]]
"""Parts with what they are worth."""


def _likely(picture: Greys) -> tuple[Any, _Parts, _Parts]:
    """Return the picture in grey, its parts with upright edges, as screenshots have, and those seen from aside."""
    grey = _grey(picture, STRAIGHT)
    return grey, _parts(grey, straight=True), _parts(_grey(picture, ASLANT), straight=False)


def _is_screen(view: PhotoView, support: float, borders: int) -> bool:
    """Whether a part may be a screen: large, with edges along so much of its sides, at most so many of them borders."""
    return view.support >= support and view.borders <= borders and _areas(view.corners[None])[0] >= SCREEN


def _kept(picture: Greys, grey: Any, upright: _Parts, aslant: _Parts) -> list[PhotoView]:
    found = upright + aslant + _within(picture, aslant)
    kept = [WHOLE, *_islands(np.asarray(picture.levels[0], dtype=np.float32))]
    for _, view in sorted(found, key=lambda each: -each[0]):
        if all(overlap(view.corners, other.corners) < SAME_VIEW for other in kept[1:]):
            kept.append(view)
    kept = kept[:MOST]
    high, wide = grey.shape
    for _, view in sorted(_stacked(grey, upright), key=lambda each: -each[0]) if high >= TALL * wide else ():
        if all(overlap(view.corners, other.corners) < SAME for other in kept[1:]):
            kept.append(view)
    return kept[: MOST + MORE]


def _within(picture: Greys, aslant: _Parts) -> _Parts:
    """Return the parts of a screen that was photographed, laid straight: a photo in a chat on a phone on a desk."""
    for worth, view in aslant[:4]:
        if _is_screen(view, 0.8, 1):
            (found,) = _shown_on(picture, view, ASLANT)
            return [(min(worth, each), one) for each, one in found[:SHOWN]]
    return []


def _shown_on(picture: Greys, screen: PhotoView, side: int, blurs: Sequence[float] = (0.0,)) -> list[_Parts]:
    """Return the likely parts of a part, laid straight with so many pixels of its longer side, the likeliest first.

    For each of `blurs`, in pixels, those of the part blurred by it.
    """
    part = onto(screen.corners)
    wide, high = np.ptp(screen.corners, axis=0) * np.array(picture.size)
    ratio = side / max(wide, high)
    grey = picture.laid(part, (max(1, round(wide * ratio)), max(1, round(high * ratio))))
    looked_at = (_parts(blurred(grey, each) if each else grey, straight=True) for each in blurs)
    return [[(worth, replace(one, corners=moved(part, one.corners))) for worth, one in found] for found in looked_at]


def _stacked(grey: Any, found: _Parts) -> _Parts:
    """Return what stands above and below the best part of a tall screenshot, and of what is found there, again.

    Three photos below each other have more lines than are looked at, and the small one between two others has none of
    the strongest. `found`: the parts of all of it.
    """
    high = len(grey)
    more, strips = list[tuple[float, PhotoView]](), [(0, high, found)]
    for top, bottom, parts in strips:
        boxes = (top + view.corners[[0, 2], 1] * (bottom - top) for _, view in parts)
        best = next((box for box in boxes if np.ptp(box) < PHOTO * high), None)
        if best is None or len(strips) > 2 * STRIPS:
            continue
        first, last = np.rint(best).astype(int).tolist()
        for start, end in ((top, first + LAP), (last - LAP, bottom)):
            if end - start < LOWEST * high:
                continue
            inner = _parts(grey[start:end], straight=True)
            strips.append((start, end, inner))
            for worth, view in inner:
                corners = (view.corners * [1, end - start] + [0, start]) / [1, high]
                if np.ptp(corners[:, 1]) >= LOWEST:
                    more.append((worth, replace(view, corners=corners)))
    return more


def _islands(grey: Any) -> list[PhotoView]:
    """Return what stands on even ground, whole: even rows and columns are cut away, again and again."""
    high, wide = grey.shape
    steps = [np.pad(np.abs(np.diff(grey, axis=axis)), ((1 - axis, 0), (axis, 0))) for axis in (0, 1)]
    busy = np.maximum(*steps) >= _GROUND
    found: list[PhotoView] = []
    waiting, turns = [(0, 0, wide, high)], 0
    while waiting and turns < 60:
        turns += 1
        left, top, right, bottom = waiting.pop()
        part = busy[top:bottom, left:right]
        rows = _runs(part.sum(axis=1) > max(1, 0.02 * (right - left)))
        columns = _runs(part.sum(axis=0) > max(1, 0.02 * (bottom - top)))
        rows = [each for each in rows if each[1] - each[0] >= 0.08 * high]
        columns = [each for each in columns if each[1] - each[0] >= 0.12 * wide]
        if not rows or not columns:
            continue
        x0, y0, x1, y1 = left + columns[0][0], top + rows[0][0], left + columns[-1][1], top + rows[-1][1]
        size, filled = (x1 - x0) * (y1 - y0), float(busy[y0:y1, x0:x1].mean())
        if 0.03 * wide * high <= size <= 0.97 * wide * high and filled > 0.2:
            ends = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) / np.array([wide, high])
            if all(overlap(ends, other.corners) < SAME for other in found):
                found.append(PhotoView(ends))
        boxes = [(left + x0, top + y0, left + x1, top + y1) for y0, y1 in rows for x0, x1 in columns]
        if boxes != [(left, top, right, bottom)]:
            waiting += boxes
    return sorted(found, key=lambda each: -_areas(each.corners[None])[0])[:ISLANDS]


def _runs(busy: Any) -> list[tuple[int, int]]:
    """Return where there is something, from and to; gaps of one or two do not count."""
    at = np.flatnonzero(busy)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) > 2)
    starts, ends = at[np.append(0, breaks + 1)], at[np.append(breaks, len(at) - 1)]
    return [(int(start), int(end) + 1) for start, end in zip(starts, ends, strict=True)]


def _grey(picture: Greys, side: int) -> Any:
    level = next((each for each in picture.levels if max(each.size) <= 2 * side), picture.levels[-1])
    ratio = side / max(level.size)
    size = max(1, round(level.width * ratio)), max(1, round(level.height * ratio))
    return np.asarray(level.resize(size, Image.Resampling.BOX), dtype=np.float32)


def _parts(grey: Any, *, straight: bool) -> _Parts:
    """Return the best parts with what they are worth."""
    high, wide = grey.shape
    if min(high, wide) < 40:
        return []
    upright, level = _edges(grey), _edges(grey.T)
    slants, most = ((np.zeros(1, int),) * 2, 16) if straight else ((_slants(high), _slants(wide)), 9)
    quads, borders = _quads(_lines(upright, slants[0], most), _lines(level, slants[1], most), wide, high)
    if not len(quads):
        return []
    measure = _along if straight else _sampled
    support = measure((upright, level.T), quads, 0.0)
    support[borders] = _BORDER
    area = _areas(quads) / (wide * high)
    good = np.flatnonzero(
        (support.min(axis=1) >= 0.3) & (support.mean(axis=1) >= 0.55) & (area >= 0.03) & (area <= 0.97)
    )
    quads, borders, support, area = quads[good], borders[good], support[good], area[good]
    steps = [np.pad(np.abs(np.diff(grey, axis=axis)), ((1 - axis, 0), (axis, 0))) < _EVEN for axis in (0, 1)]
    even = steps[0] & steps[1]
    calm = np.max([measure((even, even), quads, away) for away in (2.0, 3.0, 5.0)], axis=0)
    inner = np.where(borders, np.nan, calm)
    calm[borders] = _BORDER
    around = np.nan_to_num(np.nanmean(inner, axis=1), nan=0.0)
    lively = _lively(quads, grey)
    worth = support.mean(axis=1) + 0.7 * support.min(axis=1) + 0.8 * calm.mean(axis=1)
    worth += 0.4 * np.sqrt(area) + 0.15 * straight + 0.5 * np.minimum(lively, 0.5)
    clear = support.mean(axis=1) + around >= CLEAR
    worth[(lively < 0.12) | ~(clear | (area >= 0.5) & (around >= 0.5) & (support.mean(axis=1) >= 0.66))] = 0
    found: list[tuple[float, PhotoView]] = []
    for at in np.argsort(-worth)[:60]:
        corners = quads[at] / np.array([wide, high])
        if worth[at] > 0 and all(overlap(corners, other.corners) < SAME for _, other in found):
            found.append(
                (
                    float(worth[at]),
                    PhotoView(corners, float(support[at].mean()), float(around[at]), int(borders[at].sum())),
                )
            )
            if len(found) == MOST:
                break
    return found


def _edges(grey: Any) -> Any:
    """Return where steps from left to right are, that go on downwards: booleans of the picture's shape."""
    step = np.zeros_like(grey)
    step[:, 1:-1] = (grey[:, 2:] - grey[:, :-2]) / 2
    total = np.cumsum(np.pad(step, ((_PIECE // 2 + 1, _PIECE // 2), (0, 0)), mode="edge"), axis=0)
    piece = np.abs(total[_PIECE:] - total[:-_PIECE]) / _PIECE
    peak = piece >= _EDGE
    peak[:, 1:] &= piece[:, 1:] >= piece[:, :-1]
    peak[:, :-1] &= piece[:, :-1] >= piece[:, 1:]
    wider = peak.copy()
    wider[:, 1:] |= peak[:, :-1]
    wider[:, :-1] |= peak[:, 1:]
    return wider


def _slants(high: int) -> Any:
    most = int(_SLANT * high)
    slants = np.arange(-most, most + 1, max(3, high // 66))
    return slants - slants[np.argmin(np.abs(slants))]


def _lines(edges: Any, slants: Any, most: int) -> Any:
    """Return the strongest nearly upright lines: (n, 2), where they cross the upper and the lower border."""
    high, wide = edges.shape
    values = np.where(edges, 1.0, -_GAP).astype(np.float32)
    rows = np.arange(high)
    scores = np.empty((len(slants), wide), dtype=np.float32)
    for turn, slant in enumerate(slants):
        along = values
        if slant:
            offsets = np.rint(slant * (rows / (high - 1) - 0.5)).astype(int)
            columns = np.arange(wide)[None, :] + offsets[:, None]
            inside = (columns >= 0) & (columns < wide)
            along = np.where(inside, np.take_along_axis(values, np.clip(columns, 0, wide - 1), 1), -1)
        total = np.cumsum(along, axis=0)
        lowest = np.minimum(np.minimum.accumulate(total, axis=0), 0)
        scores[turn] = (total - lowest).max(axis=0)
    found = [(0.0, 0.0), (wide - 1.0, wide - 1.0)]
    least = max(12.0, 0.06 * high)
    columns = np.arange(wide)[None, :]
    for _ in range(most):
        nth, at = np.unravel_index(np.argmax(scores), scores.shape)
        if scores[nth, at] < least:
            break
        slant = slants[nth]
        found.append((at - slant / 2, at + slant / 2))
        near = 2 + np.abs(slants - slant) / 2
        scores[np.abs(columns - at) <= near[:, None]] = 0
    return np.array(found)


def _quads(sides: Any, floors: Any, wide: int, high: int) -> tuple[Any, Any]:
    """Return all parts between two of the sides and two of the floors: (n, 4, 2), and which edges are borders."""
    across, down = _ordered(sides), _ordered(floors)
    gaps = sides.mean(axis=1)[across[:, 1]] - sides.mean(axis=1)[across[:, 0]]
    falls = floors.mean(axis=1)[down[:, 1]] - floors.mean(axis=1)[down[:, 0]]
    some = np.argwhere(
        (gaps[:, None] < 2.6 * falls[None, :]) & (falls[None, :] < 2.6 * gaps[:, None])
        & (gaps[:, None] > 0.1 * wide) & (falls[None, :] > 0.1 * high)
    )  # fmt: skip
    lefts, rights = across[some[:, 0]].T
    tops, bottoms = down[some[:, 1]].T
    corners = [
        _crossing(sides[line], floors[floor], wide, high)
        for line, floor in ((lefts, tops), (rights, tops), (rights, bottoms), (lefts, bottoms))
    ]
    quads = np.stack(corners, axis=1)
    spans = np.stack([quads[:, 1, 0] - quads[:, 0, 0], quads[:, 2, 0] - quads[:, 3, 0]], axis=1)
    rises = np.stack([quads[:, 3, 1] - quads[:, 0, 1], quads[:, 2, 1] - quads[:, 1, 1]], axis=1)
    borders = np.stack([tops < 2, rights < 2, bottoms < 2, lefts < 2], axis=1)
    fits = (spans.min(axis=1) > 12) & (rises.min(axis=1) > 12)
    fits &= (spans.min(axis=1) > 0.75 * spans.max(axis=1)) & (rises.min(axis=1) > 0.75 * rises.max(axis=1))
    return quads[fits], borders[fits]


def _ordered(lines: Any) -> Any:
    """Return all pairs of lines by their numbers, the first of them to the left: (n, 2)."""
    order = np.argsort(lines.mean(axis=1), kind="stable")
    one, two = np.triu_indices(len(lines), 1)
    return np.stack([order[one], order[two]], axis=1)


def _crossing(upright: Any, level: Any, wide: int, high: int) -> Any:
    """Return where lines cross: `upright` by x at upper and lower border, `level` by y at the left and right one."""
    x0, dx = upright[:, 0], (upright[:, 1] - upright[:, 0]) / (high - 1)
    y0, dy = level[:, 0], (level[:, 1] - level[:, 0]) / (wide - 1)
    y = (y0 + dy * x0) / (1 - dy * dx)
    return np.stack([x0 + dx * y, y], axis=1)


def _along(maps: tuple[Any, Any], quads: Any, away: float) -> Any:
    """Return how much of each side lies on what is marked, `away` outside of it: (n, 4), for upright quads.

    `maps`: marks for sides that go down, and for those that go across.
    """
    high, wide = maps[0].shape
    down = np.pad(np.cumsum(maps[0], axis=0, dtype=np.int32), ((1, 0), (0, 0)))
    across = np.pad(np.cumsum(maps[1], axis=1, dtype=np.int32), ((0, 0), (1, 0)))
    box = np.rint(np.concatenate([quads[:, 0], quads[:, 2]], axis=1)).astype(int)
    left, top, right, bottom = box.T
    found = np.empty((len(quads), 4), dtype=np.float32)
    for side, y in ((0, top - away), (2, bottom + away)):
        row = np.clip(y, 0, high - 1).astype(int)
        found[:, side] = (across[row, right] - across[row, left]) / np.maximum(1, right - left)
    for side, x in ((3, left - away), (1, right + away)):
        column = np.clip(x, 0, wide - 1).astype(int)
        found[:, side] = (down[bottom, column] - down[top, column]) / np.maximum(1, bottom - top)
    return found


def _sampled(maps: tuple[Any, Any], quads: Any, away: float) -> Any:
    """The same for quads of any shape, by points on their sides."""
    high, wide = maps[0].shape
    along = ((np.arange(20) + 0.5) / 20).astype(np.float32)
    found = np.empty((len(quads), 4), dtype=np.float32)
    for side in range(4):
        start, end = quads[:, side], quads[:, (side + 1) % 4]
        points = start[:, None] + (end - start)[:, None] * along[None, :, None]
        axis = 1 if side % 2 == 0 else 0
        points[:, :, axis] += away * (1 if side in (1, 2) else -1)
        x = np.clip(np.rint(points[:, :, 0]).astype(int), 0, wide - 1)
        y = np.clip(np.rint(points[:, :, 1]).astype(int), 0, high - 1)
        found[:, side] = maps[axis][y, x].mean(axis=1)
    return found


def _lively(quads: Any, grey: Any) -> Any:
    """Return how much of each part is no even ground."""
    high, wide = grey.shape
    along = (np.arange(10) + 0.5) / 10
    u, v = (each.reshape(-1, 1) for each in np.meshgrid(along, along))
    weights = np.concatenate([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    points = (weights @ quads.transpose(1, 0, 2).reshape(4, -1)).reshape(100, len(quads), 2)
    x = np.clip(np.rint(points[:, :, 0]).astype(int), 0, wide - 1)
    y = np.clip(np.rint(points[:, :, 1]).astype(int), 0, high - 1)
    greys = grey[y, x].reshape(10, 10, len(quads))
    return (np.abs(np.diff(greys, axis=1)) > 6).mean(axis=(0, 1))


def _areas(quads: Any) -> Any:
    x, y = quads[:, :, 0], quads[:, :, 1]
    return np.abs((x * np.roll(y, -1, axis=1) - y * np.roll(x, -1, axis=1)).sum(axis=1)) / 2


def overlap(one: Any, two: Any) -> float:
    """Return the shared part of the two boxes around."""
    low, top = np.maximum(one.min(axis=0), two.min(axis=0)), np.minimum(one.max(axis=0), two.max(axis=0))
    both = np.prod(np.clip(top - low, 0, None))
    return float(both / (np.prod(np.ptp(one, axis=0)) + np.prod(np.ptp(two, axis=0)) - both))
