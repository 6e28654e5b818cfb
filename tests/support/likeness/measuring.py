"""Recall and false alarms of the search for like photos, over drawn photos with a known truth."""

from __future__ import annotations

import io
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from server.services.likeness.judging import LikenessVerdict, judge_all
from server.services.likeness.pictures import SIDE, Greys
from server.services.likeness.search import Index
from server.services.likeness.seen import PhotoViews
from support.likeness.honest import honest
from support.likeness.reuse import REUSE

Picture = Image.Image
Make = Callable[[Picture, Any], Picture]
JPEG = 85
"""Quality in which a phone sends a photo."""
KEPT = 3_000
"""Photos kept, of 50 kB each."""


@dataclass
class Measured:
    """`false`: photos with an alarm though nobody handed them in before. `tried`, `missed`: copies, by their sort."""

    photos: int
    asked: int = 0
    false: int = 0
    unsure: int = 0
    near: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    look_ms: list[float] = field(default_factory=list)
    ask_ms: list[float] = field(default_factory=list)
    judge_ms: list[float] = field(default_factory=list)
    bytes_kept: int = 0
    alarms: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """The part of the copies that were found."""
        return 1 - self.missed.total() / max(1, self.tried.total())

    @property
    def least(self) -> float:
        """The same of the sort that was found least."""
        return min((1 - self.missed[sort] / tried for sort, tried in self.tried.items()), default=1.0)


def greys(data: bytes) -> Greys:
    """Return a JPEG in grey as the confined process gives it."""
    with Image.open(io.BytesIO(data)) as image:
        image.draft("L", (SIDE, SIDE))
        image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
        return Greys(image.convert("L"))


def jpeg(picture: Picture, quality: int = JPEG) -> bytes:
    """Return a JPEG."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


class Drawn:
    """Honest photos by number; the JPEG files of the last ones are kept in memory."""

    def __init__(self, draw: Callable[[int], Picture] = honest) -> None:
        self._draw = draw
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    def __call__(self, number: int) -> Greys:
        """Return the photo in grey."""
        if number not in self._kept:
            self._kept[number] = jpeg(self._draw(number))
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return greys(self._kept[number])

    def picture(self, number: int) -> Picture:
        """Return the photo itself."""
        self(number)
        return Image.open(io.BytesIO(self._kept[number])).convert("RGB")


def copies(each: int, photos: int, seed: int, sorts: Mapping[str, Make] = REUSE) -> Iterator[tuple[int, str, Any]]:
    """Yield (number of a photo, sort, dice): `each` copies of each sort, of photos taken at random."""
    for nth, sort in enumerate(sorts):
        for count in range(each):
            dice = np.random.default_rng([seed, nth, count])
            yield int(dice.integers(0, photos)), sort, dice


def measure(
    photos: int,
    *,
    each: int,
    asked: int,
    seed: int,
    sorts: Mapping[str, Make] = REUSE,
    told: Callable[[str], None] = lambda _said: None,
) -> Measured:
    """Look at `photos` honest ones, ask `asked` of them against all others, then `each` copies of each sort."""
    drawn, found = Drawn(), Measured(photos, asked)
    rows, kept = [], dict[int, PhotoViews]()
    chosen = set(np.random.default_rng([seed, photos]).choice(photos, asked, replace=False).tolist())
    for number in range(photos):
        picture, begun = drawn(number), time.perf_counter()
        seen = PhotoViews.of(picture)
        found.look_ms.append(1000 * (time.perf_counter() - begun))
        rows.append((str(number), *seen.kept))
        found.bytes_kept += sum(map(len, seen.kept))
        if number in chosen:
            kept[number] = seen
        if number % 1000 == 999:
            told(f"{number + 1} looked at")
    index = Index.of(rows)
    told("index made")
    for number, seen in kept.items():
        verdicts = _verdicts(str(number), seen, drawn(number), index, drawn, found)
        found.false += any(verdict.sure for verdict in verdicts)
        found.unsure += bool(verdicts) and not any(verdict.sure for verdict in verdicts)
        found.alarms += [(*verdict.pair, verdict.share) for verdict in verdicts]
    told(f"{len(kept)} asked, {found.false} false alarms")
    for number, sort, dice in copies(each, photos, seed, sorts):
        copy = greys(jpeg(sorts[sort](drawn.picture(number), dice)))
        found.tried[sort] += 1
        found.missed[sort] += not is_found(copy, number, index, drawn)
    return found


def is_found(copy: Greys, number: int, index: Index, drawn: Drawn) -> bool:
    """Whether the photo is found by its copy. Strangers that are found, too, do not count here."""
    seen = PhotoViews.of(copy)
    found = judge_all("copy", seen, index.ask(seen), lambda name: copy if name == "copy" else drawn(int(name)))
    return any(str(number) in verdict.pair for verdict in found)


def _verdicts(
    name: str, seen: PhotoViews, own: Greys, index: Index, drawn: Drawn, found: Measured
) -> list[LikenessVerdict]:
    begun = time.perf_counter()
    near = [each for each in index.ask(seen) if each.name != name]
    found.ask_ms.append(1000 * (time.perf_counter() - begun))
    found.near += len(near)
    begun = time.perf_counter()
    verdicts = judge_all(name, seen, near, lambda of: own if of == name else drawn(int(of)))
    found.judge_ms.append(1000 * (time.perf_counter() - begun))
    return verdicts
