"""A world with real workers beside it: enqueue here, they work there, and are killed, stopped or asked to leave."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import make_url, select

from server.core.db import db, reading, writing
from server.models import Job
from server.services.jobs import Jobs
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.leases import DONE, FAILED
from server.services.jobs.queue import FILE
from server.serving.installation import installed
from support.jobs import kinds
from support.waiting import until
from support.world.world import World

TESTS = Path(__file__).resolve().parents[2]


class Home:
    """The process that forks workers, for a session of tests."""

    def __init__(self) -> None:
        words = [sys.executable, "-m", "support.jobs.worker"]
        environment = os.environ | {"PYTHONPATH": str(TESTS)}
        self.process = subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(self, environment: dict[str, str]) -> int:
        """Fork a worker; returns its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(environment) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self) -> None:
        """Kill it; its workers leave."""
        self.process.kill()
        self.process.communicate()


@dataclass
class Crew:
    """Workers on a world's database. `begun`: a line for each run of a function."""

    world: World
    environment: dict[str, str]
    home: Home
    alive: list[int] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        return Path(self.environment["LOA_DATA_DIR"])

    @property
    def begun(self) -> Path:
        return Path(self.environment["BEGUN"])

    @property
    def log(self) -> str:
        """All that workers wrote."""
        path = Path(self.environment["LOG"])
        return path.read_text() if path.exists() else ""

    @property
    def jobs(self) -> Jobs:
        found: Jobs = installed(self.world.app).jobs
        return found

    def start(self) -> int:
        """Start a worker; returns its process id."""
        self.alive.append(self.home.start(self.environment))
        return self.alive[-1]

    def signal(self, pid: int, how: signal.Signals) -> None:
        """Send a signal; after one that ends it, wait until the worker is gone."""
        os.kill(pid, how)
        if how in (signal.SIGKILL, signal.SIGTERM):
            until(lambda: not psutil.pid_exists(pid))
            self.alive.remove(pid)

    def suspend(self, pid: int) -> None:
        """Stop a worker as a machine that swaps does, at a moment at which it holds no lock that others wait for."""
        os.kill(pid, signal.SIGSTOP)
        while any(map(is_locked, self._files())) or self._in_a_transaction():
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.02)
            os.kill(pid, signal.SIGSTOP)

    def _in_a_transaction(self) -> bool:
        """Whether anybody else is in one on PostgreSQL, where a row may be locked by it."""
        with self.world.app.app_context(), db.engine.connect() as connection:
            if connection.dialect.name != "postgresql":
                return False
            others = "datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            return bool(connection.exec_driver_sql(f"SELECT count(*) FROM pg_stat_activity WHERE {others}").scalar())

    def _files(self) -> list[Path]:
        """SQLite's files that workers write to."""
        url = installed(self.world.app).settings.database_url
        path = make_url(url).database
        return [Path(path), self.data_dir / FILE] if url.startswith("sqlite") and path else []

    def ask(self, kind: str, *ids: object, times: int = 1) -> list[str]:
        """Enqueue jobs in one transaction."""
        with self.world.app.app_context(), writing() as session:
            return [enqueue(session, kind, [str(id_) for id_ in ids]) for _ in range(times)]

    def rows(self, ids: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
        """The rows of these jobs, or of all the tests' own."""
        with self.world.app.app_context(), reading() as session:
            asked = select(Job).where(Job.id.in_(ids) if ids else Job.kind.startswith("test."))
            names = [column.name for column in Job.__table__.columns]
            return {row.id: {name: getattr(row, name) for name in names} for row in session.scalars(asked)}

    def row(self, id_: str) -> dict[str, Any]:
        return self.rows([id_])[id_]

    def wait(self, ids: Sequence[str] = ()) -> dict[str, dict[str, Any]]:
        """Wait until these jobs have ended."""
        until(lambda: all(row["state"] in (DONE, FAILED) for row in self.rows(ids).values()))
        return self.rows(ids)

    def runs(self) -> Counter[str]:
        """How often a function began, by the job's first id."""
        lines = self.begun.read_text().splitlines() if self.begun.exists() else []
        return Counter(line.split(" ")[0] for line in lines)

    def result(self, key: str | None) -> bytes | None:
        """The bytes of a result."""
        opened = self.jobs.blobs.open(key or "none")
        if opened is None:
            return None
        with opened:
            return opened.read()

    def kept(self) -> set[str]:
        """The keys of all results in the store, finished or half copied."""
        return {path.name for path in (self.data_dir / "photos").rglob("job-*")}


@contextmanager
def crew(world: World, database_url: str, home: Home) -> Iterator[Crew]:
    """No worker at first. All are killed at the end."""
    data_dir = installed(world.app).settings.data_dir
    environment = {
        "LOA_DATABASE_URL": database_url,
        "LOA_DATA_DIR": str(data_dir),
        "BEGUN": str(data_dir / "begun.txt"),
        "LOG": str(data_dir / "workers.log"),
    }
    made = Crew(world, environment, home)
    kinds.register(made.jobs, made.begun)
    try:
        yield made
    finally:
        for pid in made.alive:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def is_locked(path: Path) -> bool:
    """Whether a writer of this SQLite database does not end, or has its turn (server/core/db.py)."""
    with path.with_name(f"{path.name}-turn").open("ab") as turn:
        try:
            fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    try:
        with closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as line:
            line.execute("BEGIN IMMEDIATE")
            line.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return True
    return False
