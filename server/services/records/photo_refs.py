"""Which photos and documents a record names: noted when a write that names them is stored (SPEC P-3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk_insert import inserting
from server.models import PhotoRef
from sync.protocol import DOCUMENT_PREFIX, PHOTO_PREFIX
from sync.write import Write

ORIGINAL, THUMB, DOCUMENT = "original", "thumb", "document"
"""What a hash is to the record that names it: `role` of a `photo_ref`."""


@dataclass(frozen=True, slots=True)
class NamedPhoto:
    """A reference from a stored write of this record to a photo and its thumbnail, or to a document (P-3, P-17)."""

    record_id: str
    stream_id: str
    sha256: str
    thumb_sha256: str | None

    @property
    def roles(self) -> list[tuple[str, str, str | None]]:
        """Return (hash, role, hash of its thumbnail) of each file that is named."""
        if self.thumb_sha256 is None:
            return [(self.sha256, DOCUMENT, None)]
        return [(self.sha256, ORIGINAL, self.thumb_sha256), (self.thumb_sha256, THUMB, None)]


def named_by(record_id: str, stream_id: str, write: Write) -> list[NamedPhoto]:
    """The photos and documents that a write names."""
    found = []
    for name, value in write.set.items():
        if not isinstance(value, dict):
            continue
        if name.startswith(PHOTO_PREFIX):
            found.append(NamedPhoto(record_id, stream_id, str(value["sha256"]), str(value["thumb_sha256"])))
        elif name.startswith(DOCUMENT_PREFIX):
            found.append(NamedPhoto(record_id, stream_id, str(value["sha256"]), None))
    return found


def announce(session: Session, named: Iterable[NamedPhoto]) -> None:
    """Note the references of these writes. Bytes that came from the same stream before count as held at once (P-6)."""
    wanted: dict[tuple[str, str], dict[str, str | bool | None]] = {}
    for name in named:
        for sha256, role, thumb in name.roles:
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
    came = select(PhotoRef.sha256, PhotoRef.stream_id, PhotoRef.role).where(
        PhotoRef.held, PhotoRef.sha256.in_(hashes), PhotoRef.stream_id.in_(stream_ids)
    )
    # Bytes that are held as a document are no photo, whatever another record calls them.
    held = {(sha256, stream, role == DOCUMENT) for sha256, stream, role in session.execute(came)}
    for ref in wanted.values():
        ref["held"] = (ref["sha256"], ref["stream_id"], ref["role"] == DOCUMENT) in held
    session.execute(inserting(session, PhotoRef).on_conflict_do_nothing(), list(wanted.values()))
