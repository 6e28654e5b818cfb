"""Bytes in: partial uploads in a folder, one file for each (officer, hash), finished by hash (SPEC P-2 to P-6).

The offset *is* the file's length, so it cannot disagree with what was kept. No database connection is held while a
body is read: slow phones would empty the pool.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from werkzeug.exceptions import ClientDisconnected

from server.blobs import Blobs
from server.db import writing
from server.problems import Problem
from server.services import photos
from server.services.images import Judged, judge, sha256_of, thumb_key
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
        """Bytes kept so far."""
        return self.path.stat().st_size


class Partials:
    """The folder of partial uploads."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when missing; it must be on the filesystem of the blobs."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def find(self, officer_id: str, sha256: str) -> Upload | None:
        """The upload of this officer and hash, or None."""
        path = self._folder / f"{officer_id}.{sha256}"
        try:
            return Upload(path, int(_beside(path, "-length").read_text("ascii")))
        except (FileNotFoundError, ValueError):
            return None

    def create(self, officer_id: str, sha256: str, length: int) -> Upload:
        """The upload, as it stands when it was begun before. Raises Problem for a length that cannot be."""
        if not 0 < length <= PHOTO_BYTES:
            raise Problem("photo_too_large")
        known = self.find(officer_id, sha256)
        if known is not None and known.length == length:
            return known
        path = self._folder / f"{officer_id}.{sha256}"
        path.write_bytes(b"")
        _beside(path, "-length").write_text(str(length), "ascii")
        return Upload(path, length)


@contextmanager
def _locked(upload: Upload) -> Iterator[BinaryIO]:
    """The partial file, locked against other processes; 423 when another connection is writing it."""
    try:
        file = upload.path.open("ab", buffering=0)
    except FileNotFoundError as error:
        raise Problem("not_found") from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Problem("upload_locked") from error
        yield file


def append(upload: Upload, offset: int, body: Body) -> int:
    """Take the body behind `offset`; returns the new offset. What came before a cut stays."""
    with _locked(upload) as file:
        at = file.seek(0, os.SEEK_END)
        if at != offset:
            raise Problem("offset_mismatch")
        try:
            for piece in _pieces(body, upload.length - at):
                file.write(piece)
                at += len(piece)
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


def finish(upload: Upload, stream_ids: list[str], sha256: str, blobs: Blobs) -> Judged:
    """All bytes are there: judge them, store the blob, then say so in the database. Raises Problem.

    A crash in between leaves a blob without a row and the partial in place: the phone asks, and finishing is done
    again.
    """
    with _locked(upload):
        if sha256_of(upload.path) != sha256:
            discard(upload)
            raise Problem("hash_mismatch")
        thumb = _beside(upload.path, "-thumb")
        judged = judge(upload.path, thumb)
        if judged.code is None:
            blobs.put(thumb_key(sha256), thumb)
            blobs.put(sha256, upload.path)
        with writing() as session:
            photos.keep(session, stream_ids, sha256, judged)
        discard(upload)
    if judged.code is not None:
        raise Problem(judged.code)
    return judged


def discard(upload: Upload) -> None:
    """Drop a partial upload."""
    for suffix in ("-length", "-thumb", ""):
        _beside(upload.path, suffix).unlink(missing_ok=True)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
