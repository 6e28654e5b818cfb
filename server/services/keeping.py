"""Judge a photo's file and keep it for the streams that name it, whatever way its bytes came (SPEC P-4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.db import reading, writing
from server.services import photos
from server.services.images import judge, thumb_key

StreamsOf = Callable[[Session], list[str]]
"""Ids of the streams that a photo is kept for, asked when it is: what held before its bytes may be over (L-7)."""


def store(path: Path, thumb: Path, streams_of: StreamsOf, sha256: str, blobs: Blobs) -> str | None:
    """The file, which has this hash, is kept, or its refusal is; the code of that. `thumb` is written on the way.

    A crash in between leaves a blob without a row: whoever has the bytes brings them again.
    """
    with reading() as session:
        streams_of(session)
    judged = judge(path, thumb)
    if judged.code is None:
        blobs.put(thumb_key(sha256), thumb)
        blobs.put(sha256, path)
    with writing() as session:
        photos.keep(session, streams_of(session), sha256, judged)
    return judged.code
