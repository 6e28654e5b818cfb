"""Whether hints and likeness keep up with the last day of a campaign.

`make bench ONLY=last_day`: a province of whose photos a million windows are kept gets three hundred more. What its jobs
take is measured, on the clock and by processor; from that follows how long a photo waits on the last day, with the
hours at which chaos/last_day.py has phones send. One photo alone costs what reading the windows costs, as well.
"""

from __future__ import annotations

import os
import random
import sys
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import insert

from bench.hub import UNLIMITED
from bench.lab import Lab
from bench.table import Line, percentile
from chaos.last_day import BEGINS_H, hour, photo_hour
from server.core.db import db, writing
from server.models import Campaign, Photo, PhotoWindows
from server.services.likeness import comparing, windows
from server.services.likeness.numeric import np  # one thread, as the job has it
from server.services.likeness.seen import PART, PhotoViews
from server.services.likeness.spots import SPOT
from support.clients.client import Client
from support.clients.uploading import announce, bring
from support.jobs import inline
from support.likeness.honest import honest
from support.likeness.measuring import greys
from support.likeness.shots import shot
from support.world.world import World, world

WINDOWS: Final = 1_000_000
MODELS: Final = 100
"""Photos that are drawn and looked at; the others are these with other bits."""
NEW: Final = int(os.environ.get("LOA_BENCH_NEW", "300"))
PROVINCES: Final = 34
LAST_DAY: Final = 250_000
"""Records of the country, and as many photos."""
PAUSE_S: Final = 60.0
"""A kind of job begins at most so often (services/jobs/minding.py)."""
WANTED_S: Final = 300


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of a job: on the clock, and of this process's processor."""

    clock: float
    processor: float


def run(lab: Lab) -> list[Line]:
    """Lines of what was measured, and of the lag that follows."""
    lines: list[Line] = []
    for engine in lab.engines:
        with world(lab.engines[engine].fresh(), lab.folder / f"last-day-{engine}", **UNLIMITED) as made:
            photos = _kept(made)
            _bring(made, [0])
            one = _job(made, "likeness.compare")
            _job(made, "hints.refresh")
            _bring(made, range(1, NEW + 1))
            many = _job(made, "likeness.compare")
            hints = _job(made, "hints.refresh")
            with made.app.app_context():
                db.engine.dispose()
        each = (many.clock - one.clock) / (NEW - 1)
        load = max(0.0, one.clock - each)
        print(f"last_day: {engine}: {photos:,} photos, one {one}, {NEW} {many}, hints {hints}", file=sys.stderr)
        found = {
            f"windows of {photos:,} photos read, s": (load, ""),
            "a photo looked at, asked and compared, ms": (each * 1000, ""),
            f"hints of 3 streams with {NEW} records, s": (hints.clock, ""),
            "lag of a province, p95, s": (lag([LAST_DAY // PROVINCES], 1, load, each), f"<= {WANTED_S}"),
        }
        country = [int(LAST_DAY / PROVINCES * (0.4 + 1.2 * place / (PROVINCES - 1))) for place in range(PROVINCES)]
        found["lag of the largest of 34, p95, s"] = lag([country[-1]], 1, load, each), f"<= {WANTED_S}"
        for workers in (1, 4, 8, 12, 16):
            found[f"lag of the country, {workers} workers, p95, s"] = lag(country, workers, load, each), ""
        lines += [Line("last_day", what, "", {engine: value}, wanted) for what, (value, wanted) in found.items()]
    return lines


def _kept(made: World) -> int:
    """Fill in the windows of a province and a year; returns of how many photos."""
    dice, photos = np.random.default_rng(1), WINDOWS // windows.COUNT
    models = [PhotoViews.of(greys(shot(honest(number)).data)).kept for number in range(MODELS)]
    with made.app.app_context():
        for start in range(0, photos, 2000):
            numbers = range(start, min(start + 2000, photos))
            names = [f"{number:064x}" for number in numbers]
            with writing() as session:
                plain = {"state": "verified", "type": "image/jpeg", "size_bytes": 1, "width": 4, "height": 3}
                session.execute(insert(Photo), [{"sha256": name, **plain, "judged_at": 1} for name in names])
                year = session.get_one(Campaign, made.campaign).starts_on.year
                place = {"province_id": made.units["33"], "year": year}
                rows = _rows(names, models, dice)
                session.execute(insert(PhotoWindows), [row | place for row in rows])
    return photos


def _rows(names: Sequence[str], models: Sequence[tuple[bytes, bytes, bytes]], dice: Any) -> Iterator[dict[str, object]]:
    """As models, with the same bits of all windows of a photo turned over: as near to each other, and to no other."""
    for number, name in enumerate(names):
        hashes, parts, spots = models[number % MODELS]
        mask = dice.integers(0, 2**63, dtype=np.uint64)
        turned = np.frombuffer(hashes, dtype=np.uint64) ^ mask
        yield {
            "sha256": name,
            "hashes": turned.tobytes(),
            "parts": _turned(parts, "hashes", mask),
            "spots": _turned(spots, "bits", mask),
        }


def _turned(stored: bytes, name: str, mask: Any) -> bytes:
    rows = np.frombuffer(stored, dtype=PART if name == "hashes" else SPOT).copy()
    rows[name] ^= mask.astype(rows[name].dtype)
    return bytes(rows.tobytes())


def _bring(made: World, numbers: Sequence[int]) -> None:
    phones = [
        (Client(made.app.test_client(), made.token(name)), unit)
        for name, unit in (("xa1", "12286"), ("nhanla", "12289"), ("dinhcao", "12397"))
    ]
    for number in numbers:
        phone, unit = phones[number % len(phones)]
        photo = shot(honest(1_000 + number))
        announce(made, phone, photo, unit)
        bring(phone, photo)


def _job(made: World, kind: str) -> Spent:
    begun, before = time.monotonic(), time.process_time()
    done = inline.done(made, kind)
    assert (done.state, done.code) == ("done", None), done.code
    return Spent(time.monotonic() - begun, time.process_time() - before)


def lag(provinces: Sequence[int], workers: int, load: float, each: float) -> float:
    """The 95th percentile of seconds until a photo of the last day was compared.

    `provinces`: the photos of each. As the jobs have it: one job at a time for a province, of `comparing.TURN` photos
    at most in rounds of 200, each of which reads the province's windows; asked for once a minute, when none waits.
    """
    rng = random.Random(1)
    coming = [sorted((photo_hour(rng, hour(rng)) - BEGINS_H) * 3600 for _ in range(photos)) for photos in provinces]
    waited, done, queue = list[float](), [0] * len(provinces), list[int]()
    ends: dict[int, float] = {}
    now, asked = 0.0, -PAUSE_S
    while sum(done) < sum(provinces):
        ends = {place: end for place, end in ends.items() if end > now}
        if not queue and now >= asked + PAUSE_S:
            queue = [
                place
                for place, photos in enumerate(coming)
                if place not in ends and done[place] < len(photos) and photos[done[place]] <= now
            ]
            asked = now if queue else asked
        while queue and len(ends) < workers:
            place, at = queue.pop(0), now
            for _ in range(comparing.TURN // comparing.AT_ONCE):
                first = done[place]
                part = coming[place][first : min(first + comparing.AT_ONCE, bisect_right(coming[place], at))]
                if part:
                    at += load + len(part) * each
                    waited += [at - came for came in part]
                    done[place] += len(part)
            ends[place] = at
        now += 1.0
    return percentile(waited, 0.95)
