"""Bytes behind those that are there; and once all are: judged, stored, said so in the database (SPEC P-4, P-5)."""

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
from server.services.photos.uploads.bodies import Body, Checksum, checked, pieces, pour
from server.services.photos.uploads.partials import Upload, beside, discard, locked, tidy


def take(
    upload: Upload,
    offset: int,
    body: Body,
    streams_of: StreamsOf,
    blobs: Blobs,
    checksum: Checksum | None = None,
    spend: Callable[[int], None] | None = None,
) -> int:
    """Take the body behind `offset` and finish what is whole; returns the new offset. Raises Problem.

    `spend` is told the bytes of what is whole, before it is judged; what it raises leaves the upload as it is.

    One lock holds over both, so that no one adds to what is being judged, and no two judge.
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
        if problem.row.code == "not_found" and offset == upload.length and _is_kept(streams_of, upload.sha256, blobs):
            return offset  # nothing was to be added, and another connection finished it
        raise


def _append(upload: Upload, file: FileIO, offset: int, body: Body, checksum: Checksum | None) -> int:
    """What came before a cut stays, unless it was to be checked."""
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
    """All bytes are there: judge and keep them. Raises Problem.

    A crash in between leaves the partial in place: the phone asks, and finishing is done again.
    """
    try:
        if sha256_of(upload.path) != upload.sha256:
            discard(upload)
            raise Problem("hash_mismatch")
        code = store(upload.path, beside(upload.path, "-thumb"), streams_of, upload.sha256, blobs)
    except FileNotFoundError as error:
        with reading() as session:
            streams_of(session)  # a purge took it away, and this says so
        raise Problem("not_found") from error
    finally:
        tidy(upload)
    discard(upload)
    if code is not None:
        raise Problem(code)


def _is_kept(streams_of: StreamsOf, sha256: str, blobs: Blobs) -> bool:
    with reading() as session:
        return photo_index.is_kept(session, blobs, streams_of(session), sha256)
