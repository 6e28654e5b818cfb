"""Groups of things: by a key, and so many at a time.

>>> grouped([("Xã A", 1), ("Xã B", 2), ("Xã A", 3)])
{'Xã A': [1, 3], 'Xã B': [2]}
>>> list(in_parts([1, 2, 3, 4, 5], 2))
[[1, 2], [3, 4], [5]]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

Key = TypeVar("Key")
Thing = TypeVar("Thing")


def grouped(pairs: Iterable[tuple[Key, Thing]]) -> dict[Key, list[Thing]]:
    """Return the things by key, keys and things in the order in which they come."""
    found: dict[Key, list[Thing]] = {}
    for key, thing in pairs:
        found.setdefault(key, []).append(thing)
    return found


def in_parts(things: Sequence[Thing], size: int) -> Iterator[Sequence[Thing]]:
    """Yield the things, at most `size` at a time, for a statement that names each of them."""
    return (things[start : start + size] for start in range(0, len(things), size))
