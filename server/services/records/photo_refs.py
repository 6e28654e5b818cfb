"""Which photos a record names: noted when a write that names them is stored (SPEC P-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import inserting
from server.models import PhotoRef
from sync.protocol import PHOTO_PREFIX
from sync.write import Write


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """A reference from a stored write of this record to a photo and its thumbnail (P-3)."""

    record_id: str
    stream_id: str
    sha256: str
    thumb_sha256: str


def named_by(record_id: str, stream_id: str, write: Write) -> list[NamedPhoto]:
    """The photos that a write names."""
    photos = [value for name, value in write.set.items() if name.startswith(PHOTO_PREFIX)]
    return [
        NamedPhoto(record_id, stream_id, str(value["sha256"]), str(value["thumb_sha256"]))
        for value in photos
        if isinstance(value, dict)
    ]


def announce(session: Session, named: Iterable[NamedPhoto]) -> None:
    """Note the references of these writes. Bytes that came from the same stream before count as held at once (P-6)."""
    wanted: dict[tuple[str, str], dict[str, str | bool | None]] = {}
    for name in named:
        for sha256, role, thumb in ((name.sha256, "original", name.thumb_sha256), (name.thumb_sha256, "thumb", None)):
            ref: dict[str, str | bool | None] = {
                "sha256": sha256,
                "record_id": name.record_id,
                "stream_id": name.stream_id,
                "role": role,
                "thumb_sha256": thumb,
            }
            wanted.setdefault((sha256, name.record_id), ref)
    if not wanted:
        return
    hashes, stream_ids = {sha256 for sha256, _ in wanted}, {ref["stream_id"] for ref in wanted.values()}
    came = select(PhotoRef.sha256, PhotoRef.stream_id).where(
        PhotoRef.held, PhotoRef.sha256.in_(hashes), PhotoRef.stream_id.in_(stream_ids)
    )
    held = {(sha256, stream) for sha256, stream in session.execute(came)}
    for ref in wanted.values():
        ref["held"] = (ref["sha256"], ref["stream_id"]) in held
    session.execute(inserting(session, PhotoRef).on_conflict_do_nothing(), list(wanted.values()))
