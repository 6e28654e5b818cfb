"""The database: one declarative base, one session, two kinds of transaction, and who writes next.

`writing()` commits or rolls back as a whole (SPEC G1: durable before the answer leaves), with all that must follow from
it (unit_of_work.py). `reading()` sees one snapshot. SQLite: WAL, synchronous=FULL; writers take a machine-wide lock and
then BEGIN IMMEDIATE, because busy_timeout polls and starves. PostgreSQL: writers use READ COMMITTED and lock their
streams' rows; readers use REPEATABLE READ, so that a page of changes and its writes come from the same moment. What a
device writes waits for its turn: one at a time on SQLite, half of the kept connections of each process on PostgreSQL.

Turns are given in the order in which they were asked for, but whoever had much lately steps back. A device that took
the lock for a second within the last ten waits as if it had come later than it did: ten times what it had, and five
seconds at most. So a phone that comes for its first turn goes before one that floods, and nobody waits for ever.
Somebody at the desk (`None`) and a phone after a quiet minute wait from the moment they came. What a device had is
forgotten at a tenth of a second for each second.

SQLite's own busy timeout polls with pauses of up to 100 ms, so that under load some writers never get in. Here writers
take a turn among threads, and then a lock on a file beside the database; both are handed on at once. The kernel
releases the file lock when a process is killed.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    MetaData,
    QueuePool,
    event,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import TimeoutError as TooLong
from sqlalchemy.orm import DeclarativeBase, Session

from server.core.unit_of_work import ending, keep, part_of

if TYPE_CHECKING:
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    db: SQLAlchemy

BEHIND: int = 10
MOST_BEHIND_S = 5.0
FORGOTTEN_A_SECOND = 0.1
MOST_KNOWN = 1_000
"""Devices whose turns are kept; then those that are forgotten anyway are dropped."""


class _Waiter:
    __slots__ = ("came", "go", "number")

    def __init__(self, came: float, number: int) -> None:
        self.came, self.number = came, number
        self.go = threading.Lock()
        self.go.acquire()


class FairTurns:
    """So many turns at once, among the threads of this process."""

    def __init__(self, at_once: int) -> None:
        self._guard = threading.Lock()
        self._free = at_once
        self._waiting: list[_Waiter] = []
        self._number = 0
        self._had: dict[str, tuple[float, float]] = {}
        """By device: seconds that it had, and when this was so."""

    @contextmanager
    def turn(self, who: str | None, patience_s: float) -> Iterator[None]:
        """Have a turn. Raises sqlalchemy.exc.TimeoutError after `patience_s` seconds of waiting."""
        self._acquire(who, patience_s)
        begun = time.monotonic()
        try:
            yield
        finally:
            self._release(who, begun)

    def waiting(self) -> int:
        """How many wait now."""
        return len(self._waiting)

    def known(self) -> set[str]:
        """Devices whose turns are remembered."""
        return set(self._had)

    def _acquire(self, who: str | None, patience_s: float) -> None:
        with self._guard:
            if self._free and not self._waiting:
                self._free -= 1
                return
            now = time.monotonic()
            self._number += 1
            waiter = _Waiter(now + self._behind(who, now), self._number)
            self._waiting.append(waiter)
        if waiter.go.acquire(timeout=max(0.0, patience_s)):
            return
        with self._guard:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
                raise TooLong("another writer did not end")
        # It was handed over in the very moment.

    def _release(self, who: str | None, begun: float) -> None:
        now = time.monotonic()
        with self._guard:
            if who is not None:
                self._had[who] = (self._left(who, now) + now - begun, now)
                if len(self._had) > MOST_KNOWN:
                    self._had = {each: had for each, had in self._had.items() if self._left(each, now)}
            if not self._waiting:
                self._free += 1
                return
            first = min(self._waiting, key=lambda waiter: (waiter.came, waiter.number))
            self._waiting.remove(first)
            first.go.release()

    def _behind(self, who: str | None, now: float) -> float:
        return 0.0 if who is None else min(MOST_BEHIND_S, BEHIND * self._left(who, now))

    def _left(self, who: str, now: float) -> float:
        had, at = self._had.get(who, (0.0, now))
        return max(0.0, had - (now - at) * FORGOTTEN_A_SECOND)


PATIENCE_S = 15
"""Timeout of a request that waits for its database. It then fails, and its thread serves others again."""
IDLE_S = 1.0


class SqliteWriteLock:
    """The lock of one database. `path` is the database's file; None for one in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._threads = FairTurns(1)
        self._file: FileLock | None = None

    @contextmanager
    def held(self, who: str | None = None) -> Iterator[None]:
        """Hold the lock. `who`: the device that writes. Raises sqlalchemy.exc.TimeoutError after PATIENCE_S seconds."""
        until = time.monotonic() + PATIENCE_S
        with self._threads.turn(who, PATIENCE_S):
            if self._path is None:
                yield
                return
            file = self._open(self._path)
            if not file.acquire(until - time.monotonic()):
                raise TooLong("a writer of another process did not end")
            try:
                yield
            finally:
                file.release()

    def _open(self, path: Path) -> FileLock:
        """Open the file at first use: a file opened before a fork would share its lock."""
        if self._file is None:
            self._file = FileLock(path.with_name(f"{path.name}-turn"))
        return self._file


class FileLock:
    """A lock on a file with a timeout, for one caller at a time in this process.

    flock() has no timeout, and another process may be stopped while it holds the lock. Polling has one, but always
    wakes late, and the most frequent poller wins. So a thread waits in flock(), and the caller waits for that thread.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; make it if missing."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._changed = threading.Condition()
        self._asked = self._wanted = self._given = self._thread = False

    def acquire(self, patience_s: float) -> bool:
        """Return True once we hold the lock, False after `patience_s` seconds."""
        with self._changed:
            # While the thread waits in the kernel, nobody else may take the lock: it would be the same lock.
            if not self._asked and self._try():
                return True
            self._wanted = True
            if not self._asked:
                self._asked = True
                self._go()
            given = self._changed.wait_for(lambda: self._given, patience_s)
            self._wanted = self._given = False
            return given

    def release(self) -> None:
        """Release the lock."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _go(self) -> None:
        if self._thread:
            self._changed.notify()
        else:
            self._thread = True
            threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        """Serve callers until none has asked for IDLE_S: a new thread each time would cost more than the wait."""
        while True:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            with self._changed:
                self._asked = False
                if self._wanted:
                    self._given = True
                    self._changed.notify()
                else:  # the caller has given up
                    self.release()
                if not self._changed.wait_for(lambda: self._asked, IDLE_S):
                    self._thread = False
                    return


NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document; JSONB on PostgreSQL."""


class Base(DeclarativeBase):
    """Every table's base."""

    metadata = MetaData(naming_convention=NAMING)


PEER_GONE: Final = MappingProxyType(
    {
        "connect_timeout": 10,
        "keepalives_idle": 15,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }
)
"""Connection settings of libpq: a peer that vanished is noticed within half a minute. Linux's default is two hours.

A machine that loses power or its network cable closes no connection. Each session sets the same on PostgreSQL's side:
otherwise the locks of a vanished host stay held, and every push to those streams gets 503 (chaos/test_vanished.py).
Source: https://www.postgresql.org/docs/current/libpq-connect.html and runtime-config-connection.html.
"""
_PEER_GONE_SQL: Final = "; ".join(
    f"SET {name} = {PEER_GONE[key]}"
    for name, key in {
        "tcp_keepalives_idle": "keepalives_idle",
        "tcp_keepalives_interval": "keepalives_interval",
        "tcp_keepalives_count": "keepalives_count",
        "tcp_user_timeout": "tcp_user_timeout",
    }.items()
)
_own: ContextVar[Session | None] = ContextVar("own session", default=None)
LEAST_TURNS = 4


@cache
def _made() -> SQLAlchemy:
    from flask_sqlalchemy import SQLAlchemy  # noqa: PLC0415  # see below

    return SQLAlchemy(model_class=Base)


def __getattr__(name: str) -> Any:
    """Make `db` when it is first asked for: a command without an application would import Flask for it alone."""
    if name == "db":
        return _made()
    raise AttributeError(f"module {__name__} has no attribute {name}")


def init_app(app: Flask, *, pooled: bool = False) -> None:
    """Bind the engine named in the app's configuration. `pooled`: as `tune` has it."""
    _made().init_app(app)
    with app.app_context():
        tune(_made().engine, pooled=pooled)


@contextmanager
def without_application(engine: Engine) -> Iterator[None]:
    """Have `writing()` and `reading()` work on this engine, with a session of their own, instead of an application's.

    The engine is tuned already.
    """
    with Session(engine) as own:
        before = _own.set(own)
        try:
            yield
        finally:
            _own.reset(before)


def tune(engine: Engine, *, pooled: bool = False) -> None:
    """Set up an engine as the top of this module describes.

    `pooled`: a pooler in front gives each transaction a session that others had, so nothing may be kept in one.
    """
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        keep(engine, SqliteWriteLock(Path(name) if name and name != ":memory:" else None))
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        connections = engine.pool.size() if isinstance(engine.pool, QueuePool) else 0
        # Of devices: PostgreSQL's locks are rows, so colleagues in one stream alone wait there.
        keep(engine, FairTurns(max(LEAST_TURNS, connections // 2)))
        event.listen(engine, "do_connect", _on_postgresql_dial)
        if pooled:
            event.listen(engine, "begin", _on_pooled_begin)
        else:
            event.listen(engine, "connect", _on_postgresql_connect)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for a snapshot; ours is below
    # secure_delete: overwrite purged data in the file; the library's build default may be not to.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_postgresql_dial(_dialect: object, _record: object, _words: object, given: dict[str, Any]) -> None:
    given.update({name: value for name, value in PEER_GONE.items() if name not in given})


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    # Same timeout as for SQLite's write lock; then 503, and the thread and its connection are free again.
    connection.execute("SET lock_timeout = '15s'")
    connection.execute("SET synchronous_commit = on")  # the server's default may be to answer before the fsync (G1)
    connection.execute(_PEER_GONE_SQL)
    connection.commit()


def _on_pooled_begin(connection: Connection) -> None:
    settings = "set_config('lock_timeout', '15s', true), set_config('synchronous_commit', 'on', true)"
    connection.exec_driver_sql(f"SELECT {settings}")


_TEMPORARY_IS: Final = "temporary in memory"
_TEMPORARY: Final = {True: "MEMORY", False: "DEFAULT"}
"""Where SQLite keeps what it needs for a while. In a savepoint that is each page as it was: about a hundred in a push
of 20 records, and writing them all to a file took a tenth of its processor time. What a device sends in one transaction
is bounded (SPEC X-54); whatever else writes or reads may sort a whole table, and keeps its file."""


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    small = options.get("small", False)
    if connection.info.get(_TEMPORARY_IS, False) != small:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(f"PRAGMA temp_store = {_TEMPORARY[small]}")
        connection.info[_TEMPORARY_IS] = small
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writer", False) else "BEGIN")


def session() -> Session:
    """The request's session; that of the command where there is no application."""
    own = _own.get()
    return cast("Session", _made().session()) if own is None else own


_HELD = "held by"
_READ_ONCE = "remembered"
Read = TypeVar("Read")


def add_now(current: Session, row: Read) -> Read:
    """Add an object and write it at once, because what follows refers to it. Returns it."""
    current.add(row)
    current.flush()
    return row


class NestedTransaction(RuntimeError):  # noqa: N818  # a programming error, not a condition to handle
    """`writing()` or `reading()` was called inside another one. They share a session: the outer one would roll back."""


def is_reading(current: Session) -> bool:
    """True inside `reading()`, which commits nothing."""
    return current.info.get(_HELD) == "reading"


def read_once(current: Session, key: Hashable, read: Callable[[], Read]) -> Read:
    """What `read` returns, read once inside one `reading()`: its snapshot does not change. In `writing()` read anew."""
    if not is_reading(current):
        return read()
    kept = current.info.setdefault(_READ_ONCE, {})
    if key not in kept:
        kept[key] = read()
    return cast("Read", kept[key])


@contextmanager
def _alone(current: Session, what: str) -> Iterator[None]:
    if outer := current.info.get(_HELD):
        raise NestedTransaction(f"{what}() inside {outer}() would roll it back: hand its session on instead")
    current.info[_HELD] = what
    try:
        yield
    finally:
        del current.info[_HELD]
        current.info.pop(_READ_ONCE, None)


@contextmanager
def writing(who: str | None = None) -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back by any exception. Raises NestedTransaction.

    `who`: the device that pushes. One that wrote little lately goes before one that wrote much.
    """
    current = session()
    with _alone(current, "writing"), _written(current, who):
        yield current


def _turn(current: Session, who: str | None) -> AbstractContextManager[None]:
    if (lock := part_of(current, SqliteWriteLock)) is not None:
        return lock.held(who)
    turns = part_of(current, FairTurns)
    return nullcontext() if who is None or turns is None else turns.turn(who, PATIENCE_S)


@contextmanager
def _written(current: Session, who: str | None) -> Iterator[None]:
    current.rollback()  # an earlier read snapshot would be older than the lock
    with _turn(current, who), ending(current):
        current.connection(execution_options={"writer": True, "small": who is not None})
        yield


@contextmanager
def reading() -> Iterator[Session]:
    """One read-only snapshot; the connection goes back to the pool at the end. Raises NestedTransaction."""
    current = session()
    with _alone(current, "reading"):
        current.rollback()
        if current.get_bind().dialect.name == "postgresql":
            current.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        try:
            yield current
        finally:
            current.rollback()


@contextmanager
def within() -> Iterator[Session]:
    """The transaction that is under way, to read something in it; or one of its own."""
    current = session()
    if current.info.get(_HELD):
        yield current
        return
    with reading() as own:
        yield own
