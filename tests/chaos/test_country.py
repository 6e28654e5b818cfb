"""The last day of a campaign on three hosts, a worker, PostgreSQL and S3, behind the nginx that is shipped.

Phones write and send as their day has it (last_day.py), reviewers look at pages, and meanwhile a host and the worker
are killed, the bucket is slow and PostgreSQL is restarted. At the end each acknowledged record and photo is counted
against database and bucket: none lost, none twice.

`make chaos ONLY=country` has 1,000 phones for 30 minutes, prints the figures, and writes the curve to a file whose name
begins as `LOA_CURVE` says. Eight records of each in half an hour are as many as a country of 20,000 phones writes:
250,000 in the 15 hours of the last day. `LOA_COUNTRY="300 600 3"` has other phones, seconds and records of each.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
import pytest

from bench.table import percentile
from chaos import nginx
from chaos.country import Country, check_ledger, country, lived, nginx_said
from chaos.curve import Band
from chaos.sizes import FULL, size
from support.installation import pooler

pytestmark = [
    pytest.mark.slow,
    pytest.mark.costly,
    pytest.mark.skipif(nginx.program() is None, reason="no nginx on this machine"),
]
PHONES, SECONDS, EACH = (
    map(int, os.environ["LOA_COUNTRY"].split())
    if "LOA_COUNTRY" in os.environ
    else (size(100, 1000), size(60, 1800), size(1, 8))
)
SLOW = {"rate_bits": 16_000_000.0, "round_trip_ms": 1500.0}
"""Of the bucket: all hosts together get 2 MB a second there, and each call takes a second and a half more."""
TEXT_P99_S, PAGES_P95_S = 1.0, 0.3
"""What is wanted. It is asserted when chaos is asked for: a slice may run beside anything."""


@dataclass
class Faults:
    """What is done meanwhile, each at its share of the day."""

    at: Country

    def steps(self) -> list[tuple[float, str, Callable[[], object]]]:
        """When by share of the day, what it is called, and what is done."""
        host, worker, third = self.at.fleet.hosts[0], self.at.fleet.worker, self.at.lan["host3"]
        cut = [(0.48, "host 3 cut off", third.cut), (0.52, "", third.join)] if self.at.lan.is_apart else []
        return [
            (0.20, "host 1 killed", host.kill),
            (0.30, "", host.start),
            (0.38, "process of host 2 killed", self._kill_process),
            (0.39, "", lambda: None),
            (0.44, "worker killed", worker.kill),
            (0.46, "", worker.start),
            *cut,
            (0.55, "bucket slow", lambda: self.at.store.slow(**SLOW)),
            (0.55 + 300 / 1800, "", self.at.store.slow),
            (0.80, "PostgreSQL restarted", self.at.postgresql.restart),
            (0.81, "", lambda: None),
        ]

    def run(self, began: float) -> list[Band]:
        """Do them, each in its time."""
        bands = []
        for (share, label, act), (ends, _, after) in list(pairwise(self.steps()))[::2]:
            _wait(began + share * SECONDS)
            act()
            _wait(began + ends * SECONDS)
            after()
            bands.append(Band(label, share * SECONDS, time.monotonic() - began))
        return bands

    def _kill_process(self) -> None:
        process = self.at.fleet.hosts[1].process
        assert process is not None
        psutil.Process(process.pid).children()[0].send_signal(signal.SIGKILL)


def _wait(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


@pytest.mark.parametrize("front", ["postgresql", "pgbouncer"])
def test_the_last_day_of_a_campaign(
    front: str, short_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if front == "pgbouncer" and pooler.program() is None:
        pytest.skip("no PgBouncer on this machine")
    with country(short_folder, tmp_path, PHONES, pooled=front == "pgbouncer") as at:
        _day(at, front, capsys)


def _day(at: Country, front: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = lived(at, front, Faults(at).run, seconds=SECONDS, each=EACH)
    with capsys.disabled():
        print(f"\n{report}")
        if FULL:
            print(nginx_said(at.fleet))
    report.draw()
    check_ledger(at, report)
    said = at.fleet.said()
    assert "Traceback" not in said, said[said.index("Traceback") :][:6000]
    assert report.tally.odd == {}
    assert report.tally.left == 0
    if FULL:
        assert percentile(report.text, 0.99) <= TEXT_P99_S
        assert percentile(report.pages, 0.95) <= PAGES_P95_S
