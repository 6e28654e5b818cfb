"""Bytes in: partial uploads in a folder, one file for each (officer, hash), finished by hash (SPEC P-2 to P-6).

The offset *is* the file's length, so it cannot disagree with what was kept. No database connection is held while a
body is read: slow phones would empty the pool.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO, FileIO
from pathlib import Path
from typing import Protocol

from werkzeug.exceptions import ClientDisconnected

from server.blobs import Blobs
from server.db import reading, writing
from server.problems import Problem
from server.services import photos
from server.services.images import judge, sha256_of, thumb_key
from sync.protocol import PHOTO_BYTES

PIECE = 1024
"""gunicorn hands over whole pieces only; what a silent phone sent of an unfinished one is lost, so they are small."""


class Body(Protocol):
    """A request's body."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at its end."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A partial upload. `length` is what was announced at its creation."""

    path: Path
    length: int

    @property
    def offset(self) -> int:
        """Bytes kept so far. Raises `not_found` when it was finished or dropped meanwhile."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError as error:
            raise Problem("not_found") from error


class Partials:
    """The folder of partial uploads. An upload is there when its bytes and its `-length` are."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, officer_id: str, sha256: str) -> Upload | None:
        """The upload of this officer and hash, or None."""
        path = self._folder / f"{officer_id}.{sha256}"
        length = _length(path)
        return Upload(path, length) if length is not None and path.exists() else None

    def create(self, officer_id: str, sha256: str, length: int) -> Upload:
        """The upload, as it stands when it was begun before. Raises Problem for a length that cannot be.

        Announced with another length it begins anew in a new file: whoever has the old one open writes to nothing.
        """
        if not 0 < length <= PHOTO_BYTES:
            raise Problem("photo_too_large")
        path = self._folder / f"{officer_id}.{sha256}"
        with _alone(self._folder):
            known = self.find(officer_id, sha256)
            if known is not None and known.length == length:
                return known
            with nullcontext() if known is None else _locked(known):
                _remove(path)
            _beside(path, "-length").write_text(str(length), "ascii")
            path.open("xb").close()
        return Upload(path, length)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """For the moment in which files are made or removed: no process does so beside this one."""
    with (folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _locked(upload: Upload) -> Iterator[FileIO]:
    """The partial file, locked against threads and processes. Raises `upload_locked` when it is being written.

    Raises `not_found` when it is gone, also when that, or a beginning anew, happened before the lock was had.
    """
    try:
        file = upload.path.open("r+b", buffering=0)  # a mode that never makes a file
    except FileNotFoundError as error:
        raise Problem("not_found") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem("upload_locked") from error
        if not _is_still(upload, file):
            raise Problem("not_found")
        yield file


def _is_still(upload: Upload, file: FileIO) -> bool:
    try:
        same = os.path.samestat(upload.path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
    return same and _length(upload.path) == upload.length


def take(upload: Upload, offset: int, body: Body, stream_ids: list[str], sha256: str, blobs: Blobs) -> int:
    """Take the body behind `offset` and finish what is whole; returns the new offset. Raises Problem.

    One lock holds over both, so that no one adds to what is being judged, and no two judge.
    """
    try:
        with _locked(upload) as file:
            at = _append(upload, file, offset, body)
            if at == upload.length:
                _finish(upload, stream_ids, sha256, blobs)
            return at
    except Problem as problem:
        if problem.row.code == "not_found" and offset == upload.length and _is_kept(stream_ids, sha256, blobs):
            return offset  # nothing was to be added, and another connection finished it
        raise


def append(upload: Upload, offset: int, body: Body) -> int:
    """Take the body behind `offset` and leave it at that."""
    with _locked(upload) as file:
        return _append(upload, file, offset, body)


def finish(upload: Upload, stream_ids: list[str], sha256: str, blobs: Blobs) -> None:
    """Finish an upload all bytes of which are there. Raises Problem."""
    take(upload, upload.length, BytesIO(), stream_ids, sha256, blobs)


def _append(upload: Upload, file: FileIO, offset: int, body: Body) -> int:
    """What came before a cut stays."""
    at = file.seek(0, os.SEEK_END)
    if at != offset:
        raise Problem("offset_mismatch")
    try:
        for piece in _pieces(body, upload.length - at):
            written = file.write(piece)
            at += written
            if written < len(piece):  # a full disk takes what it can without a word
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if at == upload.length and next(_pieces(body, 1), b""):
            raise Problem("photo_too_large")
    finally:
        os.fsync(file.fileno())
    return at


def _pieces(body: Body, most: int) -> Iterator[bytes]:
    """The body in pieces until it ends, is cut or falls silent; all that came before is given."""
    while most > 0:
        try:
            piece = body.read(min(PIECE, most))
        except (OSError, ClientDisconnected):
            return
        if not piece:
            return
        most -= len(piece)
        yield piece


def _finish(upload: Upload, stream_ids: list[str], sha256: str, blobs: Blobs) -> None:
    """All bytes are there: judge them, store the blob, then say so in the database. Raises Problem.

    A crash in between leaves a blob without a row and the partial in place: the phone asks, and finishing is done
    again.
    """
    if sha256_of(upload.path) != sha256:
        _discard(upload)
        raise Problem("hash_mismatch")
    code = store(upload.path, _beside(upload.path, "-thumb"), stream_ids, sha256, blobs)
    _discard(upload)
    if code is not None:
        raise Problem(code)


def store(path: Path, thumb: Path, stream_ids: list[str], sha256: str, blobs: Blobs) -> str | None:
    """Judge a file of this hash and keep it for these streams; the code of a refusal. `thumb` is written on the way."""
    judged = judge(path, thumb)
    if judged.code is None:
        blobs.put(thumb_key(sha256), thumb)
        blobs.put(sha256, path)
    with writing() as session:
        photos.keep(session, stream_ids, sha256, judged)
    return judged.code


def _is_kept(stream_ids: list[str], sha256: str, blobs: Blobs) -> bool:
    with reading() as session:
        return photos.is_kept(session, blobs, stream_ids, sha256)


def _discard(upload: Upload) -> None:
    """Drop a partial upload that is locked."""
    with _alone(upload.path.parent):
        _remove(upload.path)


def _remove(path: Path) -> None:
    for suffix in ("", "-length", "-thumb"):  # the bytes first: a length alone is no upload, bytes alone were one
        _beside(path, suffix).unlink(missing_ok=True)


def _length(path: Path) -> int | None:
    try:
        return int(_beside(path, "-length").read_text("ascii"))
    except (FileNotFoundError, ValueError):
        return None


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
