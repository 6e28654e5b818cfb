"""Which photos have the same spots as one photo, and lie with them in the same way.

Of each spot of the asked photo those are looked up whose bits are nearly the same, in each way to turn and mirror the
picture. A photo may be the same if several of its spots lie to each other as those of the asked one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from server.services.likeness import spots
from server.services.likeness.numeric import np
from server.services.likeness.pictures import Matrix
from server.services.likeness.spots import SPOT, Spots
from server.services.likeness.windows import VARIANTS

NEAR: Final = 18
"""Most bits, of 128, in which like spots differ."""
KEYS: Final = 6
WIDTH: Final = 20
"""Tables, and the bits of their keys."""
COMMON: Final = 2_000
"""A key of more spots tells nothing."""
EACH: Final = 60
"""Most spots, the nearest, that one may be."""
LEAST: Final = 4
"""Spots that must lie to each other as in the asked photo."""
OF_ONE, AT_ONCE = 4, 180
"""Most spots of one photo, the nearest, that one may be; and most pairs that are laid over each other."""
GROWN: Final = 2**0.5
"""How much more one spot may have grown than another."""
TRIED: Final = 12
"""Ways to lie that are counted, of a group of like spots."""
GROUPS: Final = 200
MOST: Final = 8


@dataclass(frozen=True, slots=True)
class SpotNear:
    """A photo (its number) with `votes` spots as the asked one has. `laid`: from places in the asked one to its own."""

    row: int
    votes: int
    laid: Matrix


class SpotIndex:
    """The spots of photos, in the order of their numbers."""

    def __init__(self, stored: Sequence[bytes]) -> None:
        """`stored`: Spots.stored of each; empty if it was not looked at."""
        counts = np.array([max(0, len(each) // SPOT.itemsize - 1) for each in stored], dtype=np.int64)
        kept = [np.frombuffer(each, dtype=SPOT) for each in stored]
        self._sides = np.array([(each["x"][0], each["y"][0]) if len(each) else (1, 1) for each in kept]) / 65535
        some = np.concatenate([np.zeros(0, dtype=SPOT), *(each[1:] for each in kept)])
        self._owners = np.repeat(np.arange(len(stored), dtype=np.int32), counts)
        self._at = np.column_stack([some[name] for name in ("x", "y", "size")])
        bits = np.ascontiguousarray(some["bits"])
        self._bits = bits.T.copy()
        self._orders, self._starts = [], []
        for key in _keys(bits):
            self._orders.append(_order(key))
            counts = np.bincount(key, minlength=1 << WIDTH)
            self._starts.append(np.append(0, np.cumsum(counts)).astype(np.int32))

    def ask(self, seen: Spots) -> list[SpotNear]:
        """Return the photos with most spots in the same places, at most MOST, those with most first."""
        most = spots.ASKED + spots.FINE
        at, bits = seen.at[:most], seen.bits[:most]
        if len(at) < LEAST or not len(self._owners):
            return []
        one, place, way = self._matches(bits)
        groups = self._owners[place].astype(np.int64) * VARIANTS + way
        names, which, counts = np.unique(groups, return_inverse=True, return_counts=True)
        found: dict[int, SpotNear] = {}
        for group in np.argsort(-counts, kind="stable")[:GROUPS]:
            if counts[group] < LEAST:
                break
            chosen = np.flatnonzero(which == group)
            row, variant = divmod(int(names[group]), VARIANTS)
            near = self._agreeing(row, variant, seen, at[one[chosen]], one[chosen], place[chosen])
            if near is not None and (row not in found or near.votes > found[row].votes):
                found[row] = near
        return sorted(found.values(), key=lambda near: (-near.votes, near.row))[:MOST]

    def _matches(self, bits: Any) -> tuple[Any, Any, Any]:
        """Return (number of the asked spot, place in the table, variant) of spots that are nearly the same."""
        asked = np.concatenate([spots.packed(spots.variant(bits, number)) for number in range(VARIANTS)])
        sides, found = asked.T.copy(), []
        for nth, key in enumerate(_keys(asked)):
            starts = self._starts[nth][key]
            counts = self._starts[nth][key + 1] - starts
            counts[counts > COMMON] = 0
            ends = np.cumsum(counts)
            firsts = np.repeat(starts - (ends - counts).astype(np.int32), counts)
            at = self._orders[nth][firsts + np.arange(len(firsts), dtype=np.int32)]
            # The half in which the key is not: hardly any stranger is near there, so the other half is read of few.
            other = int(2 * nth < KEYS)
            far = np.bitwise_count(np.repeat(sides[other], counts) ^ self._bits[other][at])
            near = np.flatnonzero(far <= NEAR)
            one, at, far = np.searchsorted(ends, near, side="right"), at[near], far[near]
            far = far + np.bitwise_count(sides[1 - other][one] ^ self._bits[1 - other][at])
            near = far <= NEAR
            found.append((one[near], at[near], far[near]))
        one, at, far = (np.concatenate(each) for each in zip(*found, strict=True))
        _, first = np.unique(one * len(self._owners) + at, return_index=True)
        one, at, far = one[first], at[first], far[first]
        way, one = np.divmod(one, len(bits))
        order = np.lexsort((far, one))
        one, at, way = one[order], at[order], way[order]
        nearest = np.arange(len(one)) - np.searchsorted(one, one) < EACH
        return one[nearest], at[nearest], way[nearest]

    def _agreeing(self, row: int, variant: int, seen: Spots, asked: Any, numbers: Any, places: Any) -> SpotNear | None:
        """Return how most of these spots of one photo lie over those of the asked one; None if too few do."""
        few = np.flatnonzero(np.arange(len(numbers)) - np.searchsorted(numbers, numbers) < OF_ONE)[:AT_ONCE]
        asked, numbers, places = asked[few], numbers[few], places[few]
        kept = self._at[places] / 65535.0
        turned = asked[:, :2] @ _turn(variant).T
        grown = kept[:, 2] / asked[:, 2]
        ratio = grown[None] / grown[:, None]
        (across, down), (right, below) = (
            (each[None] - each[:, None] for each in turned.T),
            (each[None] - each[:, None] for each in kept[:, :2].T),
        )
        ours = np.sqrt(across * across + down * down)
        across, down = grown[:, None] * across - right, grown[:, None] * down - below
        off = np.sqrt(across * across + down * down) <= 0.1 * grown[:, None] * ours + 1.5 * kept[None, :, 2]
        agree = off & (ratio < GROWN) & (ratio > 1 / GROWN)
        # Windows of a house, and stripes, are like many others. Each spot votes once, or a shift by one of them wins.
        votes, first, most = 0, 0, agree.sum(axis=1)
        for nth in np.argsort(-most, kind="stable")[:TRIED]:
            if most[nth] <= votes:
                break  # those that follow agree with fewer still
            told = min(len(np.unique(numbers[agree[nth]])), len(np.unique(places[agree[nth]])))
            votes, first = max((votes, first), (told, int(nth)), key=lambda each: each[0])
        best = agree[first]
        if votes < LEAST:
            return None
        step = _fitted(turned[best], kept[best])
        sides = np.diag([*self._sides[row], 1.0])
        turn = np.eye(3)
        turn[:2, :2] = _turn(variant)
        return SpotNear(row, votes, np.linalg.inv(sides) @ step @ turn @ np.diag([*seen.sides, 1.0]))


def _fitted(asked: Any, kept: Any) -> Matrix:
    """Return the scale, turn and shift that take asked places to kept ones, without the worst of them."""
    good = np.ones(len(asked), dtype=bool)
    scale, turn, x, y = 1.0, 0.0, 0.0, 0.0
    for _ in range(3):
        one, two = asked[good], kept[good, :2]
        zero, all_ = np.zeros(len(one)), np.ones(len(one))
        design = np.concatenate(
            [
                np.column_stack([one[:, 0], -one[:, 1], all_, zero]),
                np.column_stack([one[:, 1], one[:, 0], zero, all_]),
            ]
        )
        (scale, turn, x, y), *_ = np.linalg.lstsq(design, two.T.reshape(-1), rcond=None)
        made = np.array([[scale, -turn, x], [turn, scale, y], [0, 0, 1.0]])
        off = np.linalg.norm(asked @ made[:2, :2].T + made[:2, 2] - kept[:, :2], axis=1)
        good = off <= max(1e-6, 2.5 * float(np.median(off)))
        if good.sum() < LEAST:
            break
    return np.array([[scale, -turn, x], [turn, scale, y], [0, 0, 1.0]])


@cache
def _turn(variant: int) -> Any:
    """Return what turns and mirrors places; where they are shifted to does not matter."""
    made = np.array([[0.0, 1.0], [1.0, 0.0]]) if variant & 4 else np.eye(2)
    return np.diag([-1.0 if variant & 1 else 1.0, -1.0 if variant & 2 else 1.0]) @ made


def _keys(hashes: Any) -> list[Any]:
    """Return the keys of spots, one array a table: each the next 20 bits."""
    octets = hashes.view(np.uint8).reshape(len(hashes), 16)
    found = []
    for nth in range(KEYS):
        first, half = divmod(nth * WIDTH, 8)
        upper, middle, lower = (octets[:, first + each].astype(np.int32) for each in range(3))
        whole = (upper << 16) | (middle << 8) | lower
        found.append(whole & 0xFFFFF if half else whole >> 4)
    return found


def _order(key: Any) -> Any:
    """Return what sorts keys: by their lower 16 bits, then by the others, which is faster than at once."""
    first = np.argsort(key.astype(np.uint16), kind="stable")
    return first[np.argsort((key[first] >> 16).astype(np.uint16), kind="stable")].astype(np.int32)
