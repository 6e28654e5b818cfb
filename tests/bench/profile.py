"""Where the server's processor time goes while phones push: samples of the W4 requests, one after another.

The application runs in this process, without gunicorn, and is looked at after each millisecond of processor that it
used. Nothing slows the code down as a tracing profiler would, so that small functions do not look dear. What is
waited for (the disk, PostgreSQL, a lock) is not in here: the last line gives it as wall time beside processor time.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from bench import wire
from bench.device import request
from bench.hub import people
from bench.lab import Lab
from bench.table import Line
from server.core.db import db
from support.world.workload import records
from support.world.world import World, world

PHONES, EACH, ROUNDS, WARM = 25, 20, 5, 1
EVERY_S = 0.001
ROOT = Path(__file__).parents[2]
SHOWN = 28


class Samples:
    """Counts of stacks: under each function of ours, and at which package's code the processor was."""

    def __init__(self) -> None:
        self.total, self.busy = 0, False
        self.under: Counter[str] = Counter()
        self.within: Counter[str] = Counter()

    def take(self, _signal: int, frame: FrameType | None) -> None:
        """Called by the kernel's timer; a call that meets one under way is left out."""
        if self.busy:
            return
        self.busy = True
        self.total += 1
        self.within[_package(frame)] += 1
        seen = set()
        while frame is not None:
            if name := _ours(frame.f_code):
                seen.add(name)
            frame = frame.f_back
        self.under.update(seen)
        self.busy = False


@cache
def _ours(code: CodeType) -> str:
    """The name of a function of ours, else nothing. Kept, because to find it takes longer than `EVERY_S`."""
    file = Path(code.co_filename)
    if file.is_relative_to(ROOT / "server") or file.is_relative_to(ROOT / "sync"):
        return f"{file.relative_to(ROOT)}:{code.co_qualname}"
    return ""


def _package(frame: FrameType | None) -> str:
    name = frame.f_globals.get("__name__", "?") if frame else "?"
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] in ("server", "sync", "sqlalchemy") else parts[0]


def run(lab: Lab) -> list[Line]:
    """Prints a profile for each engine; one line of the table."""
    spent: dict[str, float] = {}
    for name, engine in lab.engines.items():
        with world(engine.fresh(), lab.folder / f"profile-{name}") as made:
            spent[name] = _profile(name, made)
    what = "processor per 1,000 records, no gunicorn"
    return [Line("profile", what, "s", spent)]


def _profile(engine: str, made: World) -> float:
    units, tokens = people(made, PHONES)
    client, samples = made.app.test_client(), Samples()
    cursors: list[list[Any]] = [[] for _ in range(PHONES)]
    cpu = wall = 0.0
    for number in range(WARM + ROUNDS):
        for n in range(PHONES):
            batch = records(EACH, units[n], made.campaign, seed=number * PHONES + n)
            body = wire.packed(request(cursors[n], batch))
            begun, used = time.perf_counter(), time.process_time()
            if number >= WARM:
                signal.signal(signal.SIGPROF, samples.take)
                signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
            got = client.post(wire.SYNC, data=body, headers=wire.sync_headers(tokens[n]))
            signal.setitimer(signal.ITIMER_PROF, 0)
            if number >= WARM:
                cpu, wall = cpu + time.process_time() - used, wall + time.perf_counter() - begun
            cursors[n] = wire.whole(wire.unpacked(got.get_data(), got.headers["Content-Encoding"]))["cursors"]
    with made.app.app_context():
        db.session.remove()
    thousands = PHONES * EACH * ROUNDS / 1000
    _show(engine, samples, cpu / thousands, wall / thousands)
    return cpu / thousands


def _show(engine: str, samples: Samples, cpu: float, wall: float) -> None:
    print(
        f"\n{engine}: {cpu:.2f} s of processor and {wall:.2f} s of time for each 1,000 records, one request at a time"
    )
    print("us of processor a record, with all it calls:")
    for name, count in samples.under.most_common(SHOWN):
        print(f"  {count / samples.total * cpu * 1000:6.0f}  {name}")
    print("us of processor a record, in the code of:")
    for name, count in samples.within.most_common(12):
        print(f"  {count / samples.total * cpu * 1000:6.0f}  {name}")
    sys.stdout.flush()
