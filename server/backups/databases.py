"""The two kinds of database behind one door: out as of one moment, in again, empty or not, in use or not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, func, inspect, select

from server.backups import postgresql, sqlite
from server.core.clock import now_ms
from server.core.data_dir_locks import LETTING_GO_S
from server.core.db import tune
from server.models import CampaignFile, DecisionRow, Photo, WriteRow

_BLOBS = (select(Photo.sha256).where(Photo.state == "verified"), select(CampaignFile.sha256))
"""What must be there: photos, and what campaigns give to their units."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment of a database."""

    files: list[Path]
    revision: str
    taken_at: int
    holds_until: int | None
    tables: dict[str, int]
    photos: list[str]


def dump(engine: Engine, folder: Path) -> Snapshot:
    """Write the database of one moment into the folder. The service goes on."""
    taken_at = now_ms()
    if engine.dialect.name == "sqlite":
        files = list(sqlite.dump(engine, folder))
        copy = create_engine(f"sqlite:///{files[0]}")  # not tuned: looking at it leaves it as it is
        with copy.connect() as connection:
            found = _look(connection, files, taken_at)
        copy.dispose()
        return found
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        return _look(connection, list(postgresql.dump(connection, folder)), taken_at)


def load(folder: Path, engine: Engine) -> None:
    """Fill the database, whose tables are empty and of the dump's revision."""
    if engine.dialect.name == "sqlite":
        sqlite.load(folder, engine)
        return
    with engine.begin() as connection:
        postgresql.load(connection, folder)


def clear(engine: Engine) -> None:
    """Remove every row, so that the tables can be taken down whatever they are; a SQLite file is replaced whole."""
    if engine.dialect.name != "sqlite":
        postgresql.clear(engine)


def is_empty(engine: Engine) -> bool:
    """True when no table has a row; there may be none at all."""
    with engine.connect() as connection:
        return not any(_count(connection, name) for name in _names(connection))


def in_use(engine: Engine) -> bool:
    """True when others have it open, and stay: a PostgreSQL backend outlives its client for a moment."""
    held = sqlite.in_use if engine.dialect.name == "sqlite" else postgresql.in_use
    until = time.monotonic() + LETTING_GO_S
    while held(engine):
        if time.monotonic() > until:
            return True
        time.sleep(0.1)
    return False


def aside(engine: Engine, name: str) -> str:
    """Where `set_aside` keeps what is in the database under this name."""
    return sqlite.aside(engine, name) if engine.dialect.name == "sqlite" else postgresql.aside(name)


def copy_aside(engine: Engine, where: str) -> None:
    """What of `set_aside` takes long and changes nothing: a SQLite file is copied, a schema only gets another name."""
    if engine.dialect.name == "sqlite":
        sqlite.set_aside(engine, where)


def put_back(engine: Engine, where: str) -> None:
    """Undo `set_aside`, whether it was done, half done, or not begun."""
    if engine.dialect.name == "sqlite":
        sqlite.put_back(engine, where)
    else:
        postgresql.put_back(engine, where)


def set_aside(engine: Engine, where: str) -> None:
    """Keep what is in the database there, unless that was done: what is in it now is then of an interrupted restore."""
    if engine.dialect.name == "sqlite":
        sqlite.set_aside(engine, where)
    else:
        postgresql.set_aside(engine, where)


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """An engine as the service has it, for the length of a with-block."""
    engine = create_engine(url)
    tune(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def _look(connection: Connection, files: list[Path], taken_at: int) -> Snapshot:
    last = [connection.scalar(select(func.max(at))) for at in (WriteRow.received_at, DecisionRow.at)]
    (revision,) = MigrationContext.configure(connection).get_current_heads()
    return Snapshot(
        files=files,
        revision=revision,
        taken_at=taken_at,
        holds_until=max((at for at in last if at is not None), default=None),
        tables={name: _count(connection, name) for name in _names(connection)},
        photos=sorted({hash_ for held in _BLOBS for hash_ in connection.scalars(held)}),
    )


def _names(connection: Connection) -> list[str]:
    return sorted(name for name in inspect(connection).get_table_names() if name != postgresql.ALEMBIC)


def _count(connection: Connection, name: str) -> int:
    return connection.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0
