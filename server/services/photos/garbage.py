"""Garbage collection: drop the bytes of photos that no record names (SPEC L-11).

The design of a campaign, or of the draft of one, may be the same picture under the same hash, and the signed PDF of a
report, a form, or what was made of a freeze the same document: those bytes stay. An advisory lock keeps verification
of a photo apart from it (SPEC G1).

All streams that name a photo share its bytes, so the locks of streams are not enough. A purge could find the bytes
unreferenced; another stream could then name and upload them; then they would be dropped. Naming alone needs no lock:
bytes not yet called held may be dropped. Take it after the locks of streams and no lock after it, so that there is no
deadlock (C-1). SQLite has one writer at a time anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.bulk import one_of
from server.core.clock import new_id
from server.models import (
    CampaignFile,
    FreezeDocument,
    LetterDraft,
    LetterDraftFile,
    Meta,
    OrderingLetter,
    PaperFile,
    Photo,
    PhotoRef,
    ReportForm,
)
from server.services.photos.images import thumb_key

_BYTES = 0x10A, 1
"""This lock's key; no other lock here has two numbers."""


def keep_bytes(session: Session) -> None:
    """Keep existing bytes from being dropped until the transaction ends. Shared: others may hold it, too."""
    _lock(session, "pg_advisory_xact_lock_shared")


def dropping(session: Session) -> None:
    """Keep others from calling bytes held until the transaction ends. References committed before are visible."""
    _lock(session, "pg_advisory_xact_lock")


def _lock(session: Session, how: str) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT {how}({_BYTES[0]}, {_BYTES[1]})"))


DROPPED = "photos_dropped"


def last_drop(session: Session) -> str:
    """Return a name of the last time that bytes were dropped; empty if none ever were.

    Whoever asks before bytes are stored, and again behind `keep_bytes`, knows whether they are still there.
    """
    return session.scalar(select(Meta.value).where(Meta.key == DROPPED)) or ""


def put(session: Session, blobs: Blobs, sha256: str, path: Path) -> None:
    """Store the bytes of what the transaction just named: a record may have the same, and be purged at this moment."""
    before = last_drop(session)
    blobs.put(sha256, path)
    keep_bytes(session)
    if last_drop(session) != before:
        blobs.put(sha256, path)


def put_back(blobs: Blobs, key: str, source: Path) -> None:
    """Store bytes again that somebody dropped."""
    if not blobs.has(key):
        blobs.put(key, source)


def drop(session: Session, hashes: Iterable[str], blobs: Blobs) -> list[str]:
    """Delete unreferenced blobs. Returns the deleted hashes. Call it after taking all locks of streams."""
    every = set(hashes)
    if not every:
        return []
    dropping(session)
    unnamed = every - set(session.scalars(select(PhotoRef.sha256).where(one_of(PhotoRef.sha256, every))))
    session.execute(delete(Photo).where(one_of(Photo.sha256, unnamed)))
    given: set[str | None] = set()
    for table in (CampaignFile, LetterDraft, OrderingLetter, LetterDraftFile, PaperFile, ReportForm):
        given |= set(session.scalars(select(table.sha256).where(one_of(table.sha256, unnamed))))
    made = one_of(FreezeDocument.sha256, unnamed), FreezeDocument.erased_at.is_(None)
    gone = sorted(unnamed - given.union(session.scalars(select(FreezeDocument.sha256).where(*made))))
    if unnamed:
        session.merge(Meta(key=DROPPED, value=new_id()))
        session.flush()
    blobs.drop((*gone, *map(thumb_key, sorted(unnamed))))
    return gone
