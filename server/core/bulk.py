"""Many values in one statement: conditions over many texts, and many rows to store; many things by key, or in parts.

`one_of(Unit.id, ids)` passes all texts as one parameter. `in_` writes a parameter for each. Of hundreds, that costs
more in Python than the statement does in the database; and a statement takes at most 32,766 parameters on SQLite,
65,535 on PostgreSQL.

Rows are stored without the ORM, which costs twice as much. Pending objects are flushed before them.

The statements are built once and kept: building one costs as much of a push as running it. JSON is orjson's, where its
bytes do not matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeVar, cast

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Dialect,
    Insert,
    Select,
    String,
    Table,
    TypeDecorator,
    bindparam,
    case,
    column,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeEngine

from server.core.db import Base

_AS_PYTHON: Final = orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
"""Leave to Python's library what it would refuse or write in another way."""

ROWS_AT_ONCE: Final = 10_000
"""Rows that one JSON document holds. PostgreSQL takes 256 MB in one, and a country locks 300,000 lines and more."""

Key = TypeVar("Key")
Thing = TypeVar("Thing")


def grouped(pairs: Iterable[tuple[Key, Thing]]) -> dict[Key, list[Thing]]:
    """Return the things by key, keys and things in the order in which they come.

    >>> grouped([("Xã A", 1), ("Xã B", 2), ("Xã A", 3)])
    {'Xã A': [1, 3], 'Xã B': [2]}
    """
    found: dict[Key, list[Thing]] = {}
    for key, thing in pairs:
        found.setdefault(key, []).append(thing)
    return found


def in_parts(things: Sequence[Thing], size: int) -> Iterator[Sequence[Thing]]:
    """Yield the things, at most `size` at a time.

    >>> list(in_parts([1, 2, 3, 4, 5], 2))
    [[1, 2], [3, 4], [5]]
    """
    return (things[start : start + size] for start in range(0, len(things), size))


def json_text(value: Any) -> str:
    """Return JSON text that is only parsed again: of columns and answers. It parses to what json.dumps' own parses to.

    NaN and infinity become null where orjson writes the value; json.dumps writes NaN, so no value may hold one. An Enum
    becomes its value. orjson makes it in a tenth of the time.
    What it does not take, Python's library writes: integers of more than 64 bits, texts with half a surrogate pair,
    keys that are no text, more than 250 levels. Its bytes may change with the library, so what is hashed, signed or
    compared is made by canonical.py or beside its own hash.
    """
    try:
        return orjson.dumps(value, option=_AS_PYTHON).decode()
    except TypeError:
        return json.dumps(value, separators=(",", ":"))  # ASCII, so that half a surrogate pair can be sent and stored


class TextArray(TypeDecorator[list[str]]):
    """Many texts as one parameter: an array for PostgreSQL, JSON for SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array on PostgreSQL."""
        several = postgresql.ARRAY(String()) if dialect.name == "postgresql" else String()
        return dialect.type_descriptor(several)

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> Any:
        """JSON on SQLite."""
        return value if dialect.name == "postgresql" else json_text(value)


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


class OneOfFew(FunctionElement[bool]):
    """A condition that `one_of_few` makes."""

    type = Boolean()
    inherit_cache = True
    self_group = OneOf.self_group


@compiles(OneOfFew, "sqlite")
def _in_query(element: OneOfFew, compiler: SQLCompiler, **how: Any) -> str:
    what, query = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} IN {query})"


@compiles(OneOfFew, "postgresql")
def _any_of_query(element: OneOfFew, compiler: SQLCompiler, **how: Any) -> str:
    what, query = (compiler.process(each, **how) for each in element.clauses)
    return f"({what} = ANY (ARRAY{query}))"


def one_of_few(what: Any, query: Select[Any]) -> ColumnElement[bool]:
    """Condition: the column has a value that the query finds, of which there are few, and PostgreSQL is to expect few.

    A walk down a tree is expected to find thousands of rows, and what is joined to it to be read whole.
    """
    return OneOfFew(what, query.scalar_subquery())


def one_of(what: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """Condition: the column has one of these texts."""
    return OneOf(what, bindparam(None, list(values), type_=TextArray(), unique=True))


def one_of_parameter(what: Any, name: str) -> ColumnElement[bool]:
    """Condition as `one_of`, for a statement that is built once and run with a list as its parameter `name`."""
    return OneOf(what, bindparam(name, type_=TextArray()))


@cache
def _merging(dialect: str, table: Table, added: tuple[str, ...], most: tuple[str, ...]) -> Insert:
    new = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    values: dict[str, ColumnElement[Any]] = {}
    for each in table.columns:
        incoming = new.excluded[each.name]
        if each.name in added:
            values[each.name] = each + incoming
        elif each.name in most:
            values[each.name] = case((each > incoming, each), else_=incoming)
        elif not each.primary_key:
            values[each.name] = incoming
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

    Except: columns in `added` are summed, and of columns in `most` the greater value stays.
    """
    if rows:
        connection = _flushed(current)
        into = cast("Table", table.__table__)
        _execute(connection, _merging(connection.dialect.name, into, added, most), rows)


def inserting(current: Session, table: type[Base]) -> sqlite.Insert:
    """An INSERT that supports ON CONFLICT, which both databases spell alike."""
    if current.get_bind().dialect.name == "postgresql":
        return cast("sqlite.Insert", postgresql.insert(table))
    return sqlite.insert(table)


@cache
def _plain(table: Table) -> Insert:
    return insert(table)


@cache
def _from_json(table: Table) -> Insert:
    """INSERT of all rows as one JSON document: in PostgreSQL this takes a third of the time of row by row."""
    rows = func.jsonb_to_recordset(bindparam("rows", type_=postgresql.JSONB))
    columns = [column(each.name, each.type) for each in table.columns]
    incoming = rows.table_valued(*columns, name="incoming").render_derived(with_types=True)
    return insert(table).from_select([each.name for each in columns], select(*incoming.c))


@cache
def _by_driver(
    dialect: Dialect, statement: Insert
) -> tuple[str, Callable[[Any], Any], tuple[tuple[int, Callable[[Any], Any]], ...]]:
    """The text of an INSERT, what makes its parameters of a row, and what makes the driver's value at some places.

    For each row the library would look up all of it again, which took longer than SQLite takes to store the row. True
    and false go to the driver as they are.
    """
    columns = {each.name: each for each in statement.table.columns}
    compiled = dialect.statement_compiler(dialect, statement, column_keys=list(columns))
    order = tuple(compiled.positiontup or ())
    types = [columns[name].type for name in order]
    made = [None if isinstance(each, Boolean) else each.dialect_impl(dialect).bind_processor(dialect) for each in types]
    places = tuple((at, make) for at, make in enumerate(made) if make is not None)
    return str(compiled), itemgetter(*order), places


def _execute(connection: Connection, statement: Insert, rows: list[dict[str, Any]]) -> None:
    """Run an INSERT with a parameter for each column and nothing else."""
    if connection.dialect.name == "postgresql":
        connection.execute(statement, rows)
        return
    text, order, places = _by_driver(connection.dialect, statement)
    tuples = [order(row) for row in rows]
    if places:
        for nth, each in enumerate(tuples):
            values = list(each)
            for at, make in places:
                values[at] = make(values[at])
            tuples[nth] = tuple(values)
    connection.exec_driver_sql(text, tuples if len(tuples) > 1 else tuples[0])


def insert_all(current: Session, table: type[Base], rows: list[dict[str, Any]]) -> None:
    """Bulk INSERT of rows that each name every column."""
    if not rows:
        return
    into, connection = cast("Table", table.__table__), _flushed(current)
    if connection.dialect.name == "postgresql":
        for part in in_parts(rows, ROWS_AT_ONCE):
            connection.execute(_from_json(into), {"rows": part})
    else:
        _execute(connection, _plain(into), rows)


@cache
def _adding(dialect: str, table: Table, name: str, same: tuple[str, ...]) -> Insert:
    texts = bindparam("texts", type_=TextArray())
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
