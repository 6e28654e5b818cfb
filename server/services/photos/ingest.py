"""Judge a photo's file and keep it for the streams that name it, whatever way its bytes came (SPEC P-4, P-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.services.photos import garbage, garbage_lock, photo_index
from server.services.photos.images import Judged, judge, thumb_key
from server.services.records import streams

StreamsOf = Callable[[Session], list[str]]
"""Ids of the streams that a photo is kept for, asked when it is: what held before its bytes may be over (L-7).

Raises Problem where it is kept for none.
"""


def store(path: Path, thumb: Path, streams_of: StreamsOf, sha256: str, blobs: Blobs) -> str | None:
    """The file, which has this hash, is kept, or its refusal is; the code of that. `thumb` is written on the way.

    A crash in between leaves a blob without a row: whoever has the bytes brings them again. Raises Problem as
    `streams_of` does, or FileNotFoundError where a purge took the file away; nothing stays that nobody names (L-11).
    """
    with reading() as session:
        streams_of(session)
    judged = judge(path, thumb)
    sources = {thumb_key(sha256): thumb, sha256: path} if judged.code is None else {}
    try:
        with suppress(FileNotFoundError):  # a purge took them on the way: see below
            for key, source in sources.items():
                blobs.put(key, source)
        with writing() as session:
            _keep(session, streams_of, sha256, judged, blobs, sources)
    except (Problem, FileNotFoundError):
        with writing() as session:
            garbage.drop(session, [sha256], blobs)  # they came for a record that was purged meanwhile
        raise
    return judged.code


def _keep(
    session: Session,
    streams_of: StreamsOf,
    sha256: str,
    judged: Judged,
    blobs: Blobs,
    sources: Mapping[str, Path],
) -> None:
    """Asked once more behind the locks, which a purge of one of these streams' records held until it was done.

    A purge of another's may have dropped the bytes since they were put, when nobody here named them yet.
    """
    locked = streams.lock(session, streams_of(session))
    theirs = locked.keys() & set(streams_of(session))
    garbage_lock.vouch(session)
    for key, source in sources.items():
        if not blobs.has(key):
            blobs.put(key, source)
    photo_index.keep(session, theirs, sha256, judged)
