"""Recall and false alarms of the search for like photos, over drawn photos with a known truth."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from server.services.likeness import windows
from server.services.likeness.judging import judge
from server.services.likeness.search import Index
from support.likeness.scenes import COPIES, scene, thumb


@dataclass
class Measured:
    """`false`: photos with an alarm though nobody handed them in before. `tried`, `missed`: copies, by their sort."""

    photos: int
    false: int = 0
    unsure: int = 0
    near: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    ask_ms: list[float] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the copies that were found."""
        return 1 - self.missed.total() / max(1, self.tried.total())


def measure(photos: int, *, asked: int, told: Callable[[str], None] = lambda _said: None) -> Measured:
    """Draw photos, look for each among the ones before it, then for copies of `asked` of them, each in one way."""
    hashes = np.zeros((photos, windows.COUNT), dtype=np.uint64)
    bits: list[Any] = []
    for number in range(photos):
        bits.append(windows.bits(windows.square(thumb(scene(number)))))
        hashes[number] = windows.packed(bits[-1])
        if number % 1000 == 999:
            told(f"{number + 1} drawn")
    index, found = Index(hashes), Measured(photos)
    for number in range(photos):
        _strange(number, bits[number], index, found)
        if number % 1000 == 999:
            told(f"{number + 1} asked, {found.false} false alarms")
    sorts = list(COPIES)
    found.missed.update(dict.fromkeys(sorts, 0))
    for nth in range(asked):
        _copy(nth * photos // asked, sorts[nth % len(sorts)], index, found)
    return found


def _picture(number: int) -> Image.Image:
    return thumb(scene(number)).convert("L")


def _strange(number: int, bits: Any, index: Index, found: Measured) -> None:
    """Ask for a photo among those before it: whatever is found is a false alarm."""
    begun = time.perf_counter()
    near = [each for each in index.ask(bits) if each.number < number]
    found.ask_ms.append(1000 * (time.perf_counter() - begun))
    found.near += len(near)
    own = _picture(number) if near else None
    verdicts = [
        verdict for each in near if own and (verdict := judge((f"{number}", "other"), own, _picture(each.number), each))
    ]
    found.false += any(verdict.sure for verdict in verdicts)
    found.unsure += bool(verdicts) and not any(verdict.sure for verdict in verdicts)


def _copy(number: int, sort: str, index: Index, found: Measured) -> None:
    copy = thumb(COPIES[sort](scene(number))).convert("L")
    found.tried[sort] += 1
    near = [each for each in index.ask(windows.bits(windows.square(copy))) if each.number == number]
    if not any(judge(("copy", "first"), copy, _picture(number), each) for each in near):
        found.missed[sort] += 1
