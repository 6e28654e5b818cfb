"""Check the file of a photo or document and store it for the streams that name it, however it came (SPEC P-4, P-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.db import reading, writing
from server.core.points import Point
from server.core.problem_details import Problem
from server.services.photos import garbage, images, photo_index
from server.services.photos.images import Judged, judge, thumb_key
from server.services.records import streams

VERIFIED: Final[Point[Callable[[Session, str], None]]] = Point()
"""Called with the hash of a photo that came and was judged, also again, in the transaction that keeps it."""
StreamsOf = Callable[[Session], list[str]]
"""Returns the ids of the streams to store a photo for. Called when it is stored: rights may have ended since (L-7).

Raises Problem if there is none.
"""


def store(path: Path, thumb: Path, streams_of: StreamsOf, sha256: str, blobs: Blobs) -> str | None:
    """Store the file with this hash, or its refusal. Returns the refusal's code. Writes `thumb` on the way.

    A crash in between leaves a blob without a row: the client sends the bytes again. Raises Problem as `streams_of`
    does, or FileNotFoundError if a purge took the file away. No unreferenced bytes stay (L-11).
    """
    with reading() as session:
        streams_of(session)
    is_pdf = images.is_pdf(path)
    judged = images.judge_document(path) if is_pdf else judge(path, thumb)
    sources = {} if judged.code else {sha256: path} if is_pdf else {thumb_key(sha256): thumb, sha256: path}
    try:
        with suppress(FileNotFoundError):  # a purge took them meanwhile: see below
            for key, source in sources.items():
                blobs.put(key, source)
        with writing() as session:
            return _keep(session, streams_of, sha256, judged, blobs, sources)
    except (Problem, FileNotFoundError):
        with writing() as session:
            garbage.drop(session, [sha256], blobs)  # their record was purged meanwhile
        raise


def _keep(
    session: Session,
    streams_of: StreamsOf,
    sha256: str,
    judged: Judged,
    blobs: Blobs,
    sources: Mapping[str, Path],
) -> str | None:
    """Ask for the streams again behind the locks: a purge in one of them held its lock until it was done.

    A purge of another record may have dropped the bytes since they were stored, while no record here named them.
    Returns the code with which these streams are refused the file.
    """
    locked = streams.lock(session, streams_of(session))
    theirs = locked.keys() & set(streams_of(session))
    garbage.vouch(session)
    for key, source in sources.items():
        if not blobs.has(key):
            blobs.put(key, source)
    photo_index.keep(session, theirs, sha256, judged)
    for _, tell in VERIFIED.named():
        tell(session, sha256)
    return photo_index.refusal(session, theirs, sha256)
