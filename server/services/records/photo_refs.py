"""Which photos and documents a record names: noted when a write that names them is stored (SPEC P-3)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

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

    @property
    def files(self) -> list[tuple[str, str, bool]]:
        """Return (stream, hash, is a document) of each."""
        return [(self.stream_id, sha256, role == DOCUMENT) for sha256, role, _ in self.roles]


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


def announce(session: Session, named: Iterable[NamedPhoto], came: Collection[tuple[str, str, bool]]) -> None:
    """Note the references of these writes. Bytes that came from the same stream before count as held at once (P-6).

    `came`: (stream, hash, is a document) of those. What is held as a document is no photo, whatever another record
    calls it.
    """
    wanted: dict[tuple[str, str], dict[str, str | bool | None]] = {}
    for name in named:
        for sha256, role, thumb in name.roles:
            ref: dict[str, str | bool | None] = {
                "sha256": sha256,
                "record_id": name.record_id,
                "stream_id": name.stream_id,
                "role": role,
                "thumb_sha256": thumb,
                "held": (name.stream_id, sha256, role == DOCUMENT) in came,
            }
            wanted.setdefault((sha256, name.record_id), ref)
    if wanted:
        session.execute(inserting(session, PhotoRef).on_conflict_do_nothing(), list(wanted.values()))
