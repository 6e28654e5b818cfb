"""Recall and false alarms of the search for like photos, over drawn photos with a known truth."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
    """Draw photos, look for each among the ones before it, then for copies of `asked` of them, each in one way.

    Drawing costs most, so each photo is drawn once, and its copy is made then.
    """
    hashes = np.zeros((photos, windows.COUNT), dtype=np.uint64)
    bits: list[Any] = []
    sorts, copied = list(COPIES), {nth * photos // asked: nth for nth in range(asked)}
    copies: list[_Copied] = []
    for number in range(photos):
        drawn = scene(number)
        own = thumb(drawn)
        bits.append(windows.bits(windows.square(own)))
        hashes[number] = windows.packed(bits[-1])
        if number in copied:
            sort = sorts[copied[number] % len(sorts)]
            copies.append(_Copied(number, sort, _packed(own), _packed(thumb(COPIES[sort](drawn)))))
        if number % 1000 == 999:
            told(f"{number + 1} drawn")
    index, found = Index(hashes), Measured(photos)
    for number in range(photos):
        _strange(number, bits[number], index, found)
        if number % 1000 == 999:
            told(f"{number + 1} asked, {found.false} false alarms")
    found.missed.update(dict.fromkeys(sorts, 0))
    for each in copies:
        _ask(each, index, found)
    return found


class _Copied(NamedTuple):
    """A photo's number, how its copy was made, and the thumbnails of both, packed."""

    number: int
    sort: str
    own: bytes
    copy: bytes


def _packed(picture: Image.Image) -> bytes:
    """Return the picture in grey, without loss, in half the memory."""
    out = io.BytesIO()
    picture.convert("L").save(out, "PNG", compress_level=1)
    return out.getvalue()


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("L")


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


def _ask(each: _Copied, index: Index, found: Measured) -> None:
    copy = _opened(each.copy)
    found.tried[each.sort] += 1
    near = [other for other in index.ask(windows.bits(windows.square(copy))) if other.number == each.number]
    if not any(judge(("copy", "first"), copy, _opened(each.own), other) for other in near):
        found.missed[each.sort] += 1
