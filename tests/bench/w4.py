"""W4: fifty phones of fifty communes push twenty records each at the same moment, in processes beside the server.

Everything is on: token, scope, validation, log, the push kept by its id, durable commit, the pull in the same answer.
Counted at the end: what was acknowledged is what is stored, nothing twice.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import psutil

from bench import wire
from bench.crowd import Crowd, Hit, Shot, crowd
from bench.device import request
from bench.floor import Floor
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line, middle, percentile
from support.world.workload import records

PHONES, EACH = 50, 20
WARM = 2


@dataclass
class Tally:
    """What the rounds gave."""

    rates: list[float] = field(default_factory=list)
    medians: list[float] = field(default_factory=list)
    p95s: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    server_cpu: float = 0.0
    """Seconds of the server's processes for each thousand records."""

    def note(self, error: str) -> None:
        """Count what is no success."""
        if error:
            self.errors[error] += 1

    def round(self, hits: list[Hit]) -> None:
        """Book a round of which all phones are back."""
        self.rates.append(PHONES * EACH / (max(hit.ended for hit in hits) - min(hit.begun for hit in hits)))
        waits = [hit.ended - hit.begun for hit in hits]
        self.medians.append(middle(waits))
        self.p95s.append(percentile(waits, 0.95))


def run(lab: Lab) -> list[Line]:
    """The rate, the wait, and whether the counts are equal."""
    with lab.floor() as floor:
        tallies = {"floor": _floor(floor, lab.rounds)}
    equal = {}
    for engine in lab.engines:
        with lab.hub(engine, communes=PHONES) as hub:
            tallies[engine] = _hub(hub, lab.rounds)
            stored = hub.stored_ids()
            got = tallies[engine].acknowledged
            equal[engine] = _verdict(got, stored)
    for name, tally in tallies.items():
        if tally.errors:
            print(f"W4 {name}: {dict(tally.errors)}", file=sys.stderr)
    return [
        _line("records", "1/s", tallies, lambda t: middle(t.rates), "SQLite >= 2,000, PostgreSQL >= 1,500"),
        _line("p50", "s", tallies, lambda t: middle(t.medians), ""),
        _line("p95", "s", tallies, lambda t: middle(t.p95s), "<= 0.5"),
        _line("server CPU per 1,000 records", "s", tallies, lambda t: t.server_cpu, ""),
        _line("errors", "", tallies, lambda t: t.errors.total(), "0"),
        Line("W4", "acknowledged = stored", "", target="; ".join(f"{name} {said}" for name, said in equal.items())),
    ]


def _verdict(acknowledged: list[str], stored: set[str]) -> str:
    twice = len(acknowledged) - len(set(acknowledged))
    same = "=" if set(acknowledged) == stored else "IS NOT"
    return f"{len(acknowledged)} {same} {len(stored)}, {twice or 'none'} twice"


def _line(what: str, unit: str, tallies: dict[str, Tally], of: Any, target: str) -> Line:
    figures = {name: float(of(tally)) for name, tally in tallies.items()}
    return Line("W4", what, unit, figures, target)


def _hub(hub: Hub, rounds: int) -> Tally:
    cursors: list[list[Any]] = [[] for _ in range(PHONES)]
    tally = Tally()

    def shots(number: int) -> list[Shot]:
        return [
            Shot(
                wire.SYNC,
                wire.sync_headers(hub.tokens[n]),
                wire.packed(request(cursors[n], _batch(hub, number, n))),
            )
            for n in range(PHONES)
        ]

    def read(hits: list[Hit]) -> None:
        for n, hit in enumerate(hits):
            if hit.status != 200:
                tally.note(f"status {hit.status}")
                continue
            answer = wire.whole(wire.unpacked(hit.body, hit.coding))
            cursors[n] = answer["cursors"]
            tally.acknowledged += [row["id"] for row in answer["results"] if row["result"] == "stored"]
            for row in answer["results"]:
                tally.note(row.get("code", "") if row["result"] != "stored" else "")

    assert hub.server.process is not None
    with crowd(hub.port) as phones:
        _rounds(phones, hub.server.process.pid, rounds, tally, shots, read)
    return tally


def _batch(hub: Hub, number: int, phone: int) -> list[Any]:
    return records(EACH, hub.units[phone], hub.campaign, seed=number * PHONES + phone)


def _floor(floor: Floor, rounds: int) -> Tally:
    tally = Tally()
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip", "Accept-Encoding": "br"}

    def shots(number: int) -> list[Shot]:
        batches = (records(EACH, "u" * 16, "c" * 16, seed=number * PHONES + n) for n in range(PHONES))
        return [Shot("/", headers, wire.packed({"after": None, "writes": batch})) for batch in batches]

    def read(hits: list[Hit]) -> None:
        for hit in hits:
            tally.note("" if hit.status == 200 else f"status {hit.status}")

    with crowd(floor.port) as phones:
        _rounds(phones, floor.pid, rounds, tally, shots, read)
    return tally


def _rounds(phones: Crowd, pid: int, rounds: int, tally: Tally, shots: Any, read: Any) -> None:
    """The first rounds warm workers and connections and are not counted in the timings."""
    used = 0.0
    for number in range(WARM + rounds):
        made = shots(number)
        before = _cpu(pid)
        hits = phones.fire(made)
        used += _cpu(pid) - before if number >= WARM else 0
        if number >= WARM:
            tally.round(hits)
        read(hits)
        time.sleep(0.2)
    tally.server_cpu = used / (rounds * PHONES * EACH) * 1000


def _cpu(pid: int) -> float:
    """Seconds of processor that this process and its children have used, those that ended too."""
    process = psutil.Process(pid)
    alive = [each.cpu_times() for each in process.children(recursive=True)]
    return sum(process.cpu_times()[:4]) + sum(time_.user + time_.system for time_ in alive)
