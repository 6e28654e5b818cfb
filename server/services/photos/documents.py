"""Check a PDF by its bytes, never by its name or its announced type (SPEC P-18).

It must be whole, open for everybody, and a document: nothing in it runs, and no other file is inside. What a reader
program makes of it is not ours to promise, so it is sent as a file to keep and never shown in a page (P-19).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from server.decoding.limits import Decoding, Unfit
from server.decoding.service import decode, is_code
from server.services.photos.images import Judged
from sync.protocol import DOCUMENT_TYPE

_HEAD: Final = b"%PDF-"
_TAIL: Final = 1024
"""Bytes at the end in which the marks of the end must be."""
_ENCRYPT: Final = re.compile(rb"/Encrypt\s*(?:\d+\s+\d+\s+R\b|<<)")
"""Stands in the trailer, which no PDF compresses."""


def is_pdf(path: Path) -> bool:
    """True for a file that begins as a PDF: nothing may stand before, so that by its beginning it is nothing else."""
    with path.open("rb") as file:
        return file.read(len(_HEAD)) == _HEAD


def judge(path: Path) -> Judged:
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
