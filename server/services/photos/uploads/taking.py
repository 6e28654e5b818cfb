"""Append bytes to an upload; once it is complete, check it, store it and note it in the database (SPEC P-4, P-5)."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import nullcontext
from io import FileIO

from server.blobs import Blobs
from server.core.db import reading
from server.core.problem_details import Problem
from server.services.photos import photo_index
from server.services.photos.images import sha256_of
from server.services.photos.ingest import StreamsOf, store
from server.services.photos.uploads.bodies import Checksum, UploadBody, checked, pieces, pour
from server.services.photos.uploads.partials import Upload, beside, discard, locked, tidy


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
    left, chunk = upload.length - at, beside(upload.path, "-chunk")
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
        if sha256_of(upload.path) != upload.sha256:
            discard(upload)
            raise Problem("hash_mismatch")
        code = store(upload.path, beside(upload.path, "-thumb"), streams_of, upload.sha256, blobs)
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
