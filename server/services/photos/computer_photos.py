"""Photos from a computer, made what the phone app makes of its own: 1,600 pixels, a thumbnail, JPEG without metadata.

PDF files stay as they are.

The record's write names them by the hashes of these small files. Bytes are stored before that write, and called held in
its transaction: a photo is never announced without its bytes. Then it is compared with others as any photo is.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.clock import ZONE, new_id, now_ms
from server.core.db import reading, writing
from server.core.problem_details import RETRY_AFTER_S, Problem, refuse_if
from server.decoding.limits import Decoding
from server.decoding.service import decode
from server.services.photos import garbage, images, photo_index
from server.services.photos.images import Judged, judge, thumb_key
from sync.protocol import (
    DOCUMENT_NAME_LENGTH,
    DOCUMENT_PREFIX,
    DOCUMENT_TYPE,
    PHOTO_BYTES,
    PHOTO_KEY_LENGTH,
    PHOTO_PREFIX,
)
from sync.text import normal
from sync.values import Scalar

LONGEST: Final = 1600
THUMB: Final = 320
QUALITY: Final = 80
"""As in pwa/src/photos/shrink.ts."""
FILE_BYTES: Final = 30 * 1024 * 1024
"""No camera's JPEG is larger."""
_HEIC: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
TRIES: Final = 3


class _DroppedError(Exception):
    """Bytes of photos were dropped since these were stored, perhaps the same ones."""


@dataclass(frozen=True, slots=True)
class _SmallFile:
    """A file to store under its hash, and the server's own thumbnail of it; a document has none."""

    sha256: str
    path: Path
    thumb: Path | None
    judged: Judged


@dataclass(frozen=True, slots=True)
class ComputerPhoto:
    """A photo or document that is ready to be added: its register, and the files that the register names."""

    value: dict[str, Scalar]
    files: tuple[_SmallFile, ...]

    @property
    def name(self) -> str:
        """Return the register's name (SPEC S-6, S-13)."""
        prefix = DOCUMENT_PREFIX if self.is_document else PHOTO_PREFIX
        return f"{prefix}{str(self.value['sha256'])[:PHOTO_KEY_LENGTH]}"

    @property
    def is_document(self) -> bool:
        """True for a PDF."""
        return self.value["type"] == DOCUMENT_TYPE


Name = Callable[[Session], tuple[str, Collection[ComputerPhoto]]]
"""Writes into a record what names the photos, under its stream's lock. Returns the stream's id, and which are new."""


def prepare(file: BinaryIO, folder: Path, at: int) -> ComputerPhoto:
    """Make a photo of an uploaded file; its small files are in the folder, for the caller to remove.

    `at`: when it was added, in ms: it stands for when it was taken where the camera does not say so (SPEC P-20).

    Raises Problem: `photo_file_too_large`, `photo_heic`, `photo_pdf`, `not_an_image`, `image_too_large`,
    `image_too_small`; OSError for a full disk.
    """
    _check(file)
    full, thumb = folder / new_id(), folder / new_id()
    taken = decode(Decoding.COMPUTER_PHOTO, [file], [full, thumb], sides=[LONGEST, THUMB], quality=QUALITY)
    taken_at = _taken_at(str(taken))
    files = tuple(_small(path, folder) for path in (full, thumb))
    value: dict[str, Scalar] = {
        "sha256": files[0].sha256,
        "size_bytes": files[0].judged.size_bytes,
        "width": files[0].judged.width,
        "height": files[0].judged.height,
        "type": "image/jpeg",
        "thumb_sha256": files[1].sha256,
        "thumb_size_bytes": files[1].judged.size_bytes,
        "taken_at": min(taken_at or at, now_ms()),
        "source": "gallery",
    }
    if taken_at is None:
        value["undated"] = True
    return ComputerPhoto(value, files)


def prepare_document(file: BinaryIO, folder: Path, name: str) -> ComputerPhoto:
    """Make a document of an uploaded file, as it is (SPEC P-17); `name` is what it is called.

    Raises Problem: `document_empty`, `document_too_large`, and the codes of P-18; OSError for a full disk.
    """
    size = file.seek(0, 2)
    file.seek(0)
    refuse_if(not 0 < size <= PHOTO_BYTES, "document_too_large" if size else "document_empty")
    path = folder / new_id()
    with path.open("xb") as copy:
        shutil.copyfileobj(file, copy)
    judged = images.judge_document(path) if images.is_pdf(path) else Judged(size, code=images.NOT_PDF)
    if judged.code is not None:
        raise Problem(judged.code)
    made = _SmallFile(file_digest(path), path, None, judged)
    value: dict[str, Scalar] = {
        "sha256": made.sha256,
        "size_bytes": size,
        "type": DOCUMENT_TYPE,
        "name": normal(name)[:DOCUMENT_NAME_LENGTH] or "van-ban.pdf",
        "added_at": now_ms(),
    }
    return ComputerPhoto(value, (made,))


def _check(file: BinaryIO) -> None:
    """Say by its first bytes what a file is that is often taken for a photo."""
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(16)
    file.seek(0)
    refuse_if(head.startswith(b"%PDF"), "photo_pdf")
    refuse_if(head[4:8] == b"ftyp" and head[8:12] in _HEIC, "photo_heic")
    refuse_if(size > FILE_BYTES, "photo_file_too_large")


def _taken_at(text: str) -> int | None:
    """Return when the camera says that it took the photo, in ms; None if it does not. A camera's clock has no zone."""
    try:
        said = datetime.strptime(text, "%Y:%m:%d %H:%M:%S").replace(tzinfo=ZONE)
    except ValueError:
        return None
    return int(said.timestamp() * 1000) if said.year > 1990 else None


def _small(path: Path, folder: Path) -> _SmallFile:
    thumb = folder / new_id()
    judged = judge(path, thumb)
    if judged.code is not None or judged.type != "image/jpeg":
        raise Problem(judged.code or images.NOT_IMAGE)
    return _SmallFile(file_digest(path), path, thumb, judged)


def add(photos: Collection[ComputerPhoto], blobs: Blobs, name: Name) -> int:
    """Store the bytes, then call them held in the transaction of the write that names them. Returns how many are new.

    That transaction asks the store nothing, however slow it is. A purge elsewhere may have dropped the same bytes since
    they were stored; then all of it is done again. Raises what `name` raises, without bytes left that no record names;
    Problem `unavailable`; OSError.
    """
    try:
        for _ in range(TRIES):
            with reading() as session:
                before = garbage.last_drop(session)
            put(photos, blobs)
            with suppress(_DroppedError):
                with writing() as session:
                    held = _held(session, name, before)
                _put_back(photos, blobs)
                return held
    except Problem:
        with writing() as session:
            garbage.drop(session, [file.sha256 for photo in photos for file in photo.files], blobs)
        raise
    raise Problem("unavailable", retry_after_s=RETRY_AFTER_S)


def put(photos: Iterable[ComputerPhoto], blobs: Blobs) -> None:
    """Store the bytes, before the write that names them. Raises OSError."""
    for file in (file for photo in photos for file in photo.files):
        if file.thumb is not None:
            blobs.put(thumb_key(file.sha256), file.thumb)
        blobs.put(file.sha256, file.path)


def _put_back(photos: Iterable[ComputerPhoto], blobs: Blobs) -> None:
    """A purge that dropped them and failed has left no word."""
    for file in (file for photo in photos for file in photo.files):
        if file.thumb is not None:
            garbage.put_back(blobs, thumb_key(file.sha256), file.thumb)
        garbage.put_back(blobs, file.sha256, file.path)


def _held(session: Session, name: Name, before: str) -> int:
    stream_id, new = name(session)
    garbage.keep_bytes(session)
    if garbage.last_drop(session) != before:
        raise _DroppedError
    for file in (file for photo in new for file in photo.files):
        photo_index.keep(session, [stream_id], file.sha256, file.judged)
    return len(new)
