"""Recall and false alarms of the search for like photos, over drawn photos with a known truth."""

from __future__ import annotations

import io
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

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
    """Honest photos by number; their JPEG files, of 50 kB each, are kept in memory."""

    def __init__(self, draw: Callable[[int], Picture] = honest) -> None:
        self._draw = draw
        self._kept: dict[int, bytes] = {}

    def __call__(self, number: int) -> Greys:
        """Return the photo in grey."""
        return greys(self.file(number))

    def file(self, number: int) -> bytes:
        """Return the photo's file."""
        if number not in self._kept:
            self._kept[number] = jpeg(self._draw(number))
        return self._kept[number]

    def keep(self, number: int, file: bytes) -> None:
        """Keep a file that another process drew."""
        self._kept[number] = file

    def picture(self, number: int) -> Picture:
        """Return the photo itself."""
        return Image.open(io.BytesIO(self.file(number))).convert("RGB")


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
    say: Callable[[str], None] = lambda _said: None,
    processes: int = 1,
) -> Measured:
    """Look at `photos` honest ones, ask `asked` of them against all others, then `each` copies of each sort."""
    found, rows, kept = Measured(photos, asked), [], dict[int, PhotoViews]()
    chosen = set(np.random.default_rng([seed, photos]).choice(photos, asked, replace=False).tolist())
    world.drawn = Drawn()
    with _mapped(processes) as mapped:
        for number, (file, seen, took) in enumerate(mapped(_look, range(photos))):
            world.drawn.keep(number, file)
            found.look_ms.append(took)
            rows.append((str(number), *seen.kept))
            found.bytes_kept += sum(map(len, seen.kept))
            if number in chosen:
                kept[number] = seen
            if number % 1000 == 999:
                say(f"{number + 1} looked at")
    world.index, world.sorts = Index.of(rows), sorts
    say("index made")
    with _mapped(processes) as mapped:
        for nth, one in enumerate(mapped(_ask, kept.items())):
            found.false += any(verdict.sure for verdict in one.verdicts)
            found.unsure += bool(one.verdicts) and not any(verdict.sure for verdict in one.verdicts)
            found.alarms += [(*verdict.pair, verdict.share) for verdict in one.verdicts]
            found.near += one.near
            found.ask_ms.append(one.ask_ms)
            found.judge_ms.append(one.judge_ms)
            if nth % 100 == 99:
                say(f"{nth + 1} asked, {found.false} false alarms, {found.unsure} not certain")
        for sort, was_found in mapped(_search, copies(each, photos, seed, sorts)):
            found.tried[sort] += 1
            found.missed[sort] += not was_found
    return found


class _World:
    """What the processes share: they are forked when it is there, and so copy nothing."""

    drawn: Drawn
    index: Index
    sorts: Mapping[str, Make]


world = _World()
Mapped = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]


@contextmanager
def _mapped(processes: int) -> Iterator[Mapped]:
    """Give a `map` over processes, in order."""
    if processes == 1:
        yield map
        return
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield partial(pool.imap, chunksize=10)


class _Asked(NamedTuple):
    """What is like one photo among all others, and what it took."""

    verdicts: list[LikenessVerdict]
    near: int
    ask_ms: float
    judge_ms: float


def _look(number: int) -> tuple[bytes, PhotoViews, float]:
    """Return a photo's file, what is kept of it, and the milliseconds of processor that it took."""
    picture, begun = world.drawn(number), time.process_time()
    return world.drawn.file(number), PhotoViews.of(picture), 1000 * (time.process_time() - begun)


def _ask(of: tuple[int, PhotoViews]) -> _Asked:
    """Compare one photo with all others."""
    number, seen = of
    own, begun = world.drawn(number), time.process_time()
    near = [each for each in world.index.ask(seen) if each.name != str(number)]
    asked = time.process_time()
    verdicts = judge_all(str(number), seen, near, lambda name: own if name == str(number) else world.drawn(int(name)))
    return _Asked(verdicts, len(near), 1000 * (asked - begun), 1000 * (time.process_time() - asked))


def _search(copy: tuple[int, str, Any]) -> tuple[str, bool]:
    """Make a copy; return its sort and whether its photo was found."""
    number, sort, dice = copy
    made = greys(jpeg(world.sorts[sort](world.drawn.picture(number), dice)))
    return sort, is_found(made, number, world.index, world.drawn)


def is_found(copy: Greys, number: int, index: Index, drawn: Drawn) -> bool:
    """Whether the photo is found by its copy. Strangers that are found, too, do not count here."""
    seen = PhotoViews.of(copy)
    found = judge_all("copy", seen, index.ask(seen), lambda name: copy if name == "copy" else drawn(int(name)))
    return any(str(number) in verdict.pair for verdict in found)
