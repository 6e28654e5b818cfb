"""An upload's request body: bytes before a cut are kept, and bytes with a checksum are checked (SPEC P-5, P-9)."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Final, Protocol

from server.core.problem_details import Problem

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
def checked(body: UploadBody, checksum: Checksum, beside: Path, most: int) -> Iterator[UploadBody]:
    """Yield the same bytes once all have come and the hash is right. Raises `checksum_mismatch`.

    They wait in a file of their own, because a crash would leave unchecked bytes in the upload. A cut body hashes
    wrong.
    """
    try:
        with FileIO(beside, "w+") as file:
            pour(body, file, most)
            file.seek(0)
            if hashlib.file_digest(file, checksum.algorithm).digest() != checksum.digest:
                raise Problem("checksum_mismatch")
            file.seek(0)
            yield file
    finally:
        beside.unlink(missing_ok=True)
