"""The database: one declarative base, one session, two kinds of transaction.

`writing()` commits or rolls back as a whole (SPEC G1: durable before the answer leaves). `reading()` sees one snapshot.
SQLite: WAL, synchronous=FULL; writers take a machine-wide lock (sqlite_write_lock.py) and then BEGIN IMMEDIATE, because
busy_timeout polls and starves. PostgreSQL: writers use READ COMMITTED and lock their streams' rows; readers use
REPEATABLE READ, so that a page of changes and its writes come from the same moment.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Insert,
    MetaData,
    String,
    Table,
    TypeDecorator,
    bindparam,
    case,
    column,
    event,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from server.core.sqlite_write_lock import SqliteWriteLock

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
_write_locks: WeakKeyDictionary[Engine, SqliteWriteLock] = WeakKeyDictionary()
"""The write lock of each SQLite database."""


def init_app(app: Flask) -> None:
    """Bind the engine named in the app's configuration."""
    db.init_app(app)
    with app.app_context():
        tune(db.engine)


def tune(engine: Engine) -> None:
    """Set up an engine as the top of this module describes."""
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        _write_locks[engine] = SqliteWriteLock(Path(name) if name and name != ":memory:" else None)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        event.listen(engine, "connect", _on_postgresql_connect)


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late for a snapshot; ours is below
    # secure_delete: overwrite purged data in the file; the library's build default may be not to.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_postgresql_connect(connection: Any, _record: object) -> None:
    # Same timeout as for SQLite's write lock; then 503, and the thread and its connection are free again.
    connection.execute("SET lock_timeout = '15s'")
    connection.execute("SET synchronous_commit = on")  # the server's default may be to answer before the fsync
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


def _flushed(current: Session) -> Connection:
    """The session's connection, behind what its objects have pending: the rows to insert may refer to them."""
    current.flush()
    return current.connection()


def merge_all(
    current: Session,
    table: type[Base],
    rows: list[dict[str, Any]],
    *,
    added: tuple[str, ...] = (),
    most: tuple[str, ...] = (),
) -> None:
    """Bulk upsert of rows that each name every column; on conflict, overwrite.

    Except: columns in `added` are summed, and of columns in `most` the greater value stays. The statement is cached,
    because building it costs as much of a push as running it.
    """
    if rows:
        connection = _flushed(current)
        into = cast("Table", table.__table__)
        connection.execute(_merging(connection.dialect.name, into, added, most), rows)


def inserting(current: Session, table: type[Base]) -> sqlite.Insert:
    """An INSERT that supports ON CONFLICT, which both databases spell alike."""
    if current.get_bind().dialect.name == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


@cache
def _from_json(table: Table) -> Insert:
    """INSERT of all rows as one JSON document: in PostgreSQL this takes a third of the time of row by row."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=postgresql.JSONB))
    columns = [column(each.name, each.type) for each in table.columns]
    told = rows.table_valued(*columns, name="told").render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*told.c))


def insert_all(current: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Bulk INSERT of rows that each name every column. Uses the table, because the ORM costs twice as much."""
    if not rows:
        return
    into, connection = cast("Table", table.__table__), _flushed(current)
    if connection.dialect.name == "postgresql":
        connection.execute(_from_json(into), {"rows": rows})
    else:
        connection.execute(insert(into), rows)


@cache
def _adding(dialect: str, table: Table, name: str, same: tuple[str, ...]) -> Insert:
    texts = bindparam("texts", type_=_Texts())
    into: sqlite.Insert | postgresql.Insert
    if dialect == "postgresql":
        into, each = postgresql.insert(table), func.unnest(texts).table_valued("value").render_derived()
    else:
        into, each = sqlite.insert(table), func.json_each(texts).table_valued("value")
    row = select(each.c.value, *(bindparam(other, type_=table.c[other].type) for other in same))
    # SQLite takes the ON of ON CONFLICT for that of a join unless something stands between.
    return into.from_select([name, *same], row.where(true())).on_conflict_do_nothing()


def insert_texts(current: Session, table: type[Base], name: str, texts: Iterable[str], **same: Any) -> None:
    """INSERT a row for each text, in the column `name`, with the same other columns; rows that are there stay.

    The texts are one parameter: of rows of parameters, building them in Python costs ten times the INSERT.
    """
    rows = list(texts)
    if rows:
        connection = _flushed(current)
        adding = _adding(connection.dialect.name, cast("Table", table.__table__), name, tuple(same))
        connection.execute(adding, {**same, "texts": rows})


class _Texts(TypeDecorator[list[str]]):
    """Many texts as one parameter: an array for PostgreSQL, JSON for SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        several = postgresql.ARRAY(String()) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(several)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class OneOf(FunctionElement[bool]):
    """A condition that `one_of` makes."""

    type = Boolean()
    inherit_cache = True

    def self_group(self, against: OperatorType | None = None) -> OneOf:  # noqa: ARG002  # the library's signature
        """As it is, in its own brackets. SQLAlchemy would write `= 1` behind it, and SQLite then uses no index."""
        return self


@compiles(OneOf, "sqlite")
def _in_json(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    what, texts = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} IN (SELECT value FROM json_each({texts})))"  # noqa: S608  # what the compiler made


@compiles(OneOf, "postgresql")
def _any_of(element: OneOf, compiler: SQLCompiler, **how: Any) -> str:
    what, texts = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} = ANY ({texts}))"


def one_of(what: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Condition: the column has one of these texts, passed as one parameter.

    `in_` writes a parameter for each. Of hundreds, that costs more in Python than the statement does in the database;
    and a statement takes at most 32,766 parameters on SQLite, 65,535 on PostgreSQL.
    """
    return OneOf(what, bindparam(None, list(values), type_=_Texts(), unique=True))


def one_of_parameter(what: Any, name: str) -> ColumnElement[bool]:
    """The same condition in a statement that is built once. The texts come as the parameter `name`, a list."""
    return OneOf(what, bindparam(name, type_=_Texts()))


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
def writing() -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back by any exception. Raises NestedTransaction."""
    current = session()
    with _alone(current, "writing"), _written(current):
        yield current


@contextmanager
def _written(current: Session) -> Iterator[None]:
    current.rollback()  # an earlier read snapshot would be older than the lock
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
