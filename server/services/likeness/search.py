"""The hashes of many photos, and which of them are close to those of one photo.

A photo's whole picture is compared with every window of the others, and each of its windows with the others' whole
pictures, in each way to turn and mirror it: whichever of the two was cut is found. The same holds for each view of it,
of which a few windows are enough: its edges were found, and what was cut from it before the other has in a window.
Pictures without their lowest part are compared with such ones only.

A hash has four parts of 16 bits: its waves that are even or odd across, and even or odd down. Mirroring turns all bits
of a part over, or none. So a part is looked up as it is and turned over, and that finds the picture mirrored in each
way. Two hashes that differ in at most ten bits differ in at most two bits of one part, or one of the last: each part
has a table, sorted, and only what is near in one of them is compared in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import windows
from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT
from server.services.likeness.seen import PART, PhotoViews
from server.services.likeness.spot_search import SpotIndex

NEAR: Final = 10
"""Most bits in which two windows of like photos differ."""
PARTS: Final = 4
FEW: Final = (0, 5, 13, 15, 20, 22)
"""Windows of a view that is not the whole picture: all of it, and some that leave out a rim, its top or its foot."""
_HALF: Final = len(windows.CROPS)


@dataclass(frozen=True, slots=True)
class Near:
    """A photo that may be the same: its name, the corners of its view, the asked one's view and the way to turn it.

    `own` and `theirs` are windows (windows.BOXES) of the asked view and of the other that look alike, the first turned.
    `laid`, where spots found it: from places in the asked photo to those in the other; then there is no view.
    """

    name: str
    corners: Any
    mine: int
    variant: int
    own: int
    theirs: int
    distance: int
    is_part: bool
    laid: Any = None


class HashTable:
    """Hashes by their parts (`_parted`)."""

    def __init__(self, hashes: Any) -> None:
        self._hashes = _parted(hashes)
        self._orders, self._starts = [], []
        for nth in range(PARTS):
            keys = self._hashes.view(np.uint16).reshape(-1, PARTS)[:, nth]
            order = np.argsort(keys, kind="stable").astype(np.int32)
            self._orders.append(order)
            self._starts.append(np.searchsorted(keys[order], np.arange(65537)).astype(np.int32))

    def close(self, asked: Any) -> tuple[Any, Any, Any, Any, Any]:
        """Return (number of the asked hash, place in the table, how it is mirrored, distance, turn) of near pairs.

        A pair may come more than once. `turn`: when its key was looked up, so that two tables can be read as one.
        """
        hashes = _parted(asked)
        parts, found = hashes.view(np.uint16).reshape(-1, PARTS), list[tuple[Any, ...]]()
        for nth, apart in enumerate(_APART):
            for over in (0, 0xFFFF) if nth else (0,):
                keys = (parts[:, nth, None] ^ apart[None, :] ^ np.uint16(over)).astype(np.int32).reshape(-1)
                starts = self._starts[nth][keys]
                counts = self._starts[nth][keys + 1] - starts
                ends = np.cumsum(counts)
                firsts = np.repeat(starts - (ends - counts).astype(np.int32), counts)
                at = self._orders[nth][firsts + np.arange(len(firsts), dtype=np.int32)]
                apart_by = np.repeat(hashes, counts.reshape(len(asked), -1).sum(axis=1)) ^ self._hashes[at]
                near = np.flatnonzero(_nearest(apart_by, nth, over) <= NEAR)
                key = np.searchsorted(ends, near, side="right")
                found.append((key // len(apart), at[near], *_compared(apart_by[near]), key + (len(found) << 32)))
        one, at, mirrored, far, turn = (np.concatenate(each) for each in zip(*found, strict=True))
        return one, at, mirrored, far, turn


def _nearest(apart: Any, nth: int, over: int) -> Any:
    """Return the distance of hashes that are near in one part, in each way to mirror in which that part lies so."""
    masks = [mask for mask in _MIRRORED if not nth or mask >> 16 * nth & 0xFFFF == over]
    least = np.bitwise_count(apart ^ np.uint64(masks[0]))
    for mask in masks[1:]:
        np.minimum(least, np.bitwise_count(apart ^ np.uint64(mask)), out=least)
    return least


def _compared(apart: Any) -> tuple[Any, Any]:
    """Return of bits in which hashes differ how they differ least, (way to mirror, distance)."""
    counts = np.bitwise_count(apart.view(np.uint16)).reshape(-1, PARTS)
    even, across, down, both = (np.ascontiguousarray(counts[:, nth]).view(np.int8) for nth in range(PARTS))
    least, mirrored = across + down + both, np.zeros(len(apart), dtype=np.int8)
    ways = (down + 32 - across - both, across + 32 - down - both, both + 32 - across - down)  # windows.VARIANTS
    for way, far in enumerate(ways, 1):
        mirrored[far < least] = way
        np.minimum(least, far, out=least)
    return mirrored, least + even


def _parted(hashes: Any) -> Any:
    """Return hashes as numbers of their four parts: even and even, odd across, odd down, odd and odd."""
    found = np.empty(len(hashes), dtype=np.uint64)
    for start in range(0, len(hashes), 100_000):
        some = np.ascontiguousarray(hashes[start : start + 100_000])
        bits = np.unpackbits(some.view(np.uint8)).reshape(len(some), 4, 2, 4, 2)
        parts = bits.transpose(0, 2, 4, 1, 3).reshape(len(some), 64)
        found[start : start + len(some)] = np.packbits(parts, axis=1).view(np.uint64).reshape(-1)
    return found


def _apart(most: int) -> Any:
    """Return all numbers of 16 bits of which at most one, or two, are set."""
    one = [1 << bit for bit in range(16)]
    two = [a | b for nth, a in enumerate(one) for b in one[nth + 1 :]]
    return np.array([0, *one, *(two if most > 1 else ())], dtype=np.uint16)


_APART: Final = tuple(_apart(most) for most in (2, 2, 2, 1))
"""What is looked up around each part: with more than 2, 2, 2 and 1 bits apart, hashes are more than ten apart."""


_ACROSS, _DOWN, _BOTH = (0xFFFF << 16 * nth for nth in (1, 2, 3))
_MIRRORED: Final = (0, _ACROSS | _BOTH, _DOWN | _BOTH, _ACROSS | _DOWN)
"""The bits of a parted hash that each way to mirror turns over (windows.VARIANTS)."""


class Index:
    """The hashes of photos: of each the windows of its whole picture, of its other views the whole ones, its spots."""

    def __init__(self, names: Sequence[str], hashes: Any, parts: Any, owners: Any, spots: SpotIndex) -> None:
        """`hashes`: (photos, 46). `parts`: other views (seen.PART). `owners`: whose each of them is."""
        self._names = names
        self._count = len(names)
        self._corners = np.concatenate([np.broadcast_to(UNIT, (self._count, 4, 2)), parts["corners"]])
        self._owners = np.concatenate([np.arange(self._count), owners])
        both = hashes.reshape(self._count, 2, _HALF)
        self._heads = [HashTable(both[:, half, 0]) for half in (0, 1)]
        self._parts = [HashTable(parts["hashes"][:, half]) for half in (0, 1)]
        self._windows = [HashTable(both[:, half, 1:].reshape(-1)) for half in (0, 1)]
        self._spots = spots

    @classmethod
    def of(cls, rows: Sequence[tuple[str, bytes, bytes, bytes]]) -> Index:
        """Make an index of names, stored windows, parts and spots."""
        hashes = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.uint64).reshape(len(rows), windows.COUNT)
        parts = np.frombuffer(b"".join(row[2] for row in rows), dtype=PART)
        owners = np.repeat(np.arange(len(rows)), [len(row[2]) // PART.itemsize for row in rows])
        return cls([row[0] for row in rows], hashes, parts, owners, SpotIndex([row[3] for row in rows]))

    def ask(self, seen: PhotoViews, *, most: int = 200) -> list[Near]:
        """Return the photos that may be the same: those with its spots, then those with near windows."""
        by_spots = [
            Near(self._names[each.row], UNIT, 0, 0, 0, 0, 0, is_part=False, laid=each.laid)
            for each in self._spots.ask(seen.asked)
        ]
        return [*by_spots, *self._by_windows(seen.bits, most)]

    def _by_windows(self, bits: Sequence[Any], most: int) -> list[Near]:
        """Return the nearest photos, at most `most`, the nearest first. `bits`: of the asked photo's views."""
        found: dict[tuple[int, bool], Near] = {}
        for swapped in (0, 4):
            packed = [windows.packed(windows.variant(each, swapped)).reshape(2, _HALF) for each in bits]
            few = [(view, own) for view in range(len(bits)) for own in (FEW if view else range(_HALF))]
            views, owns = np.array(few).T
            for half in (0, 1):
                start = half * _HALF
                hashes = np.array([packed[view][half, own] for view, own in few], dtype=np.uint64)
                one, at, mirrored, far = self._near_heads(half, hashes)
                asked, none = views[one] * windows.VARIANTS + swapped + mirrored, np.full_like(at, start)
                self._keep(found, asked, at, start + owns[one], none, far)
                one, at, mirrored, far, _ = self._windows[half].close(
                    np.array([each[half, 0] for each in packed], dtype=np.uint64)
                )
                rows, theirs = at // (_HALF - 1), start + 1 + at % (_HALF - 1)
                asked = one * windows.VARIANTS + swapped + mirrored
                self._keep(found, asked, rows, np.full_like(rows, start), theirs, far)
        return sorted(found.values(), key=lambda near: (near.distance, near.name))[:most]

    def _near_heads(self, half: int, hashes: Any) -> tuple[Any, Any, Any, Any]:
        """Return what HashTable.close does of whole pictures, and behind them of their parts.

        `hashes`: all windows of the asked picture, and a few of each part of it. Never a part of a photo with a part of
        another: two streets may have the same window or poster. Most hashes are of parts, so they are asked apart.
        """
        whole, parts = self._heads[half].close(hashes), self._parts[half].close(hashes[:_HALF])
        one, at, mirrored, far, turn = (np.concatenate(each) for each in zip(whole, parts, strict=True))
        at[len(whole[1]) :] += self._count
        order = np.argsort(turn, kind="stable")
        return one[order], at[order], mirrored[order], far[order]

    def _keep(
        self, found: dict[tuple[int, bool], Near], asked: Any, rows: Any, own: Any, theirs: Any, far: Any
    ) -> None:
        """Keep the nearest of each view: of the asked photo as a whole, and of a part of it."""
        keys = 2 * rows + (asked >= windows.VARIANTS)
        order = np.lexsort((far, keys))
        for at in order[np.unique(keys[order], return_index=True)[1]]:
            row = int(rows[at])
            mine, variant = divmod(int(asked[at]), windows.VARIANTS)
            key = row, mine > 0
            if key not in found or far[at] < found[key].distance:
                name, corners = self._names[self._owners[row]], self._corners[row]
                found[key] = Near(
                    name, corners, mine, variant, int(own[at]), int(theirs[at]), int(far[at]), row >= self._count
                )
