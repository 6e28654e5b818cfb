"""Workers are killed, stopped and asked to leave while they work: each job ends once, with one whole result or none."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import select

from chaos.sizes import size
from server.core.db import db, reading
from server.models import Job, Meta
from server.services.jobs import clearing
from server.services.jobs.leases import DONE, FAILED, LOST, QUEUED, RUNNING
from support.jobs.crew import Crew
from support.jobs.kinds import LONG_LEASE_MS, SHORT_LEASE_MS, expected
from support.waiting import until

pytestmark = pytest.mark.slow
KILLS = size(4, 20)
JOBS, COUNTED = size(4, 10), size(2, 4)
LONG = (30, 100)
"""Pieces, and ms after each: over three times as long as its lease."""


class Watch:
    """What somebody sees at the desk meanwhile: a job that is done has its whole result, and stays as it is."""

    def __init__(self, workers: Crew, wanted: dict[str, bytes | None]) -> None:
        self._crew, self._wanted = workers, wanted
        self.seen: dict[str, dict[str, Any]] = {}
        self.wrong: list[str] = []

    def look(self) -> None:
        for id_, row in self._crew.rows(list(self._wanted)).items():
            if (row["result_key"] is not None) and row["state"] != DONE:
                self.wrong.append(f"{id_} has a result and is {row['state']}")
            if row["state"] not in (DONE, FAILED):
                continue
            if self.seen.setdefault(id_, row) != row:
                self.wrong.append(f"{id_} ended twice: {self.seen[id_]} and {row}")
            if self._crew.result(row["result_key"]) != self._wanted[id_]:
                self.wrong.append(f"{id_} is done, and its result is not whole")


def test_each_job_ends_once_whenever_its_worker_is_killed(workers: Crew) -> None:
    seed = time.time_ns()
    dice = random.Random(seed)
    wanted: dict[str, bytes | None] = {}
    (long,) = workers.ask("test.result", "long", *LONG)
    wanted[long] = expected("long", LONG[0])
    for number in range(JOBS):
        (id_,) = workers.ask("test.result", f"r{number}", 6, 40)
        wanted[id_] = expected(f"r{number}", 6)
    counted = [f"job-count-{number}" for number in range(COUNTED)]
    wanted |= dict.fromkeys([workers.ask("test.count", name, 150)[0] for name in counted])
    watch = Watch(workers, wanted)
    for _ in range(KILLS):
        begun = sum(workers.runs().values())
        pid = workers.start()
        until(partial(has_begun, workers, begun))
        time.sleep(dice.uniform(0, 0.4))
        workers.signal(pid, signal.SIGKILL)
        watch.look()
    workers.start()
    rows = workers.wait(list(wanted))
    watch.look()
    assert watch.wrong == [], f"seed {seed}"
    assert {row["state"] for row in rows.values()} == {DONE}
    assert workers.kept() == {row["result_key"] for row in rows.values() if row["result_key"]}, "and nothing beside"
    with workers.world.app.app_context():
        # A kill between a job's end and the next one leaves its folder until night.
        clearing.clear_folders(workers.jobs)
    # The worker may be at its last one. A nightly job whose worker was killed keeps its folder as long as its lease.
    until(lambda: folders(workers) <= held(workers))
    with workers.world.app.app_context(), reading() as session:
        assert list(session.scalars(select(Meta.value).where(Meta.key.in_(counted)))) == ["1"] * len(counted)
    runs, attempts = sum(workers.runs().values()), sum(row["attempts"] for row in rows.values())
    assert runs <= attempts <= runs + KILLS, "a worker may be killed between taking a job and beginning it"
    assert attempts > len(wanted), "no kill hit a job: the test proves nothing"


def folders(crew: Crew) -> set[str]:
    """The leases of the attempts that have a folder."""
    return {path.name for path in crew.jobs.work_folder.iterdir()}


def held(crew: Crew) -> set[str]:
    """The leases of all jobs that somebody works at or did when killed, the server's own nightly ones too."""
    with crew.world.app.app_context(), reading() as session:
        return set(session.scalars(select(Job.lease).where(Job.state == RUNNING).where(Job.lease.is_not(None))))


def has_begun(crew: Crew, before: int) -> bool:
    """More functions have begun than before, or there is nothing left to begin."""
    if sum(crew.runs().values()) > before:
        return True
    return not any(row["state"] in (QUEUED, RUNNING) for row in crew.rows().values())


@pytest.mark.databases("sqlite")
def test_a_job_longer_than_its_lease_stays_with_its_worker(workers: Crew) -> None:
    """Two workers: the other one would take it as soon as the lease ran out."""
    workers.start(), workers.start()
    assert LONG[0] * LONG[1] > 3 * SHORT_LEASE_MS
    (long,) = workers.ask("test.result", "long", *LONG)
    until(lambda: 20 <= workers.row(long)["progress"] < 100)
    (row,) = workers.wait([long]).values()
    assert (row["state"], row["attempts"], row["progress"]) == (DONE, 1, 100)
    assert workers.runs()["long"] == 1


def test_two_workers_do_each_job_once(workers: Crew) -> None:
    workers.start(), workers.start()
    asked = [workers.ask("test.result", f"r{number}", 2, 30)[0] for number in range(30)]
    rows = workers.wait(asked)
    assert {(row["state"], row["attempts"]) for row in rows.values()} == {(DONE, 1)}
    assert set(workers.runs().values()) == {1}
    by = {line.split(" ")[1] for line in workers.begun.read_text().splitlines()}
    assert len(by) == 2, "both worked"


def test_a_worker_that_lost_its_lease_cannot_end_the_job(workers: Crew) -> None:
    """The first is stopped as a machine that swaps; it goes on when another has done the job."""
    (id_,) = workers.ask("test.patient", "patient", 10, 100)
    first = workers.start()
    until(lambda: workers.runs()["patient"] == 1)
    workers.suspend(first)  # before its lease was renewed for the first time
    held = workers.row(id_)
    assert held["lease_until"] - held["begun_at"] == LONG_LEASE_MS
    second = workers.start()
    (done,) = workers.wait([id_]).values()
    assert (done["state"], done["attempts"]) == (DONE, 2)
    assert done["lease"] != held["lease"]
    workers.signal(second, signal.SIGTERM)
    workers.signal(first, signal.SIGCONT)
    until(lambda: f"job {id_} (test.patient): another worker has it" in workers.log)
    assert workers.row(id_) == done
    assert workers.kept() == {done["result_key"]}
    assert workers.result(done["result_key"]) == expected("patient", 10)


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("kind", "attempts"), [("test.deadly", 3), ("test.hangs", 2)])
def test_a_job_that_ends_its_worker_each_time_fails(workers: Crew, kind: str, attempts: int) -> None:
    (deadly,) = workers.ask(kind, "it")
    (after,) = workers.ask("test.result", "after", 1, 0)
    for nth in range(1, attempts + 1):
        workers.start()
        until(partial(has_begun, workers, nth - 1))
    workers.start()
    rows = workers.wait([deadly, after])
    assert (rows[deadly]["state"], rows[deadly]["code"], rows[deadly]["attempts"]) == (FAILED, LOST, attempts)
    assert rows[after]["state"] == DONE, "it holds up nothing else"
    assert workers.runs()["it"] == attempts


@pytest.mark.databases("sqlite")
def test_who_is_asked_to_leave_gives_its_job_back(workers: Crew) -> None:
    (id_,) = workers.ask("test.patient", "patient", 40, 50)
    pid = workers.start()
    until(lambda: workers.runs()["patient"] == 1)
    workers.signal(pid, signal.SIGTERM)
    row = workers.row(id_)
    assert (row["state"], row["attempts"], row["code"]) == (QUEUED, 0, None), "a shutdown is not the job's fault"
    workers.start()
    (row,) = workers.wait([id_]).values()
    assert (row["state"], row["attempts"]) == (DONE, 1)


def test_a_worker_outlasts_a_database_that_is_away(workers: Crew, database_url: str) -> None:
    (id_,) = workers.ask("test.result", "long", *LONG)
    pid = workers.start()
    until(lambda: workers.runs()["long"] == 1)
    with away(database_url):
        time.sleep(2 * SHORT_LEASE_MS / 1000)
    with workers.world.app.app_context():
        db.engine.dispose()  # our own connections were cut off, too
    (short,) = workers.ask("test.result", "short", 1, 0)
    rows = workers.wait([id_, short])
    assert {row["state"] for row in rows.values()} == {DONE}
    assert workers.kept() == {row["result_key"] for row in rows.values()}
    assert workers.alive == [pid], "it is the same worker"


@contextmanager
def away(database_url: str) -> Iterator[None]:
    """Nobody may write to the database; on PostgreSQL nobody may even connect, and who was connected is cut off."""
    if database_url.startswith("sqlite"):
        with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    address = database_url.replace("postgresql+psycopg:", "postgresql:", 1)
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    with psycopg.connect(address, dbname="postgres", autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            other.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
