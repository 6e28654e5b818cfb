"""The folder of partial uploads: begun, found again, dropped when their time is over.

    partial/<officer>.<sha256>         the bytes that came
    partial/<officer>.<sha256>-about   what its creation said: {"length": 250000, "metadata": "sha256 ZmY…"}

An upload is there when both are. Beside them, for a moment, `-thumb` (being judged) and `-chunk` (being checked).
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
"""A partial upload to which nothing was added for so long is dropped (P-10)."""
OPEN: Final = 700
OPEN_BYTES: Final = 1024**3
"""Uploads that one officer may have begun, and what all of them may come to: reckoned in services/access/quotas.py."""
SUFFIXES: Final = ("", "-about", "-thumb", "-chunk")
"""The bytes first: the rest alone is no upload, bytes alone were one."""
FILE: Final = re.compile(rf"(.+\.([0-9a-f]{{64}}))({'|'.join(SUFFIXES)})")
"""The name of any of these: which upload's, and its hash."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A partial upload: its bytes are at `path`, `length` and `metadata` are what its creation said."""

    path: Path
    length: int
    metadata: str = ""

    @property
    def sha256(self) -> str:
        """What all its bytes must hash to."""
        return self.path.name.rpartition(".")[2]

    @property
    def offset(self) -> int:
        """Bytes kept so far. Raises `not_found` when it was finished or dropped meanwhile."""
        return self._stat().st_size

    @property
    def expires_at(self) -> int:
        """When it is dropped unless more comes, in milliseconds. Raises `not_found` likewise."""
        return self._stat().st_mtime_ns // 1_000_000 + EXPIRES_MS

    def _stat(self) -> os.stat_result:
        try:
            return self.path.stat()
        except FileNotFoundError as error:
            raise Problem("not_found") from error


def check_length(length: int) -> None:
    """Raise Problem for a length that cannot be."""
    if not 0 < length <= PHOTO_BYTES:
        raise Problem("photo_too_large")


class Partials:
    """The folder. Safe between threads and processes."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        self.folder = folder
        atomic_files.make(folder)

    def find(self, officer_id: str, sha256: str) -> Upload | None:
        """The upload of this officer and hash; None also when its time is over, swept or not."""
        upload = _upload(self.folder / f"{officer_id}.{sha256}")
        try:
            return upload if upload is not None and upload.expires_at > now_ms() else None
        except Problem:
            return None

    def create(self, officer_id: str, sha256: str, length: int, metadata: str = "") -> Upload:
        """The upload, as it stands when it was begun before. Raises Problem for a length that cannot be.

        Announced with another length it begins anew in a new file: whoever has the old one open writes to nothing.
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
            atomic_files.sync(beside(path, "-about"))  # bytes that are kept are an upload only beside it
            atomic_files.sync(self.folder)
        return Upload(path, length, metadata)

    def _check_room(self, officer_id: str, length: int) -> None:
        """Raise `device_quota` where one more upload of this officer would be too much."""
        with os.scandir(self.folder) as entries:
            names = (FILE.fullmatch(entry.name) for entry in entries if entry.name.startswith(f"{officer_id}."))
            bases = [name[1] for name in names if name and not name[3]]
        begun = [upload for base in bases if (upload := _upload(self.folder / base))]
        if len(begun) >= OPEN or sum(upload.length for upload in begun) + length > OPEN_BYTES:
            raise Problem("device_quota", headers={"Retry-After": "600"})

    def forget(self, hashes: Iterable[str]) -> None:
        """Drop whatever anybody began of these; who is sending it finds it gone.

        By each of its files: a crash while it was removed may have left the last of them.
        """
        gone = set(hashes)
        names = (FILE.fullmatch(path.name) for path in list(self.folder.iterdir()) if gone)
        for base in {name[1] for name in names if name and name[2] in gone}:
            with alone(self.folder):
                remove(self.folder / base)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """For the moment in which files are made or removed: no process does so beside this one."""
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def locked(upload: Upload) -> Iterator[FileIO]:
    """The partial file, locked against threads and processes. Raises `upload_locked` when it is being written.

    Raises `not_found` when it is gone, also when that, or a beginning anew, happened before the lock was had.
    """
    with locked_file(upload.path) as file:
        if not _is_still(upload, file):
            raise Problem("not_found")
        yield file


@contextmanager
def locked_file(path: Path) -> Iterator[FileIO]:
    """The same for bytes of which it does not matter whose they are."""
    try:
        file = path.open("r+b", buffering=0)  # a mode that never makes a file
    except FileNotFoundError as error:
        raise Problem("not_found") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem("upload_locked") from error
        yield file


def drop(upload: Upload) -> None:
    """End an upload that is not whole (P-11). Raises `upload_locked` while it is being written."""
    with locked(upload):
        discard(upload)


def discard(upload: Upload) -> None:
    """Drop a partial upload that is locked."""
    with alone(upload.path.parent):
        remove(upload.path)


def tidy(upload: Upload) -> None:
    """Remove what was being made beside an upload that is gone, unless it was begun anew meanwhile."""
    if not upload.path.exists():
        with alone(upload.path.parent):
            if not upload.path.exists():
                remove(upload.path)


def remove(path: Path) -> None:
    """Remove all files of an upload, while `alone`."""
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
    except (FileNotFoundError, ValueError):  # not there, or cut short by a crash
        return None
