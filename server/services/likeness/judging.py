"""Whether two photos that may be the same are: the verdict of the second stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from server.services.likeness import detail, light, registering
from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT, Greys, Matrix, moved, onto
from server.services.likeness.registering import Agreement
from server.services.likeness.search import Near
from server.services.likeness.seen import PhotoViews
from server.services.likeness.views import overlap, views

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

INSIDE, WHOLLY = 0.7, 0.8
"""Of two photos with the same spots, one must lie in the other with so much of it; with so much, both are the whole."""
ASPECT, LEAN, PERSPECTIVE = 0.03, 0.025, 0.12
STRAIGHT: Final = 0.004
"""How exactly a screenshot has a photo that was cut: as wide for its height, straight, and as large on all sides."""
ALL, WELL = 0.93, 0.8
"""So many textured blocks found, and all of them going together so well, weigh more than a lamp on a screen."""
LAMP: Final = (30, 0.85, 0.9, 0.9, 0.75, -999.0)
CLEAR: Final = (30, 0.9, 0.95, 0.88, 0.6, -6.0)
"""So many textured blocks, of which so many were found, also at the edge, as bright, as like and as even as this: a
lamp in the glass before one photo, or a photo in one of a phone. Of posters on two walls the brightness differs more.
"""
CUT, COVERS = 0.6, 0.72
"""A part overlaps so much with where spots put a photo that was cut; and so much of that photo is in the part."""
EXACT: Final = (0.008, 0.006, 0.01)
"""The same so exactly that no hand holds a camera so twice."""
SHOT: Final = (0.95, 0.9)
"""Textured blocks found, all and at the edge, of two whole photos that lie exactly over each other. They are *not
certain* where plain places do not go together: a copy was made so bright that nothing is left in its own.
"""
PANEL: Final = (0.8, 0.35, 0.85)
"""Parts of both pictures that overlap so much are at one place. They differ where so few blocks are found, and those of
the whole pictures that lie there go together less than this."""
DETAILED: Final = 12
"""Ways in which photos may lie over one, of which the detail is asked, and photos whose best way is asked at least: by
share of the blocks, and by their number."""
COVERED: Final = (12, 0.45, 0.4, 0.8)
"""Blocks found, and their share, that are enough for a photo which lies so and was written over, by all that is bright
and dark in it; and the share where only the found ones are as bright, so many of them."""


@dataclass(frozen=True, slots=True)
class LikenessVerdict:
    """Two photos that look alike, by their hashes in order; see PhotoMatch."""

    pair: tuple[str, str]
    sure: bool
    share: int
    laid: list[float]


def judge(hashes: tuple[str, str], own: Greys, theirs: Greys, corners: Any, near: Near) -> LikenessVerdict | None:
    """Compare two photos as the windows say; None if they are not alike. `corners`: of the first one's view."""
    found = _by_light(hashes, own, theirs, corners, near)
    if isinstance(found, LikenessVerdict):
        return found
    return next((each for doubt in found for each in [_by_detail(doubt, own, theirs)] if each is not None), None)


def judge_all(
    name: str, seen: PhotoViews, nears: Iterable[Near], pictures: Callable[[str], Greys | None]
) -> list[LikenessVerdict]:
    """Compare a photo with all that may be the same. `pictures`: those by name, None for one that is not there.

    Detail costs four times what blocks and light do together, and one poster on many walls is near to itself on all of
    them. So it is asked last, and of few (`worth_detail`); of those alone that light calls alike, its plain places.
    """
    own, found, doubts = pictures(name), dict[str, LikenessVerdict](), list[tuple[str, UndecidedPair]]()

    def other(of: str) -> Greys | None:
        return None if of == name or (of in found and found[of].sure) else pictures(of)

    def keep(of: str, verdict: LikenessVerdict) -> None:
        if verdict.sure or of not in found:
            found[of] = verdict

    for near in nears:
        theirs = other(near.name)
        if own is None or theirs is None:
            continue
        verdict = _by_light((name, near.name), own, theirs, seen.corners[near.mine], near)
        if isinstance(verdict, LikenessVerdict):
            keep(near.name, verdict)
        else:
            doubts += [(near.name, each) for each in verdict]
    open_ones = [each for each in doubts if not (each[0] in found and found[each[0]].sure)]
    likely, others = ([each for each in open_ones if each[1].agrees is agrees] for agrees in (True, False))
    for of, doubt in [*worth_detail(likely), *worth_detail(others)]:
        theirs = other(of)
        last = _by_detail(doubt, own, theirs) if own is not None and theirs is not None else None
        if last is not None:
            keep(of, last)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Lies:
    """How two pictures seem to lie: a part of the first one, turned, and what the other has there.

    `within`: which of them has the other's whole photo as a part of itself; empty: neither. `view`: the corners of that
    part, if its edges were found.
    """

    part: Matrix
    other: Matrix
    within: Literal["own", "theirs", ""]
    view: Any = None


@dataclass(frozen=True, slots=True)
class UndecidedPair:
    """Two pictures, as they lie, that detail is to decide. `laid`: from the first to the other.

    `agrees`: blocks or light call them alike, which posters on two walls may have in common. `stays`: both lie exactly
    over each other (SHOT): where detail says no, they are *not certain*.
    """

    pair: tuple[str, str]
    agreed: Agreement
    laid: Matrix
    within: str
    agrees: bool = False
    stays: bool = False


def _by_light(
    hashes: tuple[str, str], own: Greys, theirs: Greys, corners: Any, near: Near
) -> LikenessVerdict | Sequence[UndecidedPair]:
    """Compare blocks and light, as the pictures seem to lie. Returns what is in doubt unless these call both alike."""
    lies, doubts = _lies(near, corners), list[UndecidedPair]()
    for each in _ways(lies, near, own, theirs) if lies is not None else ():
        found = registering.compare(own, each.part, theirs, each.other)
        if found.textured < LEAST or found.share < MAYBE:
            continue
        doubt = UndecidedPair(hashes, found, found.part @ np.linalg.inv(each.part), each.within)
        alike = _alike_by(own, theirs, each, found, doubt.laid)
        if alike and not each.within and _shows_another(own, theirs, doubt.laid):
            continue
        # One poster on two walls may have its light in common, too, once in a thousand.
        if alike == "light" and detail.is_seen_in_both(own, theirs, doubt.laid) is not False:
            return _verdict(doubt, certain=True)
        shot = not each.within and found.share >= SHOT[0] and found.edge >= SHOT[1]
        stays = shot and is_similar(doubt.laid, own.size, theirs.size, EXACT)
        doubts.append(replace(doubt, agrees=alike != "", stays=stays))
    return doubts


def worth_detail(doubts: Sequence[tuple[str, UndecidedPair]]) -> list[tuple[str, UndecidedPair]]:
    """Return those, by their photos' names, of which most blocks were found, by share and by number.

    One poster may lie over another in several ways; these are not to keep out the photo that is the original, so the
    best way of each photo comes, too. By number: posters of one print may lie over a photo to the last letter, with no
    wall around. Of the original there is more, some of it under stripes.
    """
    by_share = sorted(doubts, key=lambda each: -each[1].agreed.share)
    by_number = sorted(doubts, key=lambda each: -each[1].agreed.found)
    chosen = list[tuple[str, UndecidedPair]]()
    for ordered in (by_share, _best(by_share), _best(by_number)):
        chosen += [each for each in ordered[:DETAILED] if all(each is not one for one in chosen)]
    return chosen


def _best(ordered: Sequence[tuple[str, UndecidedPair]]) -> list[tuple[str, UndecidedPair]]:
    """Return the first of each photo."""
    first = dict[str, tuple[str, UndecidedPair]]()
    for each in ordered:
        first.setdefault(each[0], each)
    return list(first.values())


def _by_detail(doubt: UndecidedPair, own: Greys, theirs: Greys) -> LikenessVerdict | None:
    seen = detail.is_seen_in_both(own, theirs, doubt.laid) if doubt.agrees else False
    if seen:
        return _verdict(doubt, certain=True)
    shared = detail.compare(own, theirs, doubt.laid)
    if shared.is_alike and (doubt.within or not _shows_another(own, theirs, doubt.laid)):
        return _verdict(doubt, certain=shared.is_certain)
    return _verdict(doubt, certain=False) if seen is None or (doubt.agrees and doubt.stays) else None


def _verdict(of: UndecidedPair, *, certain: bool) -> LikenessVerdict:
    first, second = sorted(of.pair)
    laid = of.laid if first == of.pair[0] else np.linalg.inv(of.laid)
    numbers = [float(each) for each in (laid / np.abs(laid).max()).reshape(-1)]
    sure = certain and of.agreed.textured >= TEXTURED
    return LikenessVerdict((first, second), sure, round(100 * of.agreed.share), numbers)


def _ways(lies: _Lies, near: Near, own: Greys, theirs: Greys) -> Iterator[_Lies]:
    """Yield how two pictures may lie: as was said, and where spots said it, as the edges of a part tell."""
    yield lies
    if near.laid is not None and lies.within:
        yield from _by_views(near.laid, lies.within, own, theirs)


def _alike_by(own: Greys, theirs: Greys, lies: _Lies, found: Agreement, laid: Matrix) -> Literal["light", "blocks", ""]:
    """Return what calls pictures that lie so alike: their light, which is that of one photo; their blocks; nothing."""
    shared = light.compare(own, theirs, laid, _looked_at(lies, laid))
    exact = is_similar(laid, own.size, theirs.size, EXACT)
    whole = exact or _is_lit(found, shared, LAMP) or (found.share >= ALL and shared.together >= WELL)
    if shared.is_other and not whole:
        full = _full(own, theirs, laid, lies.within)
        if full is None or not _is_lit(full, shared, CLEAR):
            return ""
    if shared.is_same:
        return "light"
    if exact and _is_covered(found, shared):
        alike = True
    elif lies.within == "own":
        back = np.linalg.inv(laid)
        alike = _is_photo(found, theirs, own, back, moved(back, UNIT) if lies.view is None else lies.view)
    elif lies.within == "theirs":
        alike = _is_photo(found, own, theirs, laid, moved(laid, UNIT) if lies.view is None else lies.view)
    else:
        alike = _worth(found) >= WHOLE
    return "blocks" if alike else ""


def _looked_at(lies: _Lies, laid: Matrix) -> tuple[Any, Any]:
    """Return the corners of what light is compared in: of a photo that was cut and is in a screenshot what is left."""
    if lies.view is None or not _is_upright(lies.view):
        return UNIT, UNIT
    if _covered(lies.view, laid if lies.within == "own" else np.linalg.inv(laid)) < COVERS:
        return UNIT, UNIT
    return (lies.view, UNIT) if lies.within == "own" else (UNIT, lies.view)


def _is_upright(corners: Any) -> bool:
    return bool(np.abs(np.diff(corners[[0, 1, 2, 3, 0]], axis=0)).min(axis=1).max() < STRAIGHT)


def _covered(corners: Any, laid: Matrix) -> float:
    """Return how much of a photo a part of another picture has. `laid`: from places in that picture to the photo's."""
    return float(np.prod(np.ptp(moved(laid, corners).clip(0, 1), axis=0)))


def _by_views(laid: Matrix, within: str, own: Greys, theirs: Greys) -> Iterator[_Lies]:
    """Yield how pictures lie by the edges of a part: the photo that spots found was cut before it was shown there."""
    back = np.linalg.inv(laid)
    picture, there = (own, moved(back, UNIT)) if within == "own" else (theirs, moved(laid, UNIT))
    for view in views(picture)[1:]:
        if overlap(view.corners, there) >= CUT:
            part = onto(view.corners)
            if within == "own":
                yield _Lies(part, laid @ part, "own", view.corners)
            else:
                yield _Lies(back @ part, part, "theirs", view.corners)


def _full(own: Greys, theirs: Greys, laid: Matrix, within: str) -> Agreement | None:
    """Return how the whole photo agrees with what the other picture has of it."""
    if within == "own":
        return registering.look(theirs, np.eye(3), own, np.linalg.inv(laid))
    return registering.look(own, np.eye(3), theirs, laid) if within else None


def _lies(near: Near, corners: Any) -> _Lies | None:
    if near.laid is None:
        part = onto(corners) @ registering.boxed(near.own) @ registering.turned(near.variant)
        other = onto(near.corners) @ registering.boxed(near.theirs)
        if near.mine:
            return _Lies(part, other, "own", corners)
        return _Lies(part, other, "theirs", near.corners) if near.is_part else _Lies(part, other, "")
    back = np.linalg.inv(near.laid)
    (own, first), (theirs, second) = _shared(near.laid), _shared(back)
    if max(first, second) < INSIDE:
        return None
    if second >= first:  # the other's photo lies in the first picture
        return _Lies(back @ theirs, theirs, "own" if first < WHOLLY else "")
    return _Lies(own, near.laid @ own, "theirs" if second < WHOLLY else "")


def _shared(laid: Matrix) -> tuple[Matrix, float]:
    """Return the part of a picture that the other shows, too, as a box of it, and how much of it that is."""
    there = moved(np.linalg.inv(laid), UNIT)
    low, high = np.clip(there.min(axis=0), 0, 1), np.clip(there.max(axis=0), 0, 1)
    size = np.maximum(high - low, 1e-3)
    return np.array([[size[0], 0, low[0]], [0, size[1], low[1]], [0, 0, 1.0]]), float(np.prod(size))


def _shows_another(own: Greys, theirs: Greys, laid: Matrix) -> bool:
    """Whether both are screens of one app with another photo in each: a part of both at the same place differs."""
    others = [view.corners for view in views(theirs)[1:]]
    for view in views(own)[1:]:
        there = moved(laid, view.corners)
        if any(overlap(there, other) >= PANEL[0] for other in others):
            part = onto(view.corners)
            found = registering.look(own, part, theirs, laid @ part)
            shared = light.compare(own, theirs, laid, (view.corners, UNIT), least=2)
            alike = shared.blocks >= 2 and shared.together >= PANEL[2]
            if found.textured >= LEAST and found.share < PANEL[1] and not alike:
                return True
    return False


def _is_lit(found: Agreement, shared: light.SharedLight, limits: tuple[float, ...]) -> bool:
    seen = (found.textured, found.share, found.edge, found.tone, shared.together, -shared.off)
    return all(each >= least for each, least in zip(seen, limits, strict=True))


def _is_covered(found: Agreement, shared: light.SharedLight) -> bool:
    if found.found < COVERED[0]:
        return False
    alike = found.share >= COVERED[1] and found.tone >= CUT_TONE and not shared.is_other
    return alike or (found.share >= COVERED[2] and found.lit >= COVERED[3])


def _worth(found: Agreement) -> float:
    return found.share + TONE_COUNTS * (found.tone - TONE) + EDGE_COUNTS * (found.edge - EDGE)


def _is_photo(found: Agreement, whole: Greys, other: Greys, laid: Matrix, corners: Any) -> bool:
    """Whether a part of the other picture is this whole photo, and not a thing that both of them show, as a poster.

    The photo is there up to its edges, or it was cut, and then it lies there straight and as wide and high as it was.
    """
    full = registering.look(whole, np.eye(3), other, laid)
    if _worth(full) >= PART:
        return True
    bright = full.tone >= TONE or _covered(corners, np.linalg.inv(laid)) >= COVERS
    sure = found.share >= SHARE and found.tone >= CUT_TONE and bright
    return bool(sure and _is_upright(corners) and is_similar(laid, whole.size, other.size))


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
