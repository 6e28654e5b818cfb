"""What a file is by its bytes, against what a record calls it: a photo is no document, a document no photo (P-18)."""

from __future__ import annotations

from server.models import Photo
from server.services.records.stored import DOCUMENT
from sync.protocol import DOCUMENT_TYPE

NOT_PDF, NOT_IMAGE = "document_not_pdf", "not_an_image"
_DOCUMENTS = "document_"
"""How the codes of refused documents begin."""


def is_document(type_: str, code: str | None) -> bool:
    """True for a file that was judged as a document, taken or not."""
    return type_ == DOCUMENT_TYPE or (code or "").startswith(_DOCUMENTS)


def is_refused_for_good(role: str, photo: Photo) -> bool:
    """True for bytes that are refused in this role, unless a release that knew no documents judged them.

    It called every PDF no image. Bytes that come for a document then are judged anew.
    """
    return bool(refusal(role, photo)) and not (role == DOCUMENT and photo.code == NOT_IMAGE)


def refusal(role: str, photo: Photo) -> str | None:
    """Return the code with which a file that came is refused in this role; None if it is what the record calls it."""
    if is_document(photo.type, photo.code) == (role == DOCUMENT):
        return photo.code
    return NOT_PDF if role == DOCUMENT else NOT_IMAGE
