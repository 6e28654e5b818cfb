"""What the server may say of a hash to one officer, before any byte of it is sent (SPEC P-3, P-6)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import Photo
from server.services.photos import photo_index
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class UploadState:
    """`stream_ids`: the officer's streams that announced the hash. `kept_bytes`: its length if nothing need be sent.

    `code`: its bytes came and were refused, for good. Uploads to other streams do not count.
    """

    stream_ids: list[str]
    kept_bytes: int | None = None
    code: str | None = None


def standing(session: Session, scope: Scope, sha256: str, blobs: Blobs) -> UploadState:
    """The standing of a hash in the streams this officer may write to."""
    ids = photo_index.announced_streams(session, scope, sha256)
    if not ids or not photo_index.is_kept(session, blobs, ids, sha256):
        return UploadState(ids)
    photo = session.get_one(Photo, sha256)
    return UploadState(ids, photo.size_bytes, photo_index.refusal(session, ids, sha256))
