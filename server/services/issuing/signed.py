"""The signed PDF of a paper: judged by its bytes, never by its name, and kept unchanged by its hash.

Its text is not read: whether its figures are those of the freeze, the person who records it says. It holds nothing that
runs, begins by itself or reaches out, as any document that is kept (photos/documents.py). One that is sealed against
changes is taken, too, and the page says so; one that nobody can open without a password cannot be looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Paper, PaperFile
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.issuing import papers
from server.services.photos import documents, garbage, garbage_lock
from server.services.photos.images import sha256_of
from server.services.units.scope import Scope

PDF_BYTES: Final = 20 * 1024**2
"""Most bytes of a signed PDF."""
_HASH_LOGGED: Final = 32
_ENDS: Final = 2048
"""Bytes at the start and the end in which the marks of a PDF must be."""
_ENCRYPT: Final = re.compile(rb"/Encrypt[\s/<]*(?:\d+\s+\d+\s+R|<<|/)")


@dataclass(frozen=True, slots=True)
class JudgedPdf:
    """A PDF that may be kept."""

    path: Path
    size: int
    sha256: str
    encrypted: bool


def judged(path: Path) -> JudgedPdf:
    """Judge a file.

    Raises Problem `pdf_needed` (empty), `pdf_too_large`, `pdf_not`, `pdf_cut` (its end is missing), or what is in it:
    `document_active`, `document_locked`, `document_unreadable`.

    The sign of encryption stands in the trailer, which no PDF compresses.
    """
    size = path.stat().st_size
    if not size:
        raise Problem("pdf_needed")
    if size > PDF_BYTES:
        raise Problem("pdf_too_large")
    data = path.read_bytes()
    if b"%PDF-" not in data[:_ENDS]:
        raise Problem("pdf_not")
    if b"%%EOF" not in data[-_ENDS:] or b"startxref" not in data[-_ENDS:]:
        raise Problem("pdf_cut")
    if (code := documents.fault(path, with_password=True)) is not None:
        raise Problem(code)
    return JudgedPdf(path, size, sha256_of(path), bool(_ENCRYPT.search(data)))


def keep(session: Session, scope: Scope, row: Paper, pdf: JudgedPdf, blobs: Blobs, *, differs: bool) -> PaperFile:
    """Keep it as the signed PDF of a paper. The same file, said to be the same, changes nothing."""
    last = papers.standing(session, row).file
    if last is not None and (last.sha256, last.differs) == (pdf.sha256, differs):
        return last
    made = PaperFile(
        id=new_id(),
        paper_id=row.id,
        officer_id=scope.officer_id,
        at=now_ms(),
        sha256=pdf.sha256,
        size_bytes=pdf.size,
        encrypted=pdf.encrypted,
        differs=differs,
    )
    session.add(made)
    session.flush()
    before = garbage.last_drop(session)
    blobs.put(pdf.sha256, pdf.path)
    garbage_lock.vouch(session)  # a record may have the same file, and be purged at this moment
    if garbage.last_drop(session) != before:
        blobs.put(pdf.sha256, pdf.path)
    said = {"unit": row.unit_id, "campaign": row.campaign_id, "hash": pdf.sha256[:_HASH_LOGGED]}
    log.append(session, Act.PAPER_FILED, ("paper", row.id), new={**said, "verdict": "differs" if differs else "same"})
    return made


def opened(session: Session, scope: Scope, paper_id: str, file_id: str, blobs: Blobs) -> BinaryIO:
    """Open a signed PDF. Raises Problem `not_found`, also where its bytes are gone."""
    row = papers.get(session, scope, paper_id)
    file = session.get(PaperFile, file_id)
    data = blobs.open(file.sha256) if file is not None and file.paper_id == row.id else None
    if data is None:
        raise Problem("not_found")
    return data
