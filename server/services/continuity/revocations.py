"""Who was shut out is also written outside the database, so that an older copy of it lets nobody in again (SPEC B-6).

One line of JSON each in `revocations.ndjson`: `{"at": 1627000000000, "what": "device", "id": "...", "ended": true}`.
`what` is `device`, `officer`, `membership`, `session`, `purge` (of a record) or `restore` (of the database); a reader
passes over others, so there may come new ones.
`ended: false` takes an earlier end back (an account let in again). The latest line of an id holds.

A line is written and synced before the transaction commits: at worst it names an end that was not committed, which a
person wanted all the same. Lines follow the objects themselves, as SQLAlchemy flushes them, so that no service can
shut somebody out and forget to write it down; a bulk UPDATE passes by here and must not be used for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, event, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from server.core import atomic_files
from server.core.clock import now_ms
from server.models import DeskSession, Device, Membership, Officer

NAME = "revocations.ndjson"
ENDS: Mapping[str, tuple[type[Any], str, str]] = {
    "device": (Device, "id", "revoked_at"),
    "officer": (Officer, "id", "disabled_at"),
    "membership": (Membership, "id", "ended_at"),
    "session": (DeskSession, "token_hash", "ended_at"),
}
"""What is shut out: its table, its key, and the column that says since when."""

_UNDONE = ENDS.keys() - {"session"}
"""What may be let in again; of anything else there is one line, and none takes it back."""
PURGE = "purge"
"""A record that was purged; its line has `by`, `why`, `photos` and its place besides: see purges.py, tombstones.py."""
RESTORE = "restore"
"""That an older database was put in place, by its moment: an even older one does not remember it."""
SESSIONS_MS: Final = 30 * 24 * 3600 * 1000
"""A session lasts 12 hours; until so long after its end a clock may have been set back."""
_PENDING = "revocations"
_files: WeakKeyDictionary[Engine, Path] = WeakKeyDictionary()


def keep_in(engine: Engine, path: Path) -> None:
    """From now on what is shut out in this database is written to this file."""
    if not path.parent.is_dir():
        atomic_files.make(path.parent)
    _files[engine] = path


def reapply(session: Session, path: Path | None = None) -> int:
    """Shut out again what the file says and the database forgot; how many that were.

    The file is the one this database's are kept in, unless another is named.
    """
    path = path or _file_of(session)
    ended: dict[str, dict[str, int]] = {what: {} for what in ENDS}
    for (what, id_), line in _last_lines(path).items() if path else ():
        if line["ended"] and what in ENDS:
            ended[what][id_] = line["at"]
    count = sum(_end(session, what, since) for what, since in ended.items())
    session.flush()
    return count


def note(session: Session, line: dict[str, Any]) -> None:
    """Have this line written when the transaction commits."""
    session.info.setdefault(_PENDING, []).append(line)


def purges(session: Session, path: Path | None = None) -> list[dict[str, Any]]:
    """The lines of records that were purged."""
    path = path or _file_of(session)
    return [line for (what, _), line in _last_lines(path).items() if what == PURGE] if path else []


def restores(session: Session, path: Path | None = None) -> set[int]:
    """The moments of restores."""
    path = path or _file_of(session)
    return {line["at"] for line in _lines(path) if line["what"] == RESTORE} if path else set()


def _end(session: Session, what: str, since: Mapping[str, int]) -> int:
    table, key, column = ENDS[what]
    count = 0
    for ids in _batches(since, 500):
        open_ones = select(table).where(getattr(table, key).in_(ids), getattr(table, column).is_(None))
        for row in session.scalars(open_ones):
            setattr(row, column, since[getattr(row, key)])
            count += 1
    return count


def _batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, size)):
        yield some


def merge(path: Path, other: Path) -> None:
    """Write the lines of another file behind this one, of a machine that is gone: with the moments they have."""
    if lines := list(_lines(other)):
        with _alone(path) as file:
            _write_behind(file, lines)


def append(path: Path, lines: list[dict[str, Any]]) -> None:
    """Write what has just happened."""
    if lines:
        with _alone(path) as file:
            _write_behind(file, _in_order(path, lines))


def compact(path: Path, now: int) -> int:
    """Write the file anew without the lines that no reader minds; how many lines that were. Raises OSError.

    Those are lines behind which a later one of the same id holds, and ends of sessions that expired long ago. Nothing
    else goes, whatever its age, of a purge, a restore, or who is shut out or was let in again: a backup may be older.
    Lines of a kind not known here stay as they are.
    """
    with _alone(path):
        texts = path.read_bytes().splitlines(keepends=True)
        kept = _still_needed(texts, now - SESSIONS_MS)
        if len(kept) < len(texts):
            with atomic_files.replacing(path) as begun:
                begun.write_bytes(b"".join(kept))
                shutil.copymode(path, begun)
    return len(texts) - len(kept)


def _still_needed(texts: list[bytes], since: int) -> list[bytes]:
    last: dict[tuple[str, str], tuple[int, int]] = {}
    lines = [_read(text) for text in texts]
    for nth, line in enumerate(lines):
        if line is not None:
            key = (line["what"], line["id"])
            last[key] = max(last.get(key, (line["at"], nth)), (line["at"], nth))
    holds = {nth for _, nth in last.values()}
    return [
        text if text.endswith(b"\n") else text + b"\n"
        for nth, (text, line) in enumerate(zip(texts, lines, strict=True))
        if line is None or (nth in holds and not (line["what"] == "session" and line["at"] < since))
    ]


@contextmanager
def _alone(path: Path) -> Iterator[BinaryIO]:
    """The file, for us alone. While we waited it may have been written anew: what has its name now is locked."""
    while True:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                yield file
                return


def _in_order(path: Path, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By a clock that was set back, too, an end or its undoing is of a later moment than the one before it."""
    if not any(line["what"] in _UNDONE for line in lines):
        return lines
    last = {key: int(line["at"]) for key, line in _last_lines(path).items() if key[0] in _UNDONE}
    told = []
    for line in lines:
        key, at = (line["what"], line["id"]), line["at"]
        if line["what"] in _UNDONE:
            last[key] = at = max(at, last[key] + 1) if key in last else at
        told.append(line | {"at": at})
    return told


def _write_behind(file: BinaryIO, lines: list[dict[str, Any]]) -> None:
    """Durably; none is begun behind half a line that a power cut left."""
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    end = file.seek(0, os.SEEK_END)
    if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
        whole = b"\n" + whole
    file.write(whole)
    file.flush()
    os.fsync(file.fileno())
    atomic_files.sync(Path(file.name).parent)  # who made the file may not have come to that


def _last_lines(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    # By their moments and not as they stand: a file that was merged in is older than what stood here. Those of one
    # file never go back (`_in_order`), whatever its hub's clock does.
    return {(line["what"], line["id"]): line for line in sorted(_lines(path), key=lambda line: int(line["at"]))}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines that are whole and of a kind known here."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            line = _read(text)
            if line is not None:
                yield line


def _read(text: bytes) -> dict[str, Any] | None:
    """The line, if it is whole and of a kind known here."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if _is_known(line) else None


def _is_known(line: object) -> bool:
    return (
        isinstance(line, dict)
        and (line.get("what") in ENDS or line.get("what") in (PURGE, RESTORE))
        and isinstance(line.get("id"), str)
        and isinstance(line.get("at"), int)
        and isinstance(line.get("ended"), bool)
    )


def _file_of(session: Session) -> Path | None:
    bind = session.get_bind()
    return _files.get(bind.engine if isinstance(bind, Connection) else bind)


@event.listens_for(Session, "before_flush")
def _collect(session: Session, _context: UOWTransaction, _objects: object) -> None:
    for thing in session.dirty:
        for what, (table, key, column) in ENDS.items():
            if isinstance(thing, table) and inspect(thing).attrs[column].history.has_changes():
                ended = getattr(thing, column)
                line = {"at": ended or now_ms(), "what": what, "id": getattr(thing, key), "ended": ended is not None}
                note(session, line)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    path = _file_of(session)
    lines = session.info.pop(_PENDING, [])
    if path is not None:
        append(path, lines)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_PENDING, None)
