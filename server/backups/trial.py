"""Try a backup: load it into a scratch database, bring its tables to this version, count, and look for its photos.

SQLite's scratch database is a file in the data folder. PostgreSQL's is a database of its own on the same server, where
the role may make one (CREATEDB); else the archive is decoded to its end, which proves less.
"""

from __future__ import annotations

import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg import sql
from sqlalchemy import Engine, MetaData, Table, create_engine, func, inspect, make_url, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from server import migrate
from server.backups import databases, layout, postgresql, sqlite
from server.backups.layout import BadBackup, Manifest
from server.backups.pg_programs import program
from server.core.atomic_files import file_digest
from server.core.shell_words import t
from server.services.audit import log
from server.services.audit.acts import Act
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class Tried:
    """The outcome. `loaded`: into a database; else the archive was only read. `fault` is empty if all was right."""

    fault: str
    loaded: bool
    seconds: int


def try_restore(settings: Settings, folder: Path) -> Tried:
    """Try the backup and log how it went. Never touches the installation's own tables."""
    began = time.monotonic()
    loaded = True
    try:
        loaded = _try(settings, folder)
        fault = ""
    except (BadBackup, migrate.ForeignTables) as reason:
        fault = str(reason)
    except (OSError, sqlite3.Error, psycopg.Error, DBAPIError) as error:
        fault = f"{folder} could not be loaded ({type(error).__name__})."
    seconds = int(time.monotonic() - began)
    state = "bad" if fault else "good" if loaded else "read"
    log.note(Act.RESTORE_TRIED, ("backup", folder.name[-64:]), new={"state": state, "seconds": seconds})
    return Tried(fault, loaded, seconds)


def _try(settings: Settings, folder: Path) -> bool:
    manifest = layout.read(folder)
    sums = layout.read_sums(folder)
    for name in sums:
        path = (layout.photos_of(folder) if name.startswith(f"{layout.PHOTOS}/") else folder) / name
        if not path.is_file() or (name.startswith(f"{layout.DATABASE}/") and file_digest(path) != sums[name]):
            raise BadBackup(t("{path} is missing or damaged.", path=path))
    with databases.opened(settings.database_url) as engine:
        if engine.dialect.name != manifest.database:
            raise BadBackup(t("{folder} is a backup of {database}.", folder=folder, database=manifest.database))
        if manifest.database == "sqlite":
            with TemporaryDirectory(prefix="trial-", dir=settings.data_dir) as scratch:
                file = Path(scratch) / sqlite.FILE
                shutil.copyfile(folder / layout.DATABASE / sqlite.FILE, file)
                _count(f"sqlite:///{file}", manifest)
            return True
        try:
            with _scratch(engine) as url:
                copy = create_engine(url)
                postgresql.load(folder / layout.DATABASE, copy, settings.pg_bin)
                copy.dispose()
                _count(url, manifest)
        except ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                raise
            whole = ("--file=/dev/null", str(folder / layout.DATABASE / postgresql.FILE))
            program("pg_restore", engine, settings.pg_bin).run(*whole)
            return False
        return True


@contextmanager
def _scratch(engine: Engine) -> Iterator[str]:
    """Yield the address of a new database beside this one, with the same schema; drop it afterwards."""
    name = f"loa_trial_{secrets.token_hex(4)}"
    with engine.connect() as connection:
        schema = connection.execute(text("SELECT current_schema()")).scalar_one()
    apart = engine.execution_options(isolation_level="AUTOCOMMIT")
    with apart.connect() as connection:
        postgresql.driver(connection).execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    url = make_url(str(engine.url.render_as_string(hide_password=False))).set(database=name)
    try:
        made = create_engine(url)
        with made.begin() as connection:
            postgresql.driver(connection).execute(
                sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema))
            )
        made.dispose()
        yield url.render_as_string(hide_password=False)
    finally:
        with apart.connect() as connection:
            postgresql.driver(connection).execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )


def _count(url: str, manifest: Manifest) -> None:
    """Compare the tables with the manifest, then migrate them."""
    engine: Engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite" and connection.execute(text("PRAGMA quick_check(1)")).scalar() != "ok":
                raise BadBackup(t("The backup's database is damaged."))
            there = set(inspect(connection).get_table_names())
            for name, rows in manifest.tables.items():
                found = (
                    connection.scalar(select(func.count()).select_from(Table(name, MetaData())))
                    if name in there
                    else -1
                )
                if found != rows:
                    raise BadBackup(
                        t(
                            "The backup's table {name} has {found} rows, and the manifest says {rows}.",
                            name=name,
                            found=found,
                            rows=rows,
                        )
                    )
        migrate.upgrade(url)
    finally:
        engine.dispose()
