"""The last day of a campaign on three hosts, a worker, PostgreSQL and S3, behind the nginx that is shipped.

Phones write and send as their day has it (last_day.py), reviewers look at pages, and meanwhile a host and the worker
are killed, the bucket is slow and PostgreSQL is restarted. At the end each acknowledged record and photo is counted
against database and bucket: none lost, none twice.

`make chaos ONLY=country` has 1,000 phones for 30 minutes, prints the figures and writes the curve to `LOA_CURVE`.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import func, make_url, select

from bench import wire
from bench.desk import Desk
from bench.hub import people
from bench.table import percentile
from chaos import curve, last_day, nginx
from chaos.curve import Band, Panel, Series
from chaos.fleet import Fleet, fleet, secret
from chaos.last_day import Day, Hit, Owner, Tally
from chaos.sizes import FULL, size
from server.blobs.bucket import Bucket
from server.blobs.s3_client import Client as Bare
from server.core.db import db, reading, writing
from server.models import Photo, PhotoRef, Record, WriteRow
from server.services.access import devices
from support.checks import truth
from support.installation import pooler, s3
from support.installation.databases import Postgresql
from support.installation.s3 import S3
from support.network.proxy import Proxy
from support.world.world import World, world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.costly,
    pytest.mark.skipif(nginx.program() is None, reason="no nginx on this machine"),
]
PHONES, SECONDS, EACH = size(100, 1000), size(60, 1800), size(1, 8)
HOSTS = 3
OPERATORS = 3
"""Addresses from which all phones come."""
DURABLE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "max_connections": "300"}
SLOW = {"rate_bits": 16_000_000.0, "round_trip_ms": 1500.0}
"""Of the bucket: all hosts together get 2 MB a second there, and each call takes a second and a half more."""
TEXT_P99_S, PAGES_P95_S = 1.0, 0.3
"""What is wanted. It is asserted when chaos is asked for: a slice may run beside anything."""
SHOWN = ("/desk/", "/desk/queue", "/desk/results", "/desk/figures", "/desk/progress", "/desk/board")


@dataclass
class Country:
    """What one run is about."""

    made: World
    fleet: Fleet
    postgresql: Postgresql
    store: Proxy
    service: int
    """The process of the store."""
    bucket: Bucket
    owners: list[Owner]


@contextmanager
def country(postgresql: Postgresql, service: S3, folder: Path, *, pooled: bool) -> Iterator[Country]:
    """Two phones in each commune, of one officer; with `pooled` behind PgBouncer in transaction mode."""
    url, shared = postgresql.fresh(), secret()
    with ExitStack() as stack:
        store = stack.enter_context(Proxy(service.port))
        bucket = service.bucket(port=store.port)
        shared |= s3.settings(bucket)
        made = stack.enter_context(world(url, folder / "own", **shared))
        made.goes_on()
        units, tokens = people(made, PHONES // 2)
        with made.app.app_context(), writing() as session:
            officers = [made.officers[f"bench{number}"] for number in range(len(units))]
            tokens += [devices.add_device(session, officer, "máy đo").token for officer in officers]
        owners = [
            Owner(token, units[number % len(units)], f"127.0.1.{1 + number % OPERATORS}", number)
            for number, token in enumerate(tokens)
        ]
        service_pid = service.process.pid if service.process else 0
        if pooled:
            address = stack.enter_context(pooler.pooler(url, folder / "pooler", sessions=20))
            shared["LOA_DATABASE_POOL_URL"] = address
        yield Country(
            made, stack.enter_context(fleet(url, folder, shared, HOSTS)), postgresql, store, service_pid, bucket, owners
        )


@dataclass
class Watch:
    """Pages that reviewers load, connections to PostgreSQL and the processor, once a second each."""

    began: float
    at: Country
    phones: int
    """The process of the phones."""
    pages: list[Hit] = field(default_factory=list)
    connections: list[tuple[float, int, int]] = field(default_factory=list)
    """When, how many there are, and how many are in a transaction."""
    spent: Counter[str] = field(default_factory=Counter)
    """Seconds of the processor by part."""
    _seen: dict[int, float] = field(default_factory=dict)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch for the length of a with-block."""
        self._weigh()
        self.spent.clear()  # what the start took
        desks = [Desk(self.at.fleet.port, name) for name in ("tinh", "huyen")]
        threads = [threading.Thread(target=self._load, args=[desk]) for desk in desks]
        threads.append(threading.Thread(target=self._count))
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()

    def _load(self, desk: Desk) -> None:
        number = 0
        while not self._stop.wait(1):
            path, at = SHOWN[number % len(SHOWN)], time.monotonic() - self.began
            try:
                answer = wire.ask(self.at.fleet.port, "GET", path, {"Cookie": desk.cookie, "Accept-Encoding": "br"})
            except OSError:
                continue
            self.pages.append(Hit(path, at, answer.seconds, 0 if answer.cut else answer.status, cut=False))
            number += 1

    def _count(self) -> None:
        address = (
            make_url(self.at.fleet.settings["LOA_DATABASE_URL"])
            .set(drivername="postgresql")
            .render_as_string(hide_password=False)
        )
        while not self._stop.wait(1):
            with suppress(psycopg.Error), psycopg.connect(address, autocommit=True) as asked:
                while not self._stop.wait(1):
                    (row,) = asked.execute(
                        "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    ).fetchall()
                    self.connections.append((time.monotonic() - self.began, *row))
                    self._weigh()

    def _weigh(self) -> None:
        """Add what each process has spent since it was last seen."""
        fleet = self.at.fleet
        parts = [("hosts", host.process and host.process.pid) for host in fleet.hosts]
        parts += [("worker", fleet.worker.process and fleet.worker.process.pid), ("phones", self.phones)]
        parts += [("nginx", fleet.front.process and fleet.front.process.pid)]
        parts += [("PostgreSQL", self.at.postgresql.pid), ("S3", self.at.service)]
        for name, pid in ((name, pid) for name, pid in parts if pid):
            with suppress(psutil.Error):
                above = psutil.Process(pid)
                for each in (above, *above.children(recursive=True)):
                    with suppress(psutil.Error):
                        now = sum(each.cpu_times()[:2])
                        self.spent[name] += now - self._seen.get(each.pid, 0.0)  # type: ignore[assignment]
                        self._seen[each.pid] = now


@dataclass
class Faults:
    """What is done meanwhile, each at its share of the day."""

    at: Country
    bands: list[Band] = field(default_factory=list)

    def steps(self) -> list[tuple[float, str, Callable[[], object]]]:
        """When by share of the day, what it is called, and what is done."""
        host, worker = self.at.fleet.hosts[0], self.at.fleet.worker
        return [
            (0.20, "host 1 killed", host.kill),
            (0.30, "", host.start),
            (0.38, "process of host 2 killed", self._kill_process),
            (0.39, "", lambda: None),
            (0.44, "worker killed", worker.kill),
            (0.46, "", worker.start),
            (0.55, "bucket slow", lambda: self.at.store.slow(**SLOW)),
            (0.55 + 300 / 1800, "", self.at.store.slow),
            (0.80, "PostgreSQL restarted", self.at.postgresql.restart),
            (0.81, "", lambda: None),
        ]

    def run(self, began: float) -> None:
        """Do them, each in its time."""
        for (share, label, act), (ends, _, after) in list(pairwise(self.steps()))[::2]:
            _wait(began + share * SECONDS)
            act()
            _wait(began + ends * SECONDS)
            after()
            self.bands.append(Band(label, share * SECONDS, time.monotonic() - began))

    def _kill_process(self) -> None:
        process = self.at.fleet.hosts[1].process
        assert process is not None
        psutil.Process(process.pid).children()[0].send_signal(signal.SIGKILL)


def _wait(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))


@dataclass
class Report:
    """The figures of a run."""

    front: str
    tally: Tally
    watch: Watch
    bands: Sequence[Band]

    @property
    def text(self) -> list[float]:
        """Seconds of each push that was answered and not cut by its own line."""
        return [hit.seconds for hit in self.tally.hits if hit.what == "text" and hit.status == 200]

    @property
    def pages(self) -> list[float]:
        """Seconds of each page."""
        return [hit.seconds for hit in self.watch.pages if hit.status == 200]

    @property
    def repeated(self) -> Counter[int]:
        """Statuses for which phones came again, by how often; 0: no answer came. Their own cuts are not in it."""
        return Counter(hit.status for hit in self.tally.hits if not hit.cut and not 200 <= hit.status < 300)

    def __str__(self) -> str:
        hits, waits = self.tally.hits, [waited for _, waited in self.tally.waits]
        of_photos = [hit.seconds for hit in hits if hit.what == "photo" and 200 <= hit.status < 300]
        most = max(count for _, count, _ in self.watch.connections)
        busy = max(count for _, _, count in self.watch.connections)
        wrong = Counter(hit.status for hit in self.watch.pages if hit.status != 200)

        def said(name: str, found: list[float]) -> str:
            parts = (f"p{share * 100:.3g} {percentile(found, share) * 1000:.0f}" for share in (0.5, 0.95, 0.99))
            return f"{name}: {len(found):,}, {', '.join(parts)}, most {max(found) * 1000:.0f} ms"

        return "\n".join(
            [
                f"{self.front}: {PHONES} phones, {SECONDS} s, {HOSTS} hosts, load {os.getloadavg()[1]:.1f}",
                f"{len(self.tally.acknowledged):,} records and {len(self.tally.verified):,} photos acknowledged",
                said("pushes of text", self.text),
                said("until acknowledged, with repeats", waits),
                said("requests of photos", of_photos),
                said("pages", self.pages),
                f"cut by the line {sum(hit.cut for hit in hits):,} of {len(hits):,}; told when asked {self.tally.told}",
                f"photos that were cut: went on {self.tally.on}, began anew {self.tally.anew}",
                f"came again for {dict(self.repeated)}, pages {dict(wrong)}",
                f"odd {dict(self.tally.odd)}, left {self.tally.left}",
                f"connections to PostgreSQL: most {most}, in a transaction {busy}",
                "processor, s: " + ", ".join(f"{name} {spent:.0f}" for name, spent in self.watch.spent.most_common()),
            ]
        )

    def draw(self) -> None:
        """Write the curve where LOA_CURVE says."""
        place = os.environ.get("LOA_CURVE")
        if not place:
            return
        name = f"{place}-{self.front}.svg"
        step = SECONDS / 120

        def bins(found: Sequence[tuple[float, float]], of: Callable[[list[float]], float]) -> list[float | None]:
            parts: list[list[float]] = [[] for _ in range(120)]
            for at, value in found:
                if at < SECONDS:
                    parts[int(at / step)].append(value)
            return [of(part) if part else None for part in parts]

        def rate(what: str) -> Series:
            good = [(hit.at, 1.0) for hit in self.tally.hits if hit.what == what and 200 <= hit.status < 300]
            return Series(what, [value or 0.0 for value in bins(good, lambda part: len(part) / step)])

        text = [(hit.at, hit.seconds) for hit in self.tally.hits if hit.what == "text" and hit.status == 200]
        pages = [(hit.at, hit.seconds) for hit in self.watch.pages if hit.status == 200]
        again = [(hit.at, 1.0) for hit in self.tally.hits if not hit.cut and not 200 <= hit.status < 300]
        panels = [
            Panel("requests answered, 1/s", [rate("text"), rate("photo")]),
            Panel(
                "seconds",
                [
                    Series("text p50", bins(text, lambda part: percentile(part, 0.5))),
                    Series("text p99", bins(text, lambda part: percentile(part, 0.99))),
                    Series("pages p95", bins(pages, lambda part: percentile(part, 0.95))),
                ],
            ),
            Panel("requests to be repeated, 1/s", [Series("", bins(again, lambda part: len(part) / step))]),
            Panel(
                "connections to PostgreSQL",
                [
                    Series("all", bins([(at, float(n)) for at, n, _ in self.watch.connections], max)),
                    Series("in a transaction", bins([(at, float(n)) for at, _, n in self.watch.connections], max)),
                ],
            ),
        ]
        title = f"{PHONES:,} phones on {HOSTS} hosts behind nginx, {SECONDS // 60} minutes, {self.front}"
        Path(name).write_text(curve.drawn(title, SECONDS, panels, self.bands), "utf-8")


@pytest.mark.parametrize("front", ["postgresql", "pgbouncer"])
def test_the_last_day_of_a_campaign(
    front: str, s3: S3, short_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if front == "pgbouncer" and pooler.program() is None:
        pytest.skip("no PgBouncer on this machine")
    folder = short_folder / f"country-{front}"
    folder.mkdir()
    postgresql = Postgresql(folder, settings=DURABLE)
    try:
        with country(postgresql, s3, tmp_path, pooled=front == "pgbouncer") as at:
            _day(at, front, capsys)
    finally:
        postgresql.close()


def _day(at: Country, front: str, capsys: pytest.CaptureFixture[str]) -> None:
    day = Day(at.fleet.port, at.made.campaign, SECONDS, EACH)
    faults = Faults(at)
    with last_day.phones(at.owners, day) as there:
        began = time.monotonic()
        watch = Watch(began, at, there.pid)
        with watch.running():
            faults.run(began)
            tally = there.tally()
    report = Report(front, tally, watch, faults.bands)
    with capsys.disabled():
        print(f"\n{report}")
    report.draw()
    if FULL or os.environ.get("LOA_CURVE"):
        print(nginx_said(at.fleet))
    _check_ledger(at, tally)
    said = at.fleet.said()
    assert "Traceback" not in said, said[said.index("Traceback") :][:6000]
    assert tally.odd == {}
    assert tally.left == 0
    if FULL:
        assert percentile(report.text, 0.99) <= TEXT_P99_S
        assert percentile(report.pages, 0.95) <= PAGES_P95_S


def nginx_said(fleet: Fleet) -> str:
    """What nginx found wrong, by how often."""
    text = (fleet.front.folder / "error.log").read_text(errors="replace")
    found = Counter(re.sub(r"^.*?\*\d+ |, client:.*?(?=, upstream|$)|/api/.*$", "", line) for line in text.splitlines())
    return "\n".join(f"{count} {said}" for said, count in found.most_common(25))


def _check_ledger(at: Country, tally: Tally) -> None:
    """Each acknowledged record and photo is in the database and the bucket, once, and nothing else is."""
    made = len(at.owners) * EACH
    with at.made.app.app_context():
        db.engine.dispose()  # PostgreSQL was restarted meanwhile
    with at.made.app.app_context(), reading() as session:
        stored = set(session.scalars(select(WriteRow.id)))
        records = session.scalar(select(func.count()).select_from(Record)) or 0
        named = set(session.scalars(select(PhotoRef.sha256).where(PhotoRef.role == "original")))
        verified = set(session.scalars(select(Photo.sha256).where(Photo.state == "verified")))
        truth.check(session)
    assert (len(tally.acknowledged), len(set(tally.acknowledged)), records) == (made, made, made)
    assert set(tally.acknowledged) == stored
    assert len(tally.verified) == len(set(tally.verified)) == made
    assert set(tally.verified) == named
    assert set(tally.verified) <= verified
    bucket = Bare(at.bucket)
    found = {name for name, _ in bucket.names("")}
    assert {f"{sha[:2]}/{sha}" for sha in tally.verified} <= found
    for sha in tally.verified:
        assert hashlib.sha256(b"".join(bucket.read(f"{sha[:2]}/{sha}"))).hexdigest() == sha
