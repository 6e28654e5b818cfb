"""Photos that look alike: recall, false alarms, time and memory, over drawn photos with a known truth.

`LOA_BENCH_MOST=3000` takes so many photos instead of 30,000, which take about three hours of processor. The copies and
their dice are others than those with which the limits were chosen: `LOA_BENCH_SEED`.
"""

from __future__ import annotations

import os
import sys
from statistics import mean

from bench.lab import Lab
from bench.table import Line
from support.likeness.measuring import measure

PHOTOS = 30_000
ASKED = 3_000
EACH = 100
"""Copies of each sort."""
SEED = 2027


def run(_lab: Lab) -> list[Line]:
    """Measure the set."""
    photos = int(os.environ.get("LOA_BENCH_MOST", PHOTOS))
    found = measure(
        photos,
        each=int(os.environ.get("LOA_BENCH_EACH", EACH)),
        asked=min(ASKED, photos),
        seed=int(os.environ.get("LOA_BENCH_SEED", SEED)),
        say=lambda said: print(f"likeness: {said}", file=sys.stderr),
        processes=os.cpu_count() or 1,
    )
    for sort, tried in found.tried.items():
        print(f"likeness: {sort}: {tried - found.missed[sort]} of {tried} found", file=sys.stderr)
    for one, other, share in found.alarms:
        print(f"likeness: false alarm: {one} and {other}, {share} %", file=sys.stderr)
    at = f"of {photos:,} photos"
    return [
        _line(f"copies found, {found.tried.total():,} {at}", "%", 100 * found.recall, ">= 99"),
        _line(f"the sort found least {at}", "%", 100 * found.least, ">= 99"),
        _line(f"false alarms, {found.asked:,} {at} asked", "%", 100 * found.false / found.asked, "<= 0.1"),
        _line(f"the same, marked as not certain, {at}", "%", 100 * found.unsure / found.asked, ""),
        _line(f"compared closely {at}", "a photo", found.near / found.asked, ""),
        _line("looked at", "ms a photo", mean(found.look_ms), ""),
        _line(f"asked among {photos:,}", "ms a photo", mean(found.ask_ms), "<= 100"),
        _line(f"compared closely {at}", "ms a photo", mean(found.judge_ms or [0]), ""),
        _line("kept", "bytes a photo", found.bytes_kept / photos, ""),
    ]


def _line(what: str, unit: str, value: float, wanted: str) -> Line:
    return Line("likeness", what, unit, {"sqlite": value}, wanted)
