"""Dump and load PostgreSQL by COPY: every table in one REPEATABLE READ snapshot, so that all are of one moment.

pg_dump is not used, because it must be as new as the server and is rarely on the machine that runs Loa. The tables are
the database's own, not this code's, with parents before children by its foreign keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg import Connection as Driver
from psycopg import sql
from sqlalchemy import Connection, Engine, inspect, text

from server.core import atomic_files

TABLES = "tables.json"
ALEMBIC = "alembic_version"
PIECE = 1024 * 1024


def dump(connection: Connection, folder: Path) -> Iterator[Path]:
    """Write every table of this connection's snapshot. Yields the files, the list of tables last."""
    tables = [(name, _columns(connection, name)) for name in in_order(connection)]
    for name, columns in tables:
        path = folder / f"{name}.copy"
        query = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name), _names(columns))
        with path.open("wb") as file, _driver(connection).cursor().copy(query) as rows:
            for piece in rows:
                file.write(piece)
        atomic_files.sync(path)
        yield path
    path = folder / TABLES
    path.write_text(json.dumps(tables, indent=1) + "\n", "utf-8")
    atomic_files.sync(path)
    yield path


def load(connection: Connection, folder: Path) -> None:
    """Fill the empty tables in this connection's transaction."""
    for name, columns in json.loads((folder / TABLES).read_text("utf-8")):
        query = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _names(columns))
        with (folder / f"{name}.copy").open("rb") as file, _driver(connection).cursor().copy(query) as rows:
            while piece := file.read(PIECE):
                rows.write(piece)


def in_order(connection: Connection) -> list[str]:
    """Return the tables' names, each after those it refers to."""
    found = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None and name != ALEMBIC]


def clear(engine: Engine) -> None:
    """Remove every row of every table."""
    with engine.begin() as connection:
        if tables := in_order(connection):
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            _driver(connection).execute(sql.SQL("TRUNCATE {}").format(names))


def aside(name: str) -> str:
    """Return the schema in which `set_aside` keeps the tables under this name."""
    return f"schema loa_{name}".replace("-", "_")


def set_aside(engine: Engine, where: str) -> None:
    """Rename the schema and create an empty one in its place; do nothing if that was done."""
    name = where.removeprefix("schema ")
    with engine.begin() as connection:
        if not inspect(connection).has_schema(name):
            (schema,) = connection.execute(text("SELECT current_schema()")).one()
            _execute(connection, "ALTER SCHEMA {} RENAME TO {}", schema, name)
            _execute(connection, "CREATE SCHEMA {}", schema)
    engine.dispose()


def put_back(engine: Engine, where: str) -> None:
    """Give the schema its name back, dropping the one made since; do nothing if it was not set aside."""
    engine.dispose()
    name = where.removeprefix("schema ")
    with engine.begin() as connection:
        if inspect(connection).has_schema(name):
            (schema,) = connection.execute(text("SELECT current_schema()")).one()
            _execute(connection, "DROP SCHEMA {} CASCADE", schema)
            _execute(connection, "ALTER SCHEMA {} RENAME TO {}", name, schema)
    engine.dispose()


def in_use(engine: Engine) -> bool:
    """Return True when others are connected to this database."""
    engine.dispose()
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with engine.connect() as connection:
        return bool(connection.execute(text(query)).scalar_one())


def _columns(connection: Connection, table: str) -> list[str]:
    return [column["name"] for column in inspect(connection).get_columns(table)]


def _names(columns: list[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(column) for column in columns)


def _execute(connection: Connection, statement: str, *names: str) -> None:
    query = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
    _driver(connection).execute(query)


def _driver(connection: Connection) -> Driver[Any]:
    driver: Driver[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return driver
