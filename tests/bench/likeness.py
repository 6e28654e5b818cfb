"""Photos that look alike: recall, false alarms and time, over drawn photos with a known truth.

`LOA_BENCH_MOST=3000` takes so many photos instead of 30,000, which take about an hour and a half on one core.
"""

from __future__ import annotations

import os
import sys
import time
from statistics import median

import numpy as np

from bench.lab import Lab
from bench.table import Line
from server.services.likeness import windows
from server.services.likeness.search import Index
from support.likeness.measuring import measure

PHOTOS = 30_000
ASKED = 3_200
MILLION = 21_740
"""Photos with a million windows."""


def run(_lab: Lab) -> list[Line]:
    """Measure the set, and how long a million windows take to ask."""
    photos = int(os.environ.get("LOA_BENCH_MOST", PHOTOS))
    found = measure(
        photos, asked=min(ASKED, photos // 4), told=lambda said: print(f"likeness: {said}", file=sys.stderr)
    )
    for sort, missed in found.missed.items():
        print(f"likeness: {sort}: {missed} of {found.tried[sort]} missed", file=sys.stderr)
    at = f"of {photos:,} photos"
    return [
        _line(f"copies found, {found.tried.total():,} {at}", "%", 100 * found.recall, ">= 99"),
        _line(f"false alarms {at}", "% of photos", 100 * found.false / photos, "<= 0.1"),
        _line(f"the same, marked as not certain, {at}", "% of photos", 100 * found.unsure / photos, ""),
        _line(f"compared closely {at}", "a photo", found.near / photos, ""),
        _line("1 M windows asked", "ms", _million(), "<= 100"),
    ]


def _million() -> float:
    dice = np.random.default_rng(1)
    index = Index(dice.integers(0, 2**63, (MILLION, windows.COUNT), dtype=np.uint64))
    begun = []
    for _ in range(9):
        bits = dice.random((windows.COUNT, windows.WAVES, windows.WAVES)) > 0.5
        begun.append(_timed(index, bits))
    return median(begun)


def _timed(index: Index, bits: object) -> float:
    start = time.perf_counter()
    index.ask(bits)
    return 1000 * (time.perf_counter() - start)


def _line(what: str, unit: str, value: float, wanted: str) -> Line:
    return Line("likeness", what, unit, {"sqlite": value}, wanted)
