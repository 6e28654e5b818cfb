"""Dump and load PostgreSQL with pg_dump and pg_restore; set its tables aside by renaming their schema.

pg_dump reads the snapshot that this process exports, so the archive and what this process reads are of one moment
(SPEC B-5). pg_restore makes tables, rows and indexes in one transaction.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from psycopg import Connection as Driver
from psycopg import sql
from sqlalchemy import Connection, Engine, inspect, text

from server.backups.layout import REPLACED, BadBackup
from server.backups.pg_programs import PgProgram, program
from server.core import atomic_files
from server.core.shell_words import t

FILE = "loa.dump"
ALEMBIC = "alembic_version"
TRIGGER_FUNCTIONS = (
    "SELECT proname FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace "
    "WHERE nspname = current_schema() AND prorettype = 'trigger'::regtype AND pg_get_userbyid(proowner) = current_user"
)
"""The functions of the tables' triggers; they are in the archive, too."""
SET_ASIDE = "loa set aside: "
"""Before the name that a schema had, in its comment. Installations in one database differ in that name alone."""
LOCK_WAIT = "15s"
"""As long as any other transaction waits for a table (server/core/db.py)."""


def dump(connection: Connection, folder: Path, pg_dump: PgProgram) -> Path:
    """Write an archive of this connection's snapshot. Returns the file.

    The tables must have been read in the snapshot: from then on no migration can change them.
    """
    target = folder / FILE
    schema = _schema(connection).replace('"', '""')
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    pg_dump.connected(
        "--format=custom",
        "--compress=1",  # a seventh larger than by 6, in a third of the time
        f'--schema="{schema}"',
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={LOCK_WAIT}",
        f"--file={target}",
    )
    atomic_files.sync(target)
    return target


def check(folder: Path, engine: Engine, pg_bin: Path | None) -> None:
    """Raise BadBackup unless pg_restore can read the archive, and its schema is the one that this database uses."""
    try:
        listed = program("pg_restore", engine, pg_bin).run("--list", str(folder / FILE))
    except OSError as error:
        raise BadBackup(
            t(
                "The backup's {FILE} cannot be read ({error}); nothing was changed. It needs a "
                "PostgreSQL as new as the one it was taken from.",
                FILE=FILE,
                error=error,
            )
        ) from error
    found = re.search(rf"^\d+; \d+ \d+ TABLE (.+) {ALEMBIC} ", listed, re.MULTILINE)
    with engine.connect() as connection:
        ours = _schema(connection)
    if found is None:
        raise BadBackup(t("The backup's {FILE} has no tables of Loa; nothing was changed.", FILE=FILE))
    if found[1] != ours:
        raise BadBackup(
            t(
                "The backup's tables are in the schema {found}, and this database uses {ours}; nothing "
                "was changed. Name that schema in LOA_DATABASE_URL: ?options=-csearch_path%3DSCHEMA.",
                found=found[1],
                ours=ours,
            )
        )


def load(folder: Path, engine: Engine, pg_bin: Path | None) -> None:
    """Make the archive's tables in this database, which has none, in one transaction."""
    with engine.connect() as connection:
        schema = _schema(connection)
    program("pg_restore", engine, pg_bin).connected(
        "--single-transaction",
        "--no-owner",  # roles and tablespaces are the other machine's
        "--no-privileges",
        "--no-tablespaces",
        f"--schema={schema}",  # what is in it; it is there already
        str(folder / FILE),
    )


def drop_tables(engine: Engine) -> None:
    """Drop every table and the functions of triggers: they are empty, or an interrupted restore left them."""
    with engine.begin() as connection:
        for name in inspect(connection).get_table_names():
            _execute(connection, "DROP TABLE IF EXISTS {} CASCADE", name)
        for name in connection.scalars(text(TRIGGER_FUNCTIONS)).all():
            _execute(connection, "DROP FUNCTION IF EXISTS {}()", name)


def aside(name: str) -> str:
    """Return the schema in which `set_aside` keeps the tables under this name."""
    return f"schema loa_{name}".replace("-", "_")


def set_aside(engine: Engine, where: str) -> None:
    """Rename the schema, noting its name, and create an empty one in its place; do nothing if that was done."""
    name = where.removeprefix("schema ")
    with engine.begin() as connection:
        if not inspect(connection).has_schema(name):
            schema = _schema(connection)
            _execute(connection, "ALTER SCHEMA {} RENAME TO {}", schema, name)
            _comment(connection, name, SET_ASIDE + schema)
            _execute(connection, "CREATE SCHEMA {}", schema)
    engine.dispose()


def put_back(engine: Engine, where: str) -> None:
    """Give the schema its name back, dropping the one made since; do nothing if it was not set aside."""
    engine.dispose()
    name = where.removeprefix("schema ")
    with engine.begin() as connection:
        if inspect(connection).has_schema(name):
            schema = _schema(connection)
            _execute(connection, "DROP SCHEMA {} CASCADE", schema)
            _execute(connection, "ALTER SCHEMA {} RENAME TO {}", name, schema)
            _comment(connection, schema, "")
    engine.dispose()


def kept_aside(engine: Engine, *, sure: bool) -> list[str]:
    """Return the schemas in which this installation's databases were set aside, the oldest first.

    They were made one after another, so their numbers tell the order, whatever the clock said. `sure`: leave out those
    without a note of whose they are, which earlier versions made.
    """
    query = text(
        "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace"
        " WHERE pg_has_role(nspowner, 'USAGE') ORDER BY oid"
    )
    with engine.connect() as connection:
        ours = SET_ASIDE + _schema(connection)
        found = [(name, said or "") for name, said in connection.execute(query)]
    return [
        f"schema {name}"
        for name, said in found
        if REPLACED.fullmatch(name.removeprefix("loa_").replace("_", "-"))
        and (said == ours or not (sure or said.startswith(SET_ASIDE)))
    ]


def forget(engine: Engine, where: str) -> None:
    """Drop a schema in which a database was set aside."""
    with engine.begin() as connection:
        _execute(connection, "DROP SCHEMA IF EXISTS {} CASCADE", where.removeprefix("schema "))


def in_use(engine: Engine) -> bool:
    """Return True when others are connected to this database, for two seconds: who went a moment ago is still seen."""
    engine.dispose()
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for _ in range(20):
            if not connection.execute(text(query)).scalar_one():
                return False
            time.sleep(0.1)
    return True


def _schema(connection: Connection) -> str:
    name: str = connection.execute(text("SELECT current_schema()")).scalar_one()
    return name


def _execute(connection: Connection, statement: str, *names: str) -> None:
    query = sql.SQL(statement).format(*(sql.Identifier(name) for name in names))
    driver(connection).execute(query)


def _comment(connection: Connection, schema: str, said: str) -> None:
    """Comment on a schema; an empty comment is none."""
    driver(connection).execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), sql.Literal(said)))


def driver(connection: Connection) -> Driver[Any]:
    """Return psycopg's own connection."""
    found: Driver[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    return found
