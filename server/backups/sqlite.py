"""Dump and load SQLite by its online backup: one read transaction, while writers go on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from server.backups.layout import REPLACED, BadBackup
from server.core import atomic_files
from server.core.shell_words import t

FILE = "loa.sqlite"
BEGUN = ".begun"


def dump(engine: Engine, folder: Path) -> Path:
    """Copy a snapshot of the database into the folder. Returns the file."""
    target = folder / FILE
    with closing(_connect(_path(engine))) as source, closing(_connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # a single, complete file
        (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
        if said != "ok":
            raise BadBackup(t("The database is damaged ({said}); it was not backed up.", said=said))
    atomic_files.sync(target)
    return target


def load(folder: Path, engine: Engine) -> None:
    """Replace the database by the copy, in one transaction. The application must not be running."""
    engine.dispose()
    with closing(_connect(folder / FILE)) as copy, closing(_connect(_path(engine))) as target:
        copy.backup(target)
        target.execute("PRAGMA synchronous=FULL")
    atomic_files.sync(_path(engine))


def aside(engine: Engine, name: str) -> str:
    """Return the file, beside the database, to which `set_aside` copies it under this name."""
    path = _path(engine)
    return str(path.with_name(f"{path.name}.{name}"))


def set_aside(engine: Engine, where: str) -> None:
    """Copy the whole database there; do nothing if that was done."""
    target = Path(where)
    if target.exists():
        return
    begun = _begun(target)
    with closing(_connect(_path(engine))) as source, closing(_connect(begun)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    atomic_files.sync(begun)
    begun.rename(target)
    atomic_files.sync(target.parent)


def put_back(engine: Engine, where: str) -> None:
    """Rename the copy back to the database's name: a rename needs no disk space."""
    engine.dispose()
    _begun(Path(where)).unlink(missing_ok=True)
    path, copy = _path(engine), Path(where)
    if copy.exists():
        for suffix in ("-journal", "-wal", "-shm"):  # left from loading over it
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        copy.replace(path)
        atomic_files.sync(path.parent)


def kept_aside(engine: Engine) -> list[str]:
    """Return the files of databases that were set aside, the oldest first: a name may be of a clock that ran ahead."""
    path = _path(engine)
    found = [file for file in path.parent.glob(f"{path.name}.*") if REPLACED.fullmatch(file.suffix[1:])]
    return [str(file) for file in sorted(found, key=lambda file: (file.lstat().st_mtime_ns, file.name))]


def half_aside(engine: Engine) -> list[str]:
    """Return the files that `set_aside` began to copy and, killed, did not finish."""
    path = _path(engine)
    found = path.parent.glob(f"{path.name}.*{BEGUN}")
    return sorted(str(file) for file in found if REPLACED.fullmatch(file.with_suffix("").suffix[1:]))


def forget(where: str) -> None:
    """Remove a database that was set aside, or its half copy with the journal of that."""
    for name in (where, f"{where}-journal"):
        Path(name).unlink(missing_ok=True)


def _begun(target: Path) -> Path:
    return target.with_name(f"{target.name}{BEGUN}")


def in_use(engine: Engine) -> bool:
    """Return True when another process has the database open: only a sole user can leave WAL."""
    engine.dispose()
    with closing(_connect(_path(engine), timeout=0.5)) as alone:
        try:
            (mode,) = alone.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.OperationalError:
            return True
        return bool(mode != "delete")


def _path(engine: Engine) -> Path:
    return Path(engine.url.database or "")


def _connect(path: Path, timeout: float = 15) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=timeout, isolation_level=None)
