"""The PDF files of a record: found by record and key, as photos are (SPEC P-19)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.file_names import part_of_name
from server.models import Photo
from server.services.photos import photo_index
from server.services.records.stored import DOCUMENT, writes_of
from server.services.units.scope import Scope
from sync.protocol import DOCUMENT_PREFIX, PHOTO_KEY_LENGTH

_ENDING: Final = ".pdf"


@dataclass(frozen=True, slots=True)
class DocumentFile:
    """A file to send: its key in the store, and the name that its record gives it last."""

    key: str
    name: str

    @property
    def file_name(self) -> str:
        """The name to keep it under, on every system."""
        stem = self.name[: -len(_ENDING)] if self.name.lower().endswith(_ENDING) else self.name
        return part_of_name(stem) + _ENDING


def find(session: Session, scope: Scope, record_id: str, key: str) -> DocumentFile | None:
    """Find a document of a record the officer may see. None while its bytes have not come, or if they were refused.

    Open it after the transaction, as photos are. Raises Problem `not_found`.
    """
    ref = photo_index.reference(session, scope, record_id, key, DOCUMENT)
    photo = session.get(Photo, ref.sha256)
    if photo is None or photo.state != "verified" or not ref.held:
        return None
    register = f"{DOCUMENT_PREFIX}{ref.sha256[:PHOTO_KEY_LENGTH]}"
    values = [row.set.get(register) for row in writes_of(session, [record_id])[record_id]]
    names = [str(value["name"]) for value in values if isinstance(value, dict)]
    return DocumentFile(ref.sha256, names[-1] if names else f"{key}.pdf")
