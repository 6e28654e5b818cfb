"""One interface to SQLite and PostgreSQL: dump a snapshot, load it, check for rows and for other users."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, inspect, or_, select

from server.backups import postgresql, sqlite
from server.backups.pg_programs import program
from server.core.clock import now_ms
from server.core.data_dir_locks import LETTING_GO_S
from server.core.db import tune
from server.models import (
    CampaignFile,
    DecisionRow,
    FreezeDocument,
    LetterDraft,
    LetterDraftFile,
    OrderingLetter,
    PaperFile,
    Photo,
    ReportForm,
    WriteRow,
)
from sync.protocol import DOCUMENT_TYPE

_BLOBS = (
    select(Photo.sha256).where(Photo.state == "verified"),
    select(CampaignFile.sha256),
    select(LetterDraftFile.sha256),
    select(LetterDraft.sha256).where(LetterDraft.sha256.is_not(None)),
    select(OrderingLetter.sha256).where(OrderingLetter.sha256.is_not(None)),
    select(FreezeDocument.sha256).where(FreezeDocument.erased_at.is_(None)),
    select(PaperFile.sha256),
    select(ReportForm.sha256).where(or_(ReportForm.removed_at.is_(None), ReportForm.tags.is_not(None))),
)
"""Hashes that must be backed up.

Verified photos, letters, files of campaigns and of drafts of them, documents of locked figures, signed PDFs, forms;
also templates that were withdrawn, because papers that were presented in them are made anew from them.
"""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of a database; times in ms."""

    revision: str
    taken_at: int
    holds_until: int | None
    tables: dict[str, int]
    photos: list[str]
    documents: frozenset[str]
    """Those of the photos that are documents, and so have no thumbnail."""


def check_dump(engine: Engine, pg_bin: Path | None) -> None:
    """Raise BadBackup if `dump` could not begin: PostgreSQL needs a program for it."""
    if engine.dialect.name != "sqlite":
        program("pg_dump", engine, pg_bin)


def dump(engine: Engine, folder: Path, pg_bin: Path | None) -> tuple[Path, Snapshot]:
    """Dump a snapshot of the database into the folder while the service runs. Returns the file and what it holds."""
    taken_at = now_ms()
    if engine.dialect.name == "sqlite":
        file = sqlite.dump(engine, folder)
        copy = create_engine(f"sqlite:///{file}")  # not tuned, so that reading leaves the file unchanged
        with copy.connect() as connection:
            found = _look(connection, taken_at)
        copy.dispose()
        return file, found
    pg_dump = program("pg_dump", engine, pg_bin)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        found = _look(connection, taken_at)  # first, for it locks each table against migrations
        return postgresql.dump(connection, folder, pg_dump), found


def check_load(folder: Path, engine: Engine, pg_bin: Path | None) -> None:
    """Raise BadBackup if `load` could not begin."""
    if engine.dialect.name != "sqlite":
        postgresql.check(folder, engine, pg_bin)


def load(folder: Path, engine: Engine, pg_bin: Path | None) -> None:
    """Bring the dump into the database, whose rows were set aside; its tables are of the dump's revision then."""
    if engine.dialect.name == "sqlite":
        sqlite.load(folder, engine)
        return
    postgresql.drop_tables(engine)
    postgresql.load(folder, engine, pg_bin)


def is_empty(engine: Engine) -> bool:
    """Return True when no table has a row, or there is no table."""
    with engine.connect() as connection:
        return not any(_count(connection, name) for name in _names(connection))


def in_use(engine: Engine) -> bool:
    """Return True when others keep it open: waits a moment, because a PostgreSQL backend outlives its client."""
    held = sqlite.in_use if engine.dialect.name == "sqlite" else postgresql.in_use
    until = time.monotonic() + LETTING_GO_S
    while held(engine):
        if time.monotonic() > until:
            return True
        time.sleep(0.1)
    return False


def aside(engine: Engine, name: str) -> str:
    """Return the place where `set_aside` keeps the database's content under this name."""
    return sqlite.aside(engine, name) if engine.dialect.name == "sqlite" else postgresql.aside(name)


def copy_aside(engine: Engine, where: str) -> None:
    """Do the slow, harmless part of `set_aside`: copy a SQLite file. A PostgreSQL schema is only renamed, later."""
    if engine.dialect.name == "sqlite":
        sqlite.set_aside(engine, where)


def put_back(engine: Engine, where: str) -> None:
    """Undo `set_aside`, whether it was done, half done, or not begun."""
    if engine.dialect.name == "sqlite":
        sqlite.put_back(engine, where)
    else:
        postgresql.put_back(engine, where)


def set_aside(engine: Engine, where: str) -> None:
    """Move the database's content to `where`; do nothing if that was done: an interrupted restore has refilled it."""
    if engine.dialect.name == "sqlite":
        sqlite.set_aside(engine, where)
    else:
        postgresql.set_aside(engine, where)


def kept_aside(engine: Engine, *, sure: bool = False) -> list[str]:
    """Return where databases are that `set_aside` moved, the oldest first; `sure`: only those surely from here."""
    if engine.dialect.name == "sqlite":
        return sqlite.kept_aside(engine)
    return postgresql.kept_aside(engine, sure=sure)


def half_aside(engine: Engine) -> list[str]:
    """Return what a killed `set_aside` left; PostgreSQL takes it back itself."""
    return sqlite.half_aside(engine) if engine.dialect.name == "sqlite" else []


def forget(engine: Engine, where: str) -> None:
    """Remove a database that `set_aside` moved there, or what it left."""
    if engine.dialect.name == "sqlite":
        sqlite.forget(where)
    else:
        postgresql.forget(engine, where)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Yield an engine configured like the service's, and dispose of it afterwards."""
    engine = create_engine(url)
    tune(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def _look(connection: Connection, taken_at: int) -> Snapshot:
    last = [connection.scalar(select(func.max(at))) for at in (WriteRow.received_at, DecisionRow.at)]
    (revision,) = MigrationContext.configure(connection).get_current_heads()
    return Snapshot(
        revision=revision,
        taken_at=taken_at,
        holds_until=max((at for at in last if at is not None), default=None),
        tables={name: _count(connection, name) for name in _names(connection)},
        photos=sorted({hash_ for held in _BLOBS for hash_ in connection.scalars(held) if hash_}),
        documents=frozenset(connection.scalars(select(Photo.sha256).where(Photo.type == DOCUMENT_TYPE))),
    )


def _names(connection: Connection) -> list[str]:
    return sorted(name for name in inspect(connection).get_table_names() if name != postgresql.ALEMBIC)


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0
