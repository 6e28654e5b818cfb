"""The hashes of many photos, and which of them are close to those of one photo.

A photo's whole picture is compared with every window of the others, and each of its windows with the others' whole
pictures, in each way to turn and mirror it: whichever of the two was cut is found. The same holds for each view of it.
Pictures without their lowest part are compared with such ones only.

Two hashes that differ in at most ten of 63 bits differ in at most two bits of one of their four quarters. So each
quarter has a table, sorted, and only what is near in one quarter is compared in full.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import windows
from server.services.likeness.numeric import np
from server.services.likeness.pictures import UNIT
from server.services.likeness.seen import PART

NEAR: Final = 10
"""Most bits in which two windows of like photos differ."""
QUARTERS: Final = 4
_HALF: Final = len(windows.CROPS)


@dataclass(frozen=True, slots=True)
class Near:
    """A photo that may be the same: its name, the corners of its view, the asked one's view and the way to turn it.

    `own` and `theirs` are windows (windows.BOXES) of the asked view, turned, and of the other that look alike.
    """

    name: str
    corners: Any
    mine: int
    variant: int
    own: int
    theirs: int
    distance: int
    is_part: bool


class _Table:
    """Hashes by their quarters."""

    def __init__(self, hashes: Any) -> None:
        self.hashes = np.ascontiguousarray(hashes)
        self._orders, self._starts = [], []
        quarters = self.hashes.view(np.uint16).reshape(-1, QUARTERS)
        for nth in range(QUARTERS):
            keys = quarters[:, nth]
            order = np.argsort(keys, kind="stable").astype(np.int32)
            self._orders.append(order)
            self._starts.append(np.searchsorted(keys[order], np.arange(65537)).astype(np.int32))

    def close(self, asked: Any) -> tuple[Any, Any, Any]:
        """Return (number of the asked hash, place in the table, distance) of all pairs that are near."""
        quarters = np.ascontiguousarray(asked).view(np.uint16).reshape(-1, QUARTERS)
        ones, places = [], []
        for nth in range(QUARTERS):
            keys = (quarters[:, nth, None] ^ _NEAR_KEYS[None, :]).astype(np.int32)
            starts, ends = self._starts[nth][keys], self._starts[nth][keys + 1]
            counts = (ends - starts).reshape(-1)
            total = int(counts.sum())
            if not total:
                continue
            firsts = np.repeat(starts.reshape(-1) - np.append(0, np.cumsum(counts)[:-1]), counts)
            at = self._orders[nth][firsts + np.arange(total)]
            one = np.repeat(np.repeat(np.arange(len(asked)), len(_NEAR_KEYS)), counts)
            close = np.bitwise_count(self.hashes[at] ^ asked[one]) <= NEAR
            ones.append(one[close])
            places.append(at[close])
        if not ones:
            return (np.zeros(0, int),) * 3
        pairs = np.unique(np.stack([np.concatenate(ones), np.concatenate(places)], axis=1), axis=0)
        return pairs[:, 0], pairs[:, 1], np.bitwise_count(self.hashes[pairs[:, 1]] ^ asked[pairs[:, 0]])


def _near_keys() -> Any:
    one = [1 << bit for bit in range(16)]
    return np.array([0, *one, *(a | b for nth, a in enumerate(one) for b in one[nth + 1 :])], dtype=np.uint16)


_NEAR_KEYS: Final = _near_keys()


class Index:
    """The hashes of photos: of each the windows of its whole picture, and of its other views the whole ones."""

    def __init__(self, names: Sequence[str], hashes: Any, parts: Any, owners: Any) -> None:
        """`hashes`: (photos, 46). `parts`: other views (seen.PART). `owners`: whose each of them is."""
        self._names = names
        self._count = len(names)
        self._corners = np.concatenate([np.broadcast_to(UNIT, (self._count, 4, 2)), parts["corners"]])
        self._owners = np.concatenate([np.arange(self._count), owners])
        both = hashes.reshape(self._count, 2, _HALF)
        heads = np.concatenate([both[:, :, 0], parts["hashes"]])
        self._heads = [_Table(heads[:, half]) for half in (0, 1)]
        self._windows = [_Table(both[:, half, 1:].reshape(-1)) for half in (0, 1)]

    @classmethod
    def of(cls, rows: Sequence[tuple[str, bytes, bytes]]) -> Index:
        """Make an index of names, stored windows and stored parts."""
        hashes = np.frombuffer(b"".join(row[1] for row in rows), dtype=np.uint64).reshape(len(rows), windows.COUNT)
        parts = np.frombuffer(b"".join(row[2] for row in rows), dtype=PART)
        owners = np.repeat(np.arange(len(rows)), [len(row[2]) // PART.itemsize for row in rows])
        return cls([row[0] for row in rows], hashes, parts, owners)

    def ask(self, bits: Sequence[Any], *, most: int = 200) -> list[Near]:
        """Return the nearest photos, at most `most`, the nearest first. `bits`: of the asked photo's views."""
        found: dict[tuple[int, bool], Near] = {}
        packed = [
            windows.packed(windows.variant(each, variant)).reshape(2, _HALF)
            for each in bits
            for variant in range(windows.VARIANTS)
        ]
        every = np.stack(packed)
        for half in (0, 1):
            start = half * _HALF
            one, at, far = self._heads[half].close(every[:, half].reshape(-1))
            rows, own, theirs = at, one % _HALF, np.zeros_like(one)
            # Never a part of a photo with a part of another: two streets may have the same window or poster.
            whole = (one // (_HALF * windows.VARIANTS) == 0) | (rows < self._count)
            one, rows, own, theirs, far = (each[whole] for each in (one, rows, own, theirs, far))
            self._keep(found, one // _HALF, rows, start + own, start + theirs, far)
            one, at, far = self._windows[half].close(every[:, half, 0])
            rows, theirs = at // (_HALF - 1), 1 + at % (_HALF - 1)
            self._keep(found, one, rows, np.full_like(one, start), start + theirs, far)
        return sorted(found.values(), key=lambda near: (near.distance, near.name))[:most]

    def _keep(
        self, found: dict[tuple[int, bool], Near], asked: Any, rows: Any, own: Any, theirs: Any, far: Any
    ) -> None:
        """Keep the nearest of each view: of the asked photo as a whole, and of a part of it."""
        for at in np.argsort(far, kind="stable"):
            row = int(rows[at])
            mine, variant = divmod(int(asked[at]), windows.VARIANTS)
            key = row, mine > 0
            if key not in found or far[at] < found[key].distance:
                name, corners = self._names[self._owners[row]], self._corners[row]
                found[key] = Near(
                    name, corners, mine, variant, int(own[at]), int(theirs[at]), int(far[at]), row >= self._count
                )
