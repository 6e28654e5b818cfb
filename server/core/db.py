"""The database: one declarative base, one session, two kinds of transaction.

`writing()` commits or rolls back as a whole (SPEC G1: durable before the answer leaves), with all that must follow from
it (unit_of_work.py). `reading()` sees one snapshot.
SQLite: WAL, synchronous=FULL; writers take a machine-wide lock (sqlite_write_lock.py) and then BEGIN IMMEDIATE, because
busy_timeout polls and starves. PostgreSQL: writers use READ COMMITTED and lock their streams' rows; readers use
REPEATABLE READ, so that a page of changes and its writes come from the same moment. What a device writes waits for its
turn (fair_turns.py): one at a time on SQLite, half of the kept connections of each process on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    MetaData,
    QueuePool,
    event,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Session

from server.core.fair_turns import FairTurns
from server.core.per_engine import keep, part_of
from server.core.sqlite_write_lock import PATIENCE_S, SqliteWriteLock
from server.core.unit_of_work import ending

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


db = SQLAlchemy(model_class=Base)
LEAST_TURNS = 4


def init_app(app: Flask) -> None:
    """Bind the engine named in the app's configuration."""
    db.init_app(app)
    with app.app_context():
        tune(db.engine)


def tune(engine: Engine) -> None:
    """Set up an engine as the top of this module describes."""
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        keep(engine, SqliteWriteLock(Path(name) if name and name != ":memory:" else None))
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        connections = engine.pool.size() if isinstance(engine.pool, QueuePool) else 0
        # Of devices: PostgreSQL's locks are rows, so colleagues in one stream alone wait there.
        keep(engine, FairTurns(max(LEAST_TURNS, connections // 2)))
        event.listen(engine, "connect", _on_postgresql_connect)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for a snapshot; ours is below
    # secure_delete: overwrite purged data in the file; the library's build default may be not to.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    # Same timeout as for SQLite's write lock; then 503, and the thread and its connection are free again.
    connection.execute("SET lock_timeout = '15s'")
    connection.execute("SET synchronous_commit = on")  # the server's default may be to answer before the fsync (G1)
    connection.commit()


def _on_sqlite_begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def session() -> Session:
    """The request's session."""
    return cast("Session", db.session())


_HELD = "held by"
_REMEMBERED = "remembered"
Read = TypeVar("Read")


class NestedTransaction(RuntimeError):  # noqa: N818  # a programming error, not a condition to handle
    """`writing()` or `reading()` was called inside another one. They share a session: the outer one would roll back."""


def is_reading(current: Session) -> bool:
    """True inside `reading()`, which commits nothing."""
    return current.info.get(_HELD) == "reading"


def remembered(current: Session, key: Hashable, read: Callable[[], Read]) -> Read:
    """What `read` returns, read once inside one `reading()`: its snapshot does not change. In `writing()` read anew."""
    if not is_reading(current):
        return read()
    kept = current.info.setdefault(_REMEMBERED, {})
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
        current.info.pop(_REMEMBERED, None)


@contextmanager
def writing(who: str | None = None) -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back by any exception. Raises NestedTransaction.

    `who`: the device that pushes. One that wrote little lately goes before one that wrote much.
    """
    current = session()
    with _alone(current, "writing"), _written(current, who):
        yield current


def _turn(who: str | None) -> AbstractContextManager[None]:
    if (lock := part_of(db.engine, SqliteWriteLock)) is not None:
        return lock.held(who)
    turns = part_of(db.engine, FairTurns)
    return nullcontext() if who is None or turns is None else turns.turn(who, PATIENCE_S)


@contextmanager
def _written(current: Session, who: str | None) -> Iterator[None]:
    current.rollback()  # an earlier read snapshot would be older than the lock
    with _turn(who), ending(current):
        current.connection(execution_options={"writer": True})
        yield


@contextmanager
def reading() -> Iterator[Session]:
    """One read-only snapshot; the connection goes back to the pool at the end. Raises NestedTransaction."""
    current = session()
    with _alone(current, "reading"):
        current.rollback()
        if db.engine.dialect.name == "postgresql":
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
