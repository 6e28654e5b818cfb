"""What must outlive the database: ends and purges, also written outside it (SPEC B-6, B-9).

An older copy of the database lets nobody in again by them, and takes nothing back that was purged. Nothing else of what
must hold after a restore is kept outside, but the last mark (marks.py) and the end of the audit log (audit/heads.py).

One line of JSON each in `revocations.ndjson`: `{"at": 1627000000000, "what": "device", "id": "...", "ended": true}`.
`what` is `device`, `officer`, `membership`, `session`, `second_factor`, `recovery_code` (its use), `export_link`,
`case_right`, `key_holder` (who lost the case key), `absence` (ended early, and so what its deputy may), `purge` (of a
record), `case_code` (a void one), `case_reduced` or `restore` (of the database). Readers skip other values, so new ones
may be added. `ended: false` undoes an earlier end (an account was enabled again). The latest line of an id holds.

A line is written and synced before the transaction commits. At worst it names an end that was not committed, which a
person wanted all the same. Lines follow from the objects that SQLAlchemy flushes, and no commit goes without them
(core/unit_of_work.py), so that no service can revoke something and forget the line. A bulk UPDATE bypasses this and
must not be used for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Final

from sqlalchemy import Engine, inspect, select
from sqlalchemy.orm import Session

from server.core import atomic_files
from server.core.canonical import canonical
from server.core.clock import now_ms
from server.core.unit_of_work import Ending, EndingStep, keep, owe, part_of, watch
from server.models import (
    Absence,
    CaseRight,
    DeskSession,
    Device,
    ExportLink,
    KeyHolder,
    Membership,
    Officer,
    RecoveryCode,
    SecondFactor,
)
from server.models.installation import lock_catalog

NAME = "revocations.ndjson"
ENDS: Mapping[str, tuple[type[Any], str, str]] = {
    "device": (Device, "id", "revoked_at"),
    "officer": (Officer, "id", "disabled_at"),
    "membership": (Membership, "id", "ended_at"),
    "session": (DeskSession, "token_hash", "ended_at"),
    "second_factor": (SecondFactor, "id", "ended_at"),
    "recovery_code": (RecoveryCode, "code_hash", "used_at"),
    "export_link": (ExportLink, "id", "ended_at"),
    "case_right": (CaseRight, "id", "ended_at"),
    "key_holder": (KeyHolder, "officer_id", "lost_at"),
    "absence": (Absence, "id", "ended_at"),
}
"""What can be revoked: its table, its key, and the column with the time of the end."""

_UNDONE = ENDS.keys() - {"session", "second_factor", "recovery_code", "export_link", "case_right", "absence"}
"""What can be undone; anything else has one line, which is never undone."""
PURGE = "purge"
"""A purged record; its line also has `by`, `why`, `photos` and its place: see purges.py, tombstones.py."""
CASE_CODE, CASE_REDUCED = "case_code", "case_reduced"
"""Of confidential cases: the tag of a void code, with the new one sealed; the internal id of a reduced case."""
RESTORE = "restore"
"""A restore of an older database, by its moment: an even older database does not remember it."""
SESSIONS_MS: Final = 30 * 24 * 3600 * 1000
"""How long after a session's end its line is kept. The longest lasts 7 days; the rest allows for a clock set back."""


class _Purged:
    """The ids of purged records and the unit of each, read on from where the file was read before."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()
        self._inode, self._read_to = 0, 0
        self._units: dict[str, str] = {}

    def units(self) -> Mapping[str, str]:
        """By record; the next call may return another mapping."""
        with self._lock:
            self._read_on()
            return self._units

    def _read_on(self) -> None:
        try:
            now = self.path.stat()
        except FileNotFoundError:
            return
        if (now.st_ino, now.st_size) == (self._inode, self._read_to):
            return
        if now.st_ino != self._inode or now.st_size < self._read_to:  # compacted, or put back
            self._units, self._read_to = {}, 0
        self._inode = now.st_ino
        with self.path.open("rb") as file:
            file.seek(self._read_to)
            for text in file:
                if not text.endswith(b"\n"):
                    return  # the rest is on its way
                self._read_to += len(text)
                line = _read(text) if b'"purge"' in text else None
                if line is not None and line["what"] == PURGE:
                    self._units[line["id"]] = str(line.get("unit", ""))


def keep_in(engine: Engine, path: Path) -> None:
    """Write the revocations in this database to this file from now on."""
    if not path.parent.is_dir():
        atomic_files.make(path.parent)
    keep(engine, _Purged(path))


def purged(session: Session) -> Mapping[str, str]:
    """By purged record its unit, "" if its line is too old to name it.

    Asked for the records that the database does not hold, so the file is not read again for it.
    """
    kept = part_of(session, _Purged)
    return kept.units() if kept else {}


def reapply(session: Session, path: Path | None = None) -> int:
    """Revoke again what the file says and the database forgot. Returns the number of changes.

    Reads this database's own file, unless another is named.
    """
    path = path or _file_of(session)
    ended: dict[str, dict[str, int]] = {what: {} for what in ENDS}
    for (what, id_), line in _last_lines(path).items() if path else ():
        if line["ended"] and what in ENDS:
            ended[what][id_] = line["at"]
    if ended["officer"] or ended["membership"]:
        lock_catalog(session)
    count = sum(_end(session, what, since) for what, since in ended.items())
    session.flush()
    return count


def note(session: Session, line: dict[str, Any]) -> None:
    """Write this line when the transaction commits."""
    owe(session, STEP, line)


def purges(session: Session, path: Path | None = None) -> list[dict[str, Any]]:
    """The lines of purged records."""
    return noted(session, PURGE, path)


def noted(session: Session, wanted: str, path: Path | None = None) -> list[dict[str, Any]]:
    """The lines of this `what`, of each id the latest."""
    path = path or _file_of(session)
    return [line for (what, _), line in _last_lines(path).items() if what == wanted] if path else []


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
    """Append the lines of another file, from a machine that is gone, with their own moments.

    Those that are here already stay single: a backup holds a copy of this file, so each restore would double it,
    and after twenty of them a server would take minutes to read it. What is here is ended by a line break, for readers
    that go from line to line.
    """
    others = {canonical(line): line for line in _lines(other)}
    if others:
        with _alone(path) as file:
            for line in _lines(path):
                others.pop(canonical(line), None)
            _write_behind(file, list(others.values()))


def append(path: Path, lines: list[dict[str, Any]]) -> None:
    """Append lines for what has just happened."""
    if lines:
        with _alone(path) as file:
            _write_behind(file, _in_order(path, lines))


def compact(path: Path, now: int) -> int:
    """Rewrite the file without the lines that no reader needs. Returns their number. Raises OSError.

    Drops lines that a later line of the same id supersedes, and ends of sessions that expired long ago. Everything else
    stays whatever its age, because a backup may be older: purges, restores, ends and their undoing. Lines of an unknown
    kind stay as they are.
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
    """The file, locked exclusively. It may be replaced while we wait, so lock again the file that has its name now."""
    while True:
        with path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if path.exists() and os.path.samestat(path.stat(), os.fstat(file.fileno())):
                yield file
                return


def _in_order(path: Path, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Adjust moments so that an end or its undoing is later than the one before, even if the clock was set back."""
    if not any(line["what"] in _UNDONE for line in lines):
        return lines
    last = {key: int(line["at"]) for key, line in _last_lines(path).items() if key[0] in _UNDONE}
    ordered = []
    for line in lines:
        key, at = (line["what"], line["id"]), line["at"]
        if line["what"] in _UNDONE:
            last[key] = at = max(at, last[key] + 1) if key in last else at
        ordered.append(line | {"at": at})
    return ordered


def _write_behind(file: BinaryIO, lines: list[dict[str, Any]]) -> None:
    """Append durably. A half line that a power cut left is ended first."""
    whole = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    end = file.seek(0, os.SEEK_END)
    if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
        whole = b"\n" + whole
    file.write(whole)
    file.flush()
    os.fsync(file.fileno())
    atomic_files.sync(Path(file.name).parent)  # the file's creator may have crashed before syncing


def _last_lines(path: Path) -> dict[tuple[str, str], dict[str, Any]]:
    # By their moments, not their order: a merged file is older than what was here before. Moments within one file never
    # go back (`_in_order`), whatever its server's clock does.
    return {(line["what"], line["id"]): line for line in sorted(_lines(path), key=lambda line: int(line["at"]))}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The complete lines of a known kind."""
    if not path.exists():
        return
    with path.open("rb") as file:
        for text in file:
            line = _read(text)
            if line is not None:
                yield line


def _read(text: bytes) -> dict[str, Any] | None:
    """Parse the line; None unless it is complete and of a known kind."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if _is_known(line) else None


def _is_known(line: object) -> bool:
    return (
        isinstance(line, dict)
        and (line.get("what") in ENDS or line.get("what") in (PURGE, CASE_CODE, CASE_REDUCED, RESTORE))
        and isinstance(line.get("id"), str)
        and isinstance(line.get("at"), int)
        and isinstance(line.get("ended"), bool)
    )


def _file_of(session: Session) -> Path | None:
    kept = part_of(session, _Purged)
    return kept.path if kept else None


def _write(session: Session, lines: list[dict[str, Any]]) -> None:
    path = _file_of(session)
    if path is not None:
        append(path, lines)


STEP = EndingStep(Ending.REVOCATIONS, settle=_write)


def _collects(what: str) -> Callable[[Session, Any], None]:
    _, key, column = ENDS[what]

    def collect(session: Session, thing: Any) -> None:
        state = inspect(thing)
        if state.persistent and state.attrs[column].history.has_changes():
            ended = getattr(thing, column)
            line = {"at": ended or now_ms(), "what": what, "id": getattr(thing, key), "ended": ended is not None}
            note(session, line)

    return collect


for _what, (_table, _, _) in ENDS.items():
    watch(_table, _collects(_what))
