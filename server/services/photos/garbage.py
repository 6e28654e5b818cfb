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


AT_ONCE = 500
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


def drop(session: Session, hashes: Iterable[str], blobs: Blobs) -> list[str]:
    """Delete unreferenced blobs. Returns the deleted hashes. Call it after taking all locks of streams."""
    every, unnamed, given = sorted(set(hashes)), set[str](), set[str]()
    if every:
        dropping(session)
    for part in (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)):
        free = set(part) - set(session.scalars(select(PhotoRef.sha256).where(PhotoRef.sha256.in_(part))))
        session.execute(delete(Photo).where(Photo.sha256.in_(free)))
        given |= set(session.scalars(select(CampaignFile.sha256).where(CampaignFile.sha256.in_(free))))
        for letter in (LetterDraft, OrderingLetter):
            given |= {each for each in session.scalars(select(letter.sha256).where(letter.sha256.in_(free))) if each}
        given |= set(session.scalars(select(LetterDraftFile.sha256).where(LetterDraftFile.sha256.in_(free))))
        for kept in (PaperFile, ReportForm):
            given |= set(session.scalars(select(kept.sha256).where(kept.sha256.in_(free))))
        made = FreezeDocument.sha256.in_(free), FreezeDocument.erased_at.is_(None)
        given |= set(session.scalars(select(FreezeDocument.sha256).where(*made)))
        unnamed |= free
    gone = sorted(unnamed - given)
    if unnamed:
        session.merge(Meta(key=DROPPED, value=new_id()))
        session.flush()
    blobs.drop((*gone, *map(thumb_key, sorted(unnamed))))
    return gone
