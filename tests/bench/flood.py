"""A phone that floods on eight connections, 1,000 writes each, and an honest one beside it (SPEC X-52 to X-54).

Once with the usual budget, once without any, so that turns alone help the honest phone. Its pushes have one record.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from bench import wire
from bench.device import request
from bench.hub import UNLIMITED, Hub
from bench.lab import Lab
from bench.table import Line, middle, percentile
from support.world.workload import records

CONNECTIONS, EACH = 8, 1_000
QUIET_S, FLOOD_S = 5.0, 20.0
USUAL = {"LOA_DEVICE_WRITES": "3000", "LOA_DEVICE_WRITES_A_MINUTE": "1200"} | {
    "LOA_DEVICE_SECONDS": "30",
    "LOA_DEVICE_SECONDS_A_MINUTE": "6",
}


@dataclass
class Flood:
    """What the attack got. It waits for nothing that it is told."""

    hub: Hub
    stored: int = 0
    refused: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self, bodies: list[list[bytes]]) -> list[threading.Thread]:
        """Begin: each connection sends its bodies again with other ids, until `ended`."""
        threads = [threading.Thread(target=self._send, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        return threads

    def _send(self, bodies: list[bytes]) -> None:
        headers = wire.sync_headers(self.hub.tokens[0])
        for body in bodies:
            while not self.ended.is_set():
                answer = wire.ask(self.hub.port, "POST", wire.SYNC, headers, body)
                if answer.status == 200:
                    told = answer.whole()["results"]
                    self.stored += sum(row["result"] == "stored" for row in told)
                    break
                self.refused += 1
                time.sleep(0.05)


def run(lab: Lab) -> list[Line]:
    """The honest phone's waits, alone and beside the flood, and what the flood got in."""
    figures: dict[str, dict[str, float]] = {}
    for engine in lab.engines:
        for name, budget in (("budget", USUAL), ("no budget", UNLIMITED)):
            with lab.hub(engine, communes=2, **budget) as hub:
                for what, value in _measured(hub).items():
                    figures.setdefault(f"{name}: {what}", {})[engine] = value
    return [Line("flood", what, "", by, "<= 0.5" if "p99" in what else "") for what, by in figures.items()]


def _measured(hub: Hub) -> dict[str, float]:
    bodies = [_bodies(hub, number) for number in range(CONNECTIONS)]
    cursors: list[Any] = []
    _pushes(hub, cursors, 1.0, 0)  # warm
    alone = _pushes(hub, cursors, QUIET_S, 1_000)
    flood = Flood(hub)
    threads = flood.run(bodies)
    beside = _pushes(hub, cursors, FLOOD_S, 100_000)
    flood.ended.set()
    for thread in threads:
        thread.join()
    return {
        "honest alone, p50, s": middle(alone),
        "honest alone, p99, s": percentile(alone, 0.99),
        "honest beside it, p50, s": middle(beside),
        "honest beside it, p99, s": percentile(beside, 0.99),
        "honest beside it, longest, s": max(beside),
        "honest pushes": len(beside),
        "writes of the flood stored": flood.stored,
        "its requests refused": flood.refused,
    }


def _bodies(hub: Hub, number: int) -> list[bytes]:
    """Ten pushes of a thousand writes, packed before."""
    seeds = range(number * 10 + 1, number * 10 + 11)
    return [wire.packed(request([], records(EACH, hub.units[0], hub.campaign, seed=seed))) for seed in seeds]


def _pushes(hub: Hub, cursors: list[Any], seconds: float, seed: int) -> list[float]:
    """One after the other, ten a second at most: how long each took. All must be stored."""
    waits, until, count = [], time.monotonic() + seconds, 0
    while time.monotonic() < until:
        count += 1
        batch = records(1, hub.units[1], hub.campaign, seed=seed + count)
        answer = wire.sync(hub.port, hub.tokens[1], request(cursors, batch))
        assert answer.status == 200, (answer.status, answer.text()[:200])
        told = answer.whole()
        assert [row["result"] for row in told["results"]] == ["stored"]
        cursors[:] = told["cursors"]
        waits.append(answer.seconds)
        time.sleep(max(0.0, 0.1 - answer.seconds))
    return waits
