"""A country of 34 provinces on PostgreSQL, kept between runs: its desk's pages, on the clock and by processor.

`make bench ONLY=nation` fills it once, below `.cache/nation/`, and measures that one as long as its fingerprint is the
same: of the tables, the rules that records are judged by, and the files that fill it. So a page is measured before and
after a change of the product on the very same rows. `LOA_BENCH_NATION=FOLDER` keeps it elsewhere.

Photos have their rows as phones announced them; of twelve the bytes are there, which all of a million would not be.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import psutil
from flask import Flask
from sqlalchemy import NullPool, create_engine, delete, func, insert, make_url, select, update

from bench.desk import Desk
from bench.lab import Lab
from bench.pages import PAGES, RECORDS
from bench.realm import Shape, fill
from bench.report import cost_of
from bench.table import Line
from server.core.db import db, reading, writing
from server.models import Campaign, Device, Job, Membership, Officer, Photo, Record, Stream, SummedStream, Unit
from server.services.figures import keeping
from server.services.hints import freshness
from server.services.jobs import running
from server.services.jobs.enqueuing import enqueue
from server.serving.installation import installed
from server.settings import Settings
from support.installation.apps import app_on
from support.installation.databases import Postgresql
from support.installation.served import Served, served
from support.world.world import World, password_hash, world

ROOT: Final = Path(__file__).parents[2]
COMMUNES: Final = 10_600
NATION: Final = Shape("nation", (34, COMMUNES), ("province", "commune"), max(RECORDS, COMMUNES), pairs=6, shots=12)
SERVER: Final = {"shared_buffers": "1GB", "max_wal_size": "4GB", "work_mem": "32MB"}
"""Settings of PostgreSQL that who serves a country has at least; the defaults are for a small machine."""
STAFF: Final = 21_000
PHONES: Final = 20_000
SAMPLES: Final = int(os.environ.get("LOA_BENCH_ROUNDS", "7"))
WANTED: Final = "<= 300"
WHO: Final = {"tinh": "country", "province": "province", "huyen": "province 0", "xa1": "commune", "quantri": "admin"}
MORE: Final = tuple(
    (name, f"/desk/{path}")
    for name, path in {
        "units": "units",
        "units, one of them": "units?q=do+77",
        "silent units": "totals/silent",
        "board, all": "board?show=all",
        "devices": "devices",
        "audit": "audit",
        "campaigns": "campaigns",
        "fast review": "review",
        "report": "report",
        "documents": "report/documents",
        "lock": "figures/lock",
        "locked": "locked",
        "exports": "exports",
        "totals": "totals",
        "texts": "texts",
        "comparison": "comparison",
        "statements": "statements",
        "training": "training",
        "runbook": "runbook",
        "jobs": "jobs",
    }.items()
)
"""Beside those of pages.py."""
DOCUMENTS: Final = "documents"
"""Of LOA_BENCH_PAGES: none of the pages, but the documents."""
NIGHT: Final = "night"
"""As well: the jobs of a night, and those that follow the work of the day."""
STALE: Final = 264
"""Streams of which hints are made anew: as many as a minute of the last day changes."""
EVERYBODY: Final = ("queue", "gallery", "search, a frequent word", "matrix", "board", "home", "people")
_FILLED_BY: Final = ("migrations/versions", "sync", "tests/bench/realm.py", "tests/bench/multiply.py")
"""Beside `_staff`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A filled country that runs: where its database is, its folder, and the server of the database."""

    url: str
    data_dir: Path
    postmaster: int


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds of one answer: on the clock, of the application's processor, of the database's."""

    clock: float
    application: float
    database: float


def run(lab: Lab) -> list[Line]:  # noqa: ARG001  # it keeps a database of its own
    """Lines for each page and document: on the clock, which is what is wanted of a quiet machine, and by processor."""
    lines: list[Line] = []
    wanted = os.environ.get("LOA_BENCH_PAGES", "")
    if wanted in ("", DOCUMENTS):
        with kept() as nation:
            lines += _documents(nation)
    if wanted == NIGHT:
        with kept() as nation:
            lines += _night(nation)
    if wanted in (DOCUMENTS, NIGHT):
        return lines
    with kept() as nation, served(nation.url, nation.data_dir, LOA_WORKERS="1", LOA_JOBS="0") as server:
        _add_up(nation, int(os.environ.get("LOA_BENCH_CHANGED", "200")))
        for what, who, cost in timed(server, nation):
            name = f"{what} ({WHO[who]})"
            print(f"nation: {name} {cost.clock:.0f} = {cost.application:.0f} + {cost.database:.0f}", file=sys.stderr)
            lines += [
                Line("nation", name, "ms", {"postgresql": cost.clock}, WANTED),
                Line("nation", f"{name}, processor", "ms", {"postgresql": cost.application + cost.database}),
            ]
    return lines


def _add_up(nation: Kept, changed: int) -> None:
    """Have the job keep the sums of figures, then let so many units have changed since."""
    settings = Settings.from_environment({"LOA_DATABASE_URL": nation.url, "LOA_DATA_DIR": str(nation.data_dir)})
    with app_on(settings) as app, app.app_context():
        with reading() as session:
            large = [each.id for each in session.scalars(select(Campaign)) if not each.practice]
        for campaign in large:
            begun, spent, before = time.monotonic(), time.process_time(), used(nation.postmaster)
            keeping.keep(campaign)
            said = f"{time.process_time() - spent:.1f} + {used(nation.postmaster) - before:.1f} s of processor"
            print(f"nation: sums kept in {time.monotonic() - begun:.1f} s, {said}", file=sys.stderr)
            with writing() as session:
                units = select(SummedStream.stream_id).where(SummedStream.campaign_id == campaign)
                some = units.order_by(func.substr(SummedStream.stream_id, 5)).limit(changed)
                session.execute(update(SummedStream).where(SummedStream.stream_id.in_(some)).values(mark="then"))
        db.engine.dispose()


def _documents(nation: Kept) -> Iterator[Line]:
    """Each made in a process of its own (report_child.py); the lock in a copy of the database, which it changes."""
    with create_engine(nation.url, poolclass=NullPool).connect() as connection:
        named = select(Campaign.id, Campaign.unit_id).order_by(Campaign.opened_at)
        campaign, unit = connection.execute(named.where(~Campaign.practice)).first() or ("", "")
        officer = connection.scalar(select(Officer.id).where(Officer.username == "tinh")) or ""
    for kind, name in {
        "word": "Word, 900 photos",
        "tables": "Excel, tables",
        "excel": "Excel",
        "freeze": "lock",
    }.items():
        with _copied(nation.url) if kind == "freeze" else nullcontext(nation.url) as url:
            before = used(nation.postmaster)
            said = cost_of(kind, url, nation.data_dir, (campaign, unit, officer), 900)
            database = used(nation.postmaster) - before
        print(f"nation: {kind} {said}, database {database:.1f} s", file=sys.stderr)
        yield Line("nation", name, "s", {"postgresql": said["seconds"]}, "<= 90")
        yield Line("nation", f"{name}, processor", "s", {"postgresql": said["processor"] + database})
        yield Line("nation", f"{name}, memory", "MB", {"postgresql": said["megabytes"]})


def _night(nation: Kept) -> Iterator[Line]:
    """Each job in this process, one after the other, on a copy of the database: a night's write and remove.

    Of the backup the hour's, the database alone: the photos' bytes are not there, and it would note each as gone.
    """
    with _copied(nation.url) as url, TemporaryDirectory(dir=nation.data_dir.parent) as repository:
        made = {"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(nation.data_dir), "LOA_BACKUP_DIR": repository}
        settings = Settings.from_environment(made | {"LOA_PG_BIN": os.environ["LOA_PG_BIN"]})
        with app_on(settings) as app, app.app_context():
            jobs = installed(app).jobs
            kinds = sorted(name for name, kind in jobs.kinds.items() if kind.nightly is not None)
            kinds.remove("backups.night")
            for kind in (*kinds, "backups.hour"):
                yield from _cost(nation, kind, lambda kind=kind: _ended(app, kind))  # type: ignore[misc]
            with writing() as session:
                with_records = select(Stream.id).where(Stream.written > 0).order_by(func.substr(Stream.id, 5))
                some = session.scalars(with_records.limit(STALE)).all()
                freshness.outdate(session, some)
                session.flush()
                assert session.scalar(freshness.stale().limit(1)) is not None
            yield from _cost(nation, f"hints.refresh, {len(some):,} streams", lambda: _ended(app, "hints.refresh"))
            db.engine.dispose()


def _ended(app: Flask, kind: str) -> None:
    """Run a job of this kind as a worker does."""
    with writing() as session:
        id_ = enqueue(session, kind)
    running.run(installed(app).jobs, id_, app.app_context, lambda: False)
    with reading() as session:
        job = session.get_one(Job, id_)
        assert (job.state, job.code) == ("done", None), (kind, job.state, job.code)


def _cost(nation: Kept, name: str, act: Callable[[], None]) -> Iterator[Line]:
    begun, own, database = time.monotonic(), used(os.getpid()), used(nation.postmaster)
    act()
    clock, spent = time.monotonic() - begun, used(os.getpid()) - own + used(nation.postmaster) - database
    print(f"nation: {name} {clock:.1f} s, {spent:.1f} of processor", file=sys.stderr)
    yield Line("nation", name, "s", {"postgresql": clock}, "<= 3600")
    yield Line("nation", f"{name}, processor", "s", {"postgresql": spent})


@contextmanager
def _copied(url: str) -> Iterator[str]:
    """A copy of a database, for the length of a with-block."""
    of, name = make_url(url), "changed"
    engine = create_engine(of.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {of.database}")
        yield of.set(database=name).render_as_string(hide_password=False)
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@contextmanager
def kept() -> Iterator[Kept]:
    """The country, filled if it is not there; its database runs for the length of a with-block."""
    parent = Path(os.environ.get("LOA_BENCH_NATION", ROOT / ".cache/nation"))
    folder = parent / fingerprint()
    done = folder / "filled.json"
    if not done.exists():
        shutil.rmtree(parent, ignore_errors=True)  # of older rules: one is large enough
        folder.mkdir(parents=True)
    engine = Postgresql(folder, kept=True, settings=SERVER)
    try:
        if not done.exists():
            done.write_text(json.dumps(_filled(engine.fresh(), folder / "data")), "utf-8")
        said = json.loads(done.read_text("utf-8"))
        print(f"nation: {said['counts']}, filled in {said['seconds']:.0f} s", file=sys.stderr)
        yield Kept(engine.url_of(said["database"]), folder / "data", engine.pid)
    finally:
        engine.close()


def fingerprint() -> str:
    """What a filled country depends on, in short: whatever else changes reads the same rows."""
    found = hashlib.sha256(f"{NATION!r} {STAFF} {PHONES} {inspect.getsource(_staff)}".encode())
    for each in _FILLED_BY:
        path = ROOT / each
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in (".py", ".json"):
                found.update(file.read_bytes())
    return found.hexdigest()[:16]


def _filled(url: str, folder: Path) -> dict[str, Any]:
    begun = time.monotonic()
    with world(url, folder) as made:
        fill(made, NATION)
        _staff(made)
        counts = _counts(made)
    return {"database": make_url(url).database, "seconds": time.monotonic() - begun, "counts": counts}


def _staff(made: World) -> None:
    """People and phones until there are as many as wanted, spread over the communes; who signs in has a password.

    Only the first commune's own person has been there before: the copies of them have no password.
    """
    with made.app.app_context(), writing() as session:
        communes = session.scalars(select(Unit.id).where(Unit.level == "commune").order_by(Unit.id)).all()
        people = session.scalar(select(func.count()).select_from(Officer)) or 0
        phones = session.scalar(select(func.count()).select_from(Device)) or 0
        names = [f"{number:016d}" for number in range(max(0, STAFF - people))]
        rows = [
            {"id": id_, "username": f"d{id_[8:]}", "name": f"Cán bộ đo {int(id_)}", "created_at": 1} for id_ in names
        ]
        places = dict(zip(names, islice(cycle(communes), len(names)), strict=True))
        session.execute(insert(Officer), rows)
        session.execute(
            insert(Membership),
            [
                {"id": f"m{id_[1:]}", "officer_id": id_, "unit_id": unit, "role": "officer", "since": 1}
                for id_, unit in places.items()
            ],
        )
        given = names[: max(0, PHONES - phones)]
        device = {"label": "máy đo", "mark": "0000", "created_at": 1, "seen_at": 1}
        tokens = [hashlib.sha256(id_.encode()).hexdigest() for id_ in given]
        session.execute(
            insert(Device),
            [
                {"id": f"p{id_[1:]}", "officer_id": id_, "token_hash": token, **device}
                for id_, token in zip(given, tokens, strict=True)
            ],
        )
        many = select(Membership.officer_id).group_by(Membership.officer_id).having(func.count() > 1)
        session.execute(
            delete(Membership).where(Membership.officer_id.in_(many))
        )  # a second person of the first commune
        reviewer = select(Membership.officer_id).join(Unit, Unit.id == Membership.unit_id)
        reviewer = reviewer.where(Unit.name == "province 1", Membership.role == "reviewer")
        session.execute(update(Officer).where(Officer.id.in_(reviewer)).values(username="province"))
        signing = Officer.username.in_(["xa1", "province"])
        session.execute(update(Officer).where(signing).values(password_hash=password_hash()))
    with made.app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("VACUUM ANALYZE officer, membership, device")
        db.session.remove()


def _counts(made: World) -> dict[str, int]:
    with made.app.app_context(), reading() as session:
        named = {"units": Unit, "people": Officer, "phones": Device, "records": Record, "photos": Photo}
        found = {name: session.scalar(select(func.count()).select_from(model)) or 0 for name, model in named.items()}
    with made.app.app_context():
        db.engine.dispose()
    return found


def timed(server: Served, nation: Kept) -> Iterator[tuple[str, str, Cost]]:
    """Each page, who asks for it, and what it costs: the least of several."""
    assert server.process is not None
    named = [*((what, path) for what, _, path in PAGES), *MORE]
    wanted = os.environ.get("LOA_BENCH_PAGES", "").split(";")
    for who in WHO:
        desk = Desk(server.port, who)
        for what, path in named:
            if wanted != [""] and what not in wanted:
                continue
            if who in ("tinh", "province") or what in EVERYBODY or what in dict(MORE):
                cost = _least(desk, path, server.process.pid, nation.postmaster)
                if cost is not None:
                    yield what, who, cost


def _least(desk: Desk, path: str, application: int, database: int) -> Cost | None:
    """The least of each; None for who may not see the page."""
    found: list[Cost] = []
    for _ in range(SAMPLES + 1):
        before = used(application), used(database)
        begun = time.perf_counter()
        status = desk.ask(path)
        clock = time.perf_counter() - begun
        assert status < 500, (status, path)
        if status != 200:
            return None
        after = used(application), used(database)
        found.append(Cost(clock * 1000, (after[0] - before[0]) * 1000, (after[1] - before[1]) * 1000))
    # Of the processor the middle: its clock ticks in hundredths of a second.
    middle = len(found) // 2
    application_ms = sorted(each.application for each in found)[middle]
    return Cost(min(each.clock for each in found), application_ms, sorted(each.database for each in found)[middle])


def used(pid: int) -> float:
    """Seconds of processor that a program and its children have used."""
    process = psutil.Process(pid)
    alive = [each.cpu_times() for each in process.children(recursive=True)]
    return float(sum(process.cpu_times()[:4])) + float(sum(each.user + each.system for each in alive))
