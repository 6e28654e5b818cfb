"""The database: one declarative base, one session, two ways to hold a transaction.

`writing()` commits or rolls back as a whole (SPEC G1: durable before the answer leaves); `reading()` sees one
snapshot. SQLite: WAL, synchronous=FULL; writers take a lock of the machine (sqlite_write_lock.py) and then
BEGIN IMMEDIATE, because busy_timeout polls and starves. PostgreSQL: READ COMMITTED for writers, who lock their
streams' rows, REPEATABLE READ for readers, so that a page of changes and their writes are of one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, cast
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Engine,
    Insert,
    MetaData,
    Table,
    bindparam,
    case,
    column,
    event,
    func,
    insert,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from server.core.sqlite_write_lock import SqliteWriteLock

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
"""A JSON document; binary where the database has it."""


class Base(DeclarativeBase):
    """Every table's base."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
_write_locks: WeakKeyDictionary[Engine, SqliteWriteLock] = WeakKeyDictionary()
"""The line of writers before each SQLite database."""


def init_app(app: Flask) -> None:
    """Bind the engine that the app's configuration names."""
    db.init_app(app)
    with app.app_context():
        tune(db.engine)


def tune(engine: Engine) -> None:
    """Make an engine keep the promises of this module."""
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        _write_locks[engine] = SqliteWriteLock(Path(name) if name and name != ":memory:" else None)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        event.listen(engine, "connect", _on_postgresql_connect)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for a snapshot; ours is below
    # secure_delete: what was purged is written over in the file, whatever the library's build does unless told.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    # As long as SQLite waits for its writer; then 503, and the thread and its connection serve others again.
    connection.execute("SET lock_timeout = '15s'")
    connection.execute("SET synchronous_commit = on")  # a server may be set to answer before the disk has it
    connection.commit()


def _on_sqlite_begin(connection: Connection) -> None:
    writer = connection.get_execution_options().get("writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def session() -> Session:
    """The request's session."""
    return cast("Session", db.session())


@cache
def _merging(dialect: str, table: Table, added: tuple[str, ...], most: tuple[str, ...]) -> Insert:
    new = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    values: dict[str, ColumnElement[Any]] = {}
    for each in table.columns:
        told = new.excluded[each.name]
        if each.name in added:
            values[each.name] = each + told
        elif each.name in most:
            values[each.name] = case((each > told, each), else_=told)
        elif not each.primary_key:
            values[each.name] = told
    keys = [each.name for each in table.primary_key]
    return cast("Insert", new.on_conflict_do_update(index_elements=keys, set_=values))


def merge_all(
    current: Session,
    table: type[Base],
    rows: list[dict[str, Any]],
    *,
    added: tuple[str, ...] = (),
    most: tuple[str, ...] = (),
) -> None:
    """Insert rows that each name every column; over one of the same key each value is put.

    Those `added` are put on top of what is there, and of those in `most` the greater stays. The statement is built
    once: on a push's way building costs as much as running.
    """
    if rows:
        name = current.get_bind().dialect.name
        current.execute(_merging(name, cast("Table", table.__table__), added, most), rows)


def inserting(current: Session, table: type[Base]) -> sqlite.Insert:
    """An INSERT that can say what becomes of a row that is there already: both databases speak it alike."""
    if current.get_bind().dialect.name == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


@cache
def _from_json(table: Table) -> Insert:
    """All rows as one document: PostgreSQL takes it apart in a third of the time that it takes a row at a time."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=postgresql.JSONB))
    columns = [column(each.name, each.type) for each in table.columns]
    told = rows.table_valued(*columns, name="told").render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*told.c))


def insert_all(current: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Insert rows that each name every column. The table, not the class: the ORM's own way costs twice as much."""
    into = cast("Table", table.__table__)
    if not rows:
        return
    if current.get_bind().dialect.name == "postgresql":
        current.execute(_from_json(into), {"rows": rows})
    else:
        current.execute(insert(into), rows)


_HELD = "held by"


class NestedTransaction(RuntimeError):  # noqa: N818  # it is the programmer's, and reads as what it is
    """`writing()` or `reading()` inside another one: they share a session, so the outer one would be rolled back."""


@contextmanager
def _alone(current: Session, what: str) -> Iterator[None]:
    if outer := current.info.get(_HELD):
        raise NestedTransaction(f"{what}() inside {outer}() would roll it back: hand its session on instead")
    current.info[_HELD] = what
    try:
        yield
    finally:
        del current.info[_HELD]


@contextmanager
def writing() -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back by any exception. Raises NestedTransaction."""
    current = session()
    with _alone(current, "writing"), _written(current):
        yield current


@contextmanager
def _written(current: Session) -> Iterator[None]:
    current.rollback()  # a snapshot read before would be older than the lock
    with _write_locks[db.engine].held() if db.engine in _write_locks else nullcontext():
        try:
            current.connection(execution_options={"writer": True})
            yield
            current.commit()
        except BaseException:
            current.rollback()
            raise


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
