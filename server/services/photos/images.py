"""Check a file by its bytes, never by its name or its announced type (SPEC P-18).

A photo is no document, a document no photo. An image is checked, and its thumbnail made, in a confined process
(server/decoding/): decoding it fully is the proof. A PDF must be whole, open for everybody, and a document: nothing in
it runs, and no other file is inside. What a reader program makes of it is not ours to promise, so it is sent as a file
to keep and never shown in a page (P-19).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode, is_code
from server.models import Photo
from server.services.records.stored import DOCUMENT
from sync.protocol import DOCUMENT_TYPE, PHOTO_PIXELS

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
    return bool(role_refusal(role, photo)) and not (role == DOCUMENT and photo.code == NOT_IMAGE)


def role_refusal(role: str, photo: Photo) -> str | None:
    """Return the code with which a file that came is refused in this role; None if it is what the record calls it."""
    if is_document(photo.type, photo.code) == (role == DOCUMENT):
        return photo.code
    return NOT_PDF if role == DOCUMENT else NOT_IMAGE


THUMB_PIXELS = 320
TYPES = ("image/jpeg", "image/png", "image/webp")
"""What a photo that is kept may be."""
_SIDE: Final = 2**31 - 1
"""Most pixels that a header can state, and a column hold."""


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of checking a file; `code`: why it is refused."""

    size_bytes: int
    width: int = 0
    height: int = 0
    type: str = ""
    code: str | None = None


def thumb_key(sha256: str) -> str:
    """The blob key of the thumbnail we made of a photo."""
    return f"{sha256}-{THUMB_PIXELS}"


def judge(path: Path, thumb: Path) -> Judged:
    """Decode the file and write a small JPEG of it to `thumb`.

    Raises OSError for a disk fault, Problem `unavailable` where the machine could not decode it.
    """
    size = path.stat().st_size
    thumb.unlink(missing_ok=True)
    try:
        judged = _judged(size, decode(Decoding.PHOTO, [path], [thumb], side=THUMB_PIXELS))
    except Unfit as refused:
        judged = Judged(size, code=refused.code)
    if judged.code is not None:
        thumb.unlink(missing_ok=True)
    return judged


def _judged(size: int, found: Any) -> Judged:
    """Return what is believed of an answer: the photo may have taken over the process that gave it."""
    match found:
        case {"width": int(width), "height": int(height), "type": type_, "code": None}:
            if type_ in TYPES and min(width, height) > 0 and width * height <= PHOTO_PIXELS:
                return Judged(size, int(width), int(height), type_)
        case {"width": int(width), "height": int(height), "code": str(code)}:
            if is_code(code) and min(width, height) >= 0 and max(width, height) <= _SIDE:
                return Judged(size, int(width), int(height), code=code)
    return Judged(size, code="not_an_image")


_HEAD: Final = b"%PDF-"
_TAIL: Final = 1024
"""Bytes at the end in which the marks of the end must be."""
_ENCRYPT: Final = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)")
"""Stands in the trailer, which no PDF compresses."""


def is_pdf(path: Path) -> bool:
    """True for a file that begins as a PDF: nothing may stand before, so that by its beginning it is nothing else."""
    with path.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def judge_document(path: Path) -> Judged:
    """Judge a file that begins as a PDF.

    Raises Problem `unavailable` where it could not be read for a reason that is not the file's, for a refusal would be
    final; OSError for a disk fault.
    """
    data = path.read_bytes()
    code = _fault(data) or fault(path)
    return Judged(len(data), type="" if code else DOCUMENT_TYPE, code=code)


def fault(path: Path, *, with_password: bool = False) -> str | None:
    """Return the code of what keeps a PDF from being kept, if anything does: see `judge`.

    `with_password`: one that everybody may open, but not change, may be kept too.
    """
    try:
        found = decode(Decoding.PDF, [path], with_password=with_password)
    except Unfit as refused:  # it takes more than any document of this size
        return refused.code
    match found:
        case {"code": None}:
            return None
        case {"code": str(code)} if is_code(code):
            return code
    return "document_unreadable"


def _fault(data: bytes) -> str | None:
    """The refusal that the bytes alone give; pwa/src/core/pdf.ts finds the same before anything is saved."""
    if b"%%EOF" not in data[-_TAIL:] or b"startxref" not in data[-_TAIL:]:
        return "document_cut"
    return "document_locked" if _ENCRYPT.search(data) else None
