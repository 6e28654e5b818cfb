"""A request's body: what came before a cut is kept, and what came with a checksum is checked (SPEC P-5, P-9)."""

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

from werkzeug.exceptions import ClientDisconnected

from server.core.problem_details import Problem

PIECE: Final = 1024
"""gunicorn hands over whole pieces only; what a silent phone sent of an unfinished one is lost, so they are small."""
ALGORITHMS: Final = ("sha1", "sha256")


class Body(Protocol):
    """A request's body."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at its end."""


@dataclass(frozen=True, slots=True)
class Checksum:
    """What the whole of a body must hash to. `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes


def pieces(body: Body, most: int) -> Iterator[bytes]:
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


def pour(body: Body, file: FileIO, most: int) -> int:
    """Write at most so many bytes of a body behind what the file has; returns their number. Raises OSError."""
    poured = 0
    for piece in pieces(body, most):
        written = file.write(piece)
        poured += written
        if written < len(piece):  # a full disk takes what it can without a word
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return poured


@contextmanager
def checked(body: Body, checksum: Checksum, beside: Path, most: int) -> Iterator[Body]:
    """The same bytes once all of them came and hash right; kept in a file until then. Raises `checksum_mismatch`.

    Not in the upload itself: a crash would leave bytes there that nobody checked. A body that was cut hashes wrong.
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
