"""The queue, huey's: it carries the ids of jobs to workers, and nothing else.

huey hands a task out at most once, so a killed worker loses it. That is harmless: the job's row stays, and
`minding.py` hands it over again. On SQLite the queue is a file of its own in the data folder, on PostgreSQL a schema of
its own; both are left out of backups, and may be deleted at any time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer
from sqlalchemy import URL

from server.core.db import PEER_GONE

FILE: Final = "queue.sqlite"
SCHEMA: Final = "loa_queue"
_TASK: Final = f"{__name__}.job"
_LAST: Final = f"{SCHEMA}.huey_counter"
"""The table that huey makes last."""
_MAKING: Final = 0x10A_0B5
"""Advisory lock: one process makes the schema."""
CONNECT_S: Final = 5


class OnlyIds(Serializer):
    """Writes a task as JSON: its own id and the job's. huey's default unpickles, which runs whatever it reads."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps([data.id, data.args[0]]).encode()

    def _deserialize(self, data: bytes) -> Message:
        task, job = json.loads(bytes(data))
        return Message(str(task), _TASK, retries=0, retry_delay=0, args=(str(job),), kwargs={})


class JobQueue:
    """An open queue. `work` is called with each job's id, in a worker only."""

    def __init__(self, huey: Huey, work: Callable[[str], None]) -> None:
        def run(job: str) -> None:
            work(job)

        self._huey = huey
        self._task = huey.task(name="job")(run)

    def put(self, job_id: str, urgency: int = 0) -> None:
        """Hand a job over. The more urgent goes first (kinds.urgency)."""
        self._task(job_id, priority=urgency)

    def waiting(self) -> set[str]:
        """Return the ids of jobs that no worker has taken out."""
        return {task.args[0] for task in self._huey.pending()}

    def consumer(self, leave_s: float) -> Consumer:
        """Return huey's consumer with one thread. It waits `leave_s` seconds for that thread when it is stopped."""
        return self._huey.create_consumer(
            workers=1, periodic=False, max_delay=1.0, scheduler_interval=60, shutdown_timeout=leave_s
        )

    def make_again(self) -> None:
        """Make the queue anew where somebody removed or damaged it while it is open."""
        storage = self._huey.storage
        if isinstance(self._huey, SqliteHuey):
            storage.close()
            _mended(Path(storage.filename), storage.initialize_schema)
        elif storage.sql(f"SELECT to_regclass('{_LAST}') IS NULL", results=True)[0][0]:
            with _made_alone(storage.connection()):
                storage.initialize_schema()


@contextmanager
def opened(url: URL, data_dir: Path, work: Callable[[str], None] = lambda _: None) -> Iterator[JobQueue]:
    """Yield the queue of this database, made if missing. Raises psycopg.Error, sqlite3.Error or OSError.

    Who only hands jobs over opens it each time: that is rare, and no web process keeps a connection for it.
    """
    huey = _sqlite(data_dir / FILE) if url.get_backend_name() == "sqlite" else _postgresql(url)
    try:
        yield JobQueue(huey, work)
    finally:
        huey.storage.close()


def _sqlite(path: Path) -> Huey:
    # Without a write-ahead log there is one file, and who deletes it leaves nothing of it behind.
    def make() -> Huey:
        return SqliteHuey(
            "loa", results=False, serializer=OnlyIds(), filename=str(path), journal_mode="delete", timeout=1
        )

    return _mended(path, make)


def _mended(path: Path, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except sqlite3.OperationalError:
        raise  # locked, or no room
    except sqlite3.DatabaseError:  # not a database any more
        path.unlink(missing_ok=True)
        return make()


def _postgresql(url: URL) -> Huey:
    # What the engine hands to its driver. As one text it would be another language, and stand in messages of faults.
    _, given = url.get_dialect()().create_connect_args(url)
    options = {**PEER_GONE, "connect_timeout": CONNECT_S, **given, "autocommit": True}

    def connect() -> psycopg.Connection:
        made = psycopg.connect(**options)
        made.execute(f"SET search_path TO {SCHEMA}")
        return made

    def make(*, tables: bool) -> Huey:
        return PostgresHuey("loa", results=False, serializer=OnlyIds(), connection=connect, create_tables=tables)

    with connect() as first:
        if _is_there(first, f"to_regclass('{_LAST}')"):
            return make(tables=False)
        with _made_alone(first):
            return make(tables=True)


@contextmanager
def _made_alone(connection: psycopg.Connection) -> Iterator[None]:
    """Make the schema, and keep other processes from making tables in it until the block ends."""
    with connection:  # closes it, which lets the lock go
        connection.execute(f"SELECT pg_advisory_lock({_MAKING})")
        if not _is_there(connection, f"to_regnamespace('{SCHEMA}')"):  # IF NOT EXISTS would need the right to create
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        yield


def _is_there(connection: psycopg.Connection, what: str) -> bool:
    found = connection.execute(f"SELECT {what} IS NOT NULL").fetchone()
    return found is not None and bool(found[0])
