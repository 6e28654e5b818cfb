"""The windows of many photos, and which of them are close to those of one photo.

A photo's whole picture is compared with every window of the others, and each of its windows with the others' whole
pictures, in each way to turn and mirror it: whichever of the two was cut is found. Pictures without their lowest part
are compared with such ones only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from server.services.likeness import windows
from server.services.likeness.numeric import np

NEAR: Final = 10
"""Most bits in which two windows of like photos differ."""
NEAR_TURNED: Final = 8
"""The same for a turned or mirrored photo."""
_HALF: Final = len(windows.CROPS)
_BLOCK: Final = 1 << 15
"""Numbers compared at a time: they stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Near:
    """A photo that may be the same: its number in the index, the way to turn the asked one, and the windows.

    `own` and `theirs` are windows (windows.BOXES) of the asked photo, turned, and of the other that look alike.
    """

    number: int
    variant: int
    own: int
    theirs: int
    distance: int


class Index:
    """The windows of photos; `hashes` is (photos, 46) of 64 bits."""

    def __init__(self, hashes: Any) -> None:
        self._count = len(hashes)
        both = hashes.reshape(self._count, 2, _HALF)
        # By window, so that the whole pictures lie side by side.
        self._windows = [np.ascontiguousarray(both[:, half].T) for half in (0, 1)]

    @classmethod
    def of(cls, rows: Sequence[bytes]) -> Index:
        """Make an index of stored windows."""
        joined = np.frombuffer(b"".join(rows), dtype=np.uint64)
        return cls(joined.reshape(len(rows), windows.COUNT))

    def ask(self, bits: Any, *, most: int = 200) -> list[Near]:
        """Return the nearest photos, at most `most`, each once, the nearest first. `bits`: of the asked photo."""
        best: dict[int, Near] = {}
        for variant in range(windows.VARIANTS):
            own = windows.packed(windows.variant(bits, variant)).reshape(2, _HALF)
            limit = NEAR_TURNED if variant else NEAR
            for half in (0, 1):
                for near in self._half(own[half], half, variant, limit):
                    if near.number not in best or near.distance < best[near.number].distance:
                        best[near.number] = near
        return sorted(best.values(), key=lambda near: (near.distance, near.number))[:most]

    def _half(self, own: Any, half: int, variant: int, limit: int) -> list[Near]:
        table, start = self._windows[half], half * _HALF
        found = [
            Near(at % self._count, variant, start, start + at // self._count, distance)
            for at, distance in _close(table.reshape(-1), own[0], limit)
        ]
        for window in range(1, _HALF):
            found += [
                Near(at, variant, start + window, start, distance)
                for at, distance in _close(table[0], own[window], limit)
            ]
        return found


def _close(row: Any, wanted: Any, limit: int) -> list[tuple[int, int]]:
    """Return (place, distance) of the numbers that differ from the wanted one in few bits."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(row), _BLOCK):
        apart = np.bitwise_count(row[start : start + _BLOCK] ^ wanted)
        if apart.min() <= limit:
            places = np.flatnonzero(apart <= limit)
            found += [(start + int(at), int(apart[at])) for at in places]
    return found
