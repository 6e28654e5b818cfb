"""Partial uploads: create and find them, append bytes, take them in when complete, drop them when they expire.

    partial/<officer>.<sha256>         the bytes that came
    partial/<officer>.<sha256>-about   what its creation said: {"length": 250000, "metadata": "sha256 ZmY…"}

An upload exists when both files do. Temporary files beside them: `-thumb` (being made) and `-chunk` (being checked).

Bytes before a cut are kept, and bytes with a checksum are checked (SPEC P-5, P-9). Once an upload is complete it is
checked, stored and noted in the database (SPEC P-4, P-5). `state_of` is what the server may say of a hash to one
officer, before any byte of it is sent (SPEC P-3, P-6).
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core import atomic_files
from server.core.atomic_files import file_digest
from server.core.clock import now_ms
from server.core.db import reading
from server.core.problem_details import Problem
from server.models import Photo
from server.services.photos import photo_index
from server.services.photos.photo_index import StreamsOf, store
from server.services.units.scope import Scope
from sync.protocol import PHOTO_BYTES

PIECE: Final = 1024
"""gunicorn returns only full pieces; an unfinished one of a silent phone is lost, so pieces are small."""
ALGORITHMS: Final = ("sha1", "sha256")


class UploadBody(Protocol):
    """A request's body."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes; none at the end. Raises OSError if the sender is gone."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """The expected hash of the whole body. `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes


def pieces(body: UploadBody, most: int) -> Iterator[bytes]:
    """Yield the body in pieces until it ends, is cut or falls silent; everything that came before is yielded."""
    while most > 0:
        try:
            piece = body.read(min(PIECE, most))
        except OSError:
            return
        if not piece:
            return
        most -= len(piece)
        yield piece


def pour(body: UploadBody, file: FileIO, most: int) -> int:
    """Append at most `most` bytes of a body to the file; returns their number. Raises OSError."""
    poured = 0
    for piece in pieces(body, most):
        written = file.write(piece)
        poured += written
        if written < len(piece):  # a full disk writes what it can and raises nothing
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return poured


@contextmanager
def checked(body: UploadBody, checksum: Checksum, sibling: Path, most: int) -> Iterator[UploadBody]:
    """Yield the same bytes once all have come and the hash is right. Raises `checksum_mismatch`.

    They wait in a file of their own, because a crash would leave unchecked bytes in the upload. A cut body hashes
    wrong.
    """
    try:
        with FileIO(sibling, "w+") as file:
            pour(body, file, most)
            file.seek(0)
            if hashlib.file_digest(file, checksum.algorithm).digest() != checksum.digest:
                raise Problem("checksum_mismatch")
            file.seek(0)
            yield file
    finally:
        sibling.unlink(missing_ok=True)


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
            sibling(path, "-about").write_text(about, "utf-8")
            path.open("xb").close()
        with suppress(FileNotFoundError):  # a purge took it
            atomic_files.sync(sibling(path, "-about"))  # kept bytes count as an upload only beside it
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
        sibling(path, suffix).unlink(missing_ok=True)


def sibling(path: Path, suffix: str) -> Path:
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
        about = json.loads(sibling(path, "-about").read_text("utf-8"))
        return Upload(path, int(about["length"]), str(about["metadata"])) if path.exists() else None
    except (FileNotFoundError, ValueError):  # missing, or cut short by a crash
        return None


@dataclass(frozen=True, slots=True)
class UploadState:
    """`stream_ids`: the officer's streams that announced the hash. `kept_bytes`: its length if nothing need be sent.

    `code`: its bytes came and were refused, for good. Uploads to other streams do not count. `is_stored`: it is kept if
    its bytes are in the store.
    """

    stream_ids: list[str]
    kept_bytes: int | None = None
    code: str | None = None
    is_stored: bool = False


def state_of(session: Session, scope: Scope, sha256: str) -> UploadState:
    """The standing of a hash in the streams this officer may write to, by the database alone: see `there`."""
    ids, photo = photo_index.announced_streams(session, scope, sha256), session.get(Photo, sha256)
    if not ids or photo is None or not photo_index.is_held(session, ids, photo):
        return UploadState(ids)
    refusal = photo_index.refusal(session, ids, sha256)
    return UploadState(ids, photo.size_bytes, refusal, is_stored=photo.state != "refused")


def there(found: UploadState, sha256: str, blobs: Blobs) -> UploadState:
    """The standing by the store, too: after a restore the database may be newer than the photos.

    Call it outside of transactions: a slow store would hold the connections of all, and text needs them (G6).
    """
    return found if not found.is_stored or blobs.has(sha256) else UploadState(found.stream_ids)


def take(
    upload: Upload,
    offset: int,
    body: UploadBody,
    streams_of: StreamsOf,
    blobs: Blobs,
    checksum: Checksum | None = None,
    spend: Callable[[int], None] | None = None,
) -> int:
    """Append the body at `offset` and finish a complete upload; returns the new offset. Raises Problem.

    `spend` gets the bytes of a complete upload before it is checked; if it raises, the upload stays as it is.

    One lock covers both, so that nobody appends to an upload that is being checked, and no two requests check it.
    """
    try:
        with locked(upload) as file:
            at = _append(upload, file, offset, body, checksum)
            if at == upload.length:
                if spend is not None:
                    spend(upload.length)
                _finish(upload, streams_of, blobs)
            return at
    except Problem as problem:
        if problem.code == "not_found" and offset == upload.length and _is_kept(streams_of, upload.sha256, blobs):
            return offset  # there was nothing to append, and another connection finished it
        raise


def _append(upload: Upload, file: FileIO, offset: int, body: UploadBody, checksum: Checksum | None) -> int:
    """Append the body. Bytes before a cut stay, unless the body has a checksum."""
    at = file.seek(0, os.SEEK_END)
    if at != offset:
        raise Problem("offset_mismatch")
    left, chunk = upload.length - at, sibling(upload.path, "-chunk")
    with nullcontext(body) if checksum is None else checked(body, checksum, chunk, left + 1) as taken:
        try:
            pour(taken, file, left)
            at = file.tell()
            if at == upload.length and next(pieces(taken, 1), b""):
                raise Problem("photo_too_large")
        finally:
            os.fsync(file.fileno())
    return at


def _finish(upload: Upload, streams_of: StreamsOf, blobs: Blobs) -> None:
    """Check and store an upload whose bytes are complete. Raises Problem.

    A crash in between leaves the partial in place: the client asks again, and finishing is repeated.
    """
    try:
        if file_digest(upload.path) != upload.sha256:
            discard(upload)
            raise Problem("hash_mismatch")
        code = store(upload.path, sibling(upload.path, "-thumb"), streams_of, upload.sha256, blobs)
    except FileNotFoundError as error:
        with reading() as session:
            streams_of(session)  # a purge took it away, so this raises
        raise Problem("not_found") from error
    finally:
        tidy(upload)
    discard(upload)
    if code is not None:
        raise Problem(code)


def _is_kept(streams_of: StreamsOf, sha256: str, blobs: Blobs) -> bool:
    with reading() as session:
        return photo_index.is_kept(session, blobs, streams_of(session), sha256)
