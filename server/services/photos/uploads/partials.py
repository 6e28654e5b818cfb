"""The folder of partial uploads: create, find and drop them when they expire.

    partial/<officer>.<sha256>         the bytes that came
    partial/<officer>.<sha256>-about   what its creation said: {"length": 250000, "metadata": "sha256 ZmY…"}

An upload exists when both files do. Temporary files beside them: `-thumb` (being made) and `-chunk` (being checked).
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final

from server.core import atomic_files
from server.core.clock import now_ms
from server.core.problem_details import Problem
from sync.protocol import PHOTO_BYTES

EXPIRES_MS: Final = 7 * 24 * 3600 * 1000
"""A partial upload that got no bytes for so long is dropped (P-5)."""
OPEN: Final = 700
OPEN_BYTES: Final = 1024**3
"""Limits per officer: open uploads, and their bytes in all; calculated in services/access/devices.py."""
SUFFIXES: Final = ("", "-about", "-thumb", "-chunk")
"""The order of removal. The bytes go first: bytes alone would count as an upload, the other files do not."""
FILE: Final = re.compile(rf"(.+\.([0-9a-f]{{64}}))({'|'.join(SUFFIXES)})")
"""The name of any of these files: the upload's name, and its hash."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A partial upload: its bytes are at `path`; its creation gave `length` and `metadata`."""

    path: Path
    length: int
    metadata: str = ""

    @property
    def sha256(self) -> str:
        """The expected hash of all its bytes."""
        return self.path.name.rpartition(".")[2]

    @property
    def offset(self) -> int:
        """Bytes kept so far. Raises `not_found` if it was finished or dropped meanwhile."""
        return self._stat().st_size

    @property
    def expires_at(self) -> int:
        """When it expires unless more bytes come, in milliseconds. Raises `not_found` likewise."""
        return self._stat().st_mtime_ns // 1_000_000 + EXPIRES_MS

    def _stat(self) -> os.stat_result:
        try:
            return self.path.stat()
        except FileNotFoundError as error:
            raise Problem("not_found") from error


def check_length(length: int) -> None:
    """Raise Problem for an impossible length."""
    if not 0 < length <= PHOTO_BYTES:
        raise Problem("photo_too_large")


class Partials:
    """The folder. Safe between threads and processes."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        self.folder = folder
        atomic_files.make(folder)

    def find(self, officer_id: str, sha256: str) -> Upload | None:
        """The upload of this officer and hash; None also if it has expired, swept or not."""
        upload = _upload(self.folder / f"{officer_id}.{sha256}")
        try:
            return upload if upload is not None and upload.expires_at > now_ms() else None
        except Problem:
            return None

    def create(self, officer_id: str, sha256: str, length: int, metadata: str = "") -> Upload:
        """Create the upload, or return the one begun before. Raises Problem for an impossible length.

        Created with another length it begins anew in a new file; a request that has the old file open writes in vain.
        """
        check_length(length)
        path = self.folder / f"{officer_id}.{sha256}"
        with alone(self.folder):
            known = self.find(officer_id, sha256)
            if known is not None and known.length == length:
                return known
            with nullcontext() if known is None else locked(known):
                remove(path)
            self._check_room(officer_id, length)
            about = json.dumps({"length": length, "metadata": metadata})
            beside(path, "-about").write_text(about, "utf-8")
            path.open("xb").close()
        with suppress(FileNotFoundError):  # a purge took it
            atomic_files.sync(beside(path, "-about"))  # kept bytes count as an upload only beside it
            atomic_files.sync(self.folder)
        return Upload(path, length, metadata)

    def _check_room(self, officer_id: str, length: int) -> None:
        """Raise `device_quota` if one more upload of this officer would be too much."""
        with os.scandir(self.folder) as entries:
            names = (FILE.fullmatch(entry.name) for entry in entries if entry.name.startswith(f"{officer_id}."))
            bases = [name[1] for name in names if name and not name[3]]
        begun = [upload for base in bases if (upload := _upload(self.folder / base))]
        if _is_full(begun, length):  # expired ones go only now: most calls need not ask for each one's age
            begun = [upload for upload in begun if not _dropped_expired(upload)]
        if _is_full(begun, length):
            raise Problem("device_quota", retry_after_s=600)

    def forget(self, hashes: Iterable[str]) -> None:
        """Drop all uploads of these hashes, whoever began them; a request that is sending one finds it gone.

        Looks for each of its files: a crash during removal may have left only the last of them.
        """
        gone = set(hashes)
        names = (FILE.fullmatch(path.name) for path in list(self.folder.iterdir()) if gone)
        for base in {name[1] for name in names if name and name[2] in gone}:
            with alone(self.folder):
                remove(self.folder / base)


def _is_full(begun: list[Upload], length: int) -> bool:
    return len(begun) >= OPEN or sum(upload.length for upload in begun) + length > OPEN_BYTES


def _dropped_expired(upload: Upload) -> bool:
    """Drop an expired upload that nobody is writing; call it inside `alone`. Returns False if it stays."""
    try:
        if upload.expires_at > now_ms():
            return False
        with locked(upload):
            remove(upload.path)
    except Problem as problem:
        return problem.code == "not_found"
    return True


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lock the folder against other processes while files are created or removed."""
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def locked(upload: Upload) -> Iterator[FileIO]:
    """The partial file, locked against threads and processes. Raises `upload_locked` when it is being written.

    Raises `not_found` if it is gone, also if it was dropped or begun anew before the lock was taken.
    """
    with locked_file(upload.path) as file:
        if not _is_still(upload, file):
            raise Problem("not_found")
        yield file


@contextmanager
def locked_file(path: Path) -> Iterator[FileIO]:
    """Like `locked()`, without the ownership check."""
    try:
        file = path.open("r+b", buffering=0)  # a mode that never creates a file
    except FileNotFoundError as error:
        raise Problem("not_found") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem("upload_locked") from error
        yield file


def drop(upload: Upload) -> None:
    """Drop an incomplete upload (P-11). Raises `upload_locked` while it is being written."""
    with locked(upload):
        discard(upload)


def discard(upload: Upload) -> None:
    """Drop a partial upload whose lock is held."""
    with alone(upload.path.parent):
        remove(upload.path)


def tidy(upload: Upload) -> None:
    """Remove the temporary files of an upload that is gone, unless it was begun anew meanwhile."""
    if not upload.path.exists():
        with alone(upload.path.parent):
            if not upload.path.exists():
                remove(upload.path)


def remove(path: Path) -> None:
    """Remove all files of an upload; call it inside `alone`."""
    for suffix in SUFFIXES:
        beside(path, suffix).unlink(missing_ok=True)


def beside(path: Path, suffix: str) -> Path:
    """The file of an upload with this suffix."""
    return path.with_name(path.name + suffix)


def _is_still(upload: Upload, file: FileIO) -> bool:
    try:
        same = os.path.samestat(upload.path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
    return same and _upload(upload.path) == upload


def _upload(path: Path) -> Upload | None:
    try:
        about = json.loads(beside(path, "-about").read_text("utf-8"))
        return Upload(path, int(about["length"]), str(about["metadata"])) if path.exists() else None
    except (FileNotFoundError, ValueError):  # missing, or cut short by a crash
        return None
