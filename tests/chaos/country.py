"""A country for a while: phones and reviewers on several hosts, and what was acknowledged counted at the end.

Hosts, worker, PostgreSQL with its pooler, and the store are machines of a network of their own (machines.py) where that
may be made; nginx, with TLS, and the phones are here.

with country(short_folder, tmp_path, phones=1000, pooled=False) as at:
    report = lived(at, "postgresql", faults, seconds=1800, each=8)
    check_ledger(at, report)
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import psycopg
from sqlalchemy import func, make_url, select

from bench import wire
from bench.desk import Desk
from bench.hub import people
from bench.table import percentile
from chaos import curve, last_day
from chaos.curve import Band, Panel, Series
from chaos.fleet import Fleet, fleet, secret
from chaos.last_day import Day, Hit, Owner, Tally
from server.blobs.bucket import Bucket
from server.blobs.s3_client import Client as Bare
from server.core.db import db, reading, writing
from server.models import Photo, PhotoRef, Record, WriteRow
from server.services.access import devices
from support.checks import truth
from support.installation import pooler, s3
from support.installation.certificate import certificate
from support.installation.databases import Postgresql
from support.installation.s3 import S3
from support.network.machines import Network, any_network
from support.network.proxy import Proxy
from support.world.world import World, world

HOSTS = 3
PROCESSES = {"LOA_WORKERS": "1"}
"""Of each host: all of them share the machine with their clients, the database and the store."""
OPERATORS = 3
"""Addresses from which all phones come."""
SESSIONS = 20
"""Of PostgreSQL behind PgBouncer, for all hosts together."""
DURABLE = {"fsync": "on", "full_page_writes": "on", "autovacuum": "on", "max_connections": "300"}
SHOWN = ("/desk/", "/desk/queue", "/desk/results", "/desk/figures", "/desk/progress", "/desk/board")


@dataclass
class Country:
    """What one run is about."""

    lan: Network
    made: World
    fleet: Fleet
    postgresql: Postgresql
    store: Proxy
    service: int
    """The process of the store."""
    bucket: Bucket
    owners: list[Owner]


@contextmanager
def country(short: Path, folder: Path, phones: int, *, pooled: bool, apart: bool = True) -> Iterator[Country]:
    """Two phones in each commune, of one officer; with `pooled` behind PgBouncer in transaction mode.

    `short`: a folder for sockets, and what the store holds. `apart`: each machine a namespace, where that can be.
    """
    shared, hosts = secret(), [f"host{number}" for number in range(1, HOSTS + 1)]
    with ExitStack() as stack:
        lan = stack.enter_context(any_network(*hosts, "worker", "database", "store", apart=apart))
        own = Path(stack.enter_context(TemporaryDirectory(dir=short, ignore_cleanup_errors=True)))
        postgresql = Postgresql(own, settings=DURABLE, machine=lan["database"])
        stack.callback(postgresql.close)
        url = postgresql.fresh()
        service = S3(own / "s3", machine=lan["store"], addresses=(lan.here,))
        stack.callback(service.kill)
        service.start()
        port = service.tls_port if lan.is_apart else service.port
        store = stack.enter_context(Proxy(port, target=service.machine.address, address=lan.here))
        bucket = service.bucket(port=store.port, address=lan.here)
        shared |= s3.settings(bucket) | PROCESSES
        made = stack.enter_context(world(url, folder / "own", **shared))
        made.goes_on()
        units, tokens = people(made, phones // 2)
        with made.app.app_context(), writing() as session:
            officers = [made.officers[f"bench{number}"] for number in range(len(units))]
            tokens += [devices.add_device(session, officer, "máy đo").token for officer in officers]
        owners = [
            Owner(token, units[number % len(units)], f"127.0.1.{1 + number % OPERATORS}", number)
            for number, token in enumerate(tokens)
        ]
        service_pid = service.process.pid if service.process else 0
        if pooled:
            pool = pooler.pooler(url, folder / "pooler", SESSIONS, lan["database"])
            shared["LOA_DATABASE_POOL_URL"] = stack.enter_context(pool)
        tls = certificate(folder)
        running = stack.enter_context(fleet(postgresql.over_network(url), folder, shared, HOSTS, lan=lan, tls=tls))
        yield Country(lan, made, running, postgresql, store, service_pid, bucket, owners)


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
        desks = [Desk(self.at.fleet.port, name, self.at.fleet.trust) for name in ("tinh", "huyen")]
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
                sent = {"Cookie": desk.cookie, "Accept-Encoding": "br"}
                answer = wire.ask(self.at.fleet.port, "GET", path, sent, trust=self.at.fleet.trust)
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
class Report:
    """The figures of a run."""

    name: str
    phones: int
    day: Day
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

    def _by_page(self) -> Iterator[tuple[str, list[float]]]:
        for path in SHOWN:
            found = [hit.seconds for hit in self.watch.pages if hit.what == path and hit.status == 200]
            if found:
                yield path, found

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
                f"{self.name}: {self.phones} phones, {self.day.seconds:.0f} s, load {os.getloadavg()[1]:.1f}, "
                + ("machines in namespaces" if self.watch.at.lan.is_apart else "all on loopback"),
                f"{len(self.tally.acknowledged):,} records and {len(self.tally.verified):,} photos acknowledged",
                said("pushes of text", self.text),
                said("until acknowledged, with repeats", waits),
                said("requests of photos", of_photos),
                said("pages", self.pages),
                "pages, p95 ms: "
                + ", ".join(f"{path} {percentile(found, 0.95) * 1000:.0f}" for path, found in self._by_page()),
                f"cut by the line {sum(hit.cut for hit in hits):,} of {len(hits):,}; recovered {self.tally.recovered}",
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
        name = f"{place}-{self.name}.svg"
        step = self.day.seconds / 120

        def bins(found: Sequence[tuple[float, float]], of: Callable[[list[float]], float]) -> list[float | None]:
            parts: list[list[float]] = [[] for _ in range(120)]
            for at, value in found:
                if at < self.day.seconds:
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
        title = (
            f"{self.phones:,} phones on {HOSTS} hosts behind nginx, {self.day.seconds / 60:.0f} minutes, {self.name}"
        )
        Path(name).write_text(curve.drawn(title, self.day.seconds, panels, self.bands), "utf-8")


def lived(at: Country, name: str, meanwhile: Callable[[float], Sequence[Band]], **of_the_day: Any) -> Report:
    """Have the phones live their day. `meanwhile` is given the moment it begins, and says what was done when."""
    day = Day(at.fleet.port, at.made.campaign, trust=at.fleet.certificate, **of_the_day)
    with last_day.phones(at.owners, day) as there:
        began = time.monotonic()
        watch = Watch(began, at, there.pid)
        with watch.running():
            bands = meanwhile(began)
            tally = there.tally()
    return Report(name, len(at.owners), day, tally, watch, bands)


def nginx_said(fleet: Fleet) -> str:
    """What nginx found wrong, by how often."""
    text = (fleet.front.folder / "error.log").read_text(errors="replace")
    found = Counter(re.sub(r"^.*?\*\d+ |, client:.*?(?=, upstream|$)|/api/.*$", "", line) for line in text.splitlines())
    return "\n".join(f"{count} {said}" for said, count in found.most_common(25))


def check_ledger(at: Country, report: Report) -> None:
    """Each acknowledged record and photo is in the database and the bucket, once, and nothing else is."""
    tally, made = report.tally, report.phones * report.day.each
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
    found = {each.name for each in bucket.names("")}
    assert {f"{sha[:2]}/{sha}" for sha in tally.verified} <= found
    for sha in tally.verified:
        assert hashlib.sha256(b"".join(bucket.read(f"{sha[:2]}/{sha}"))).hexdigest() == sha
