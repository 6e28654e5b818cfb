"""Garbage collection: drop the bytes of photos that no record names (SPEC L-11).

The design of a campaign, or of the draft of one, may be the same picture under the same hash, and the signed PDF of a
report the same document: those bytes stay.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import new_id
from server.models import CampaignFile, LetterDraft, LetterDraftFile, Meta, OrderingLetter, PaperFile, Photo, PhotoRef
from server.services.photos import garbage_lock
from server.services.photos.images import thumb_key

AT_ONCE = 500
DROPPED = "photos_dropped"


def last_drop(session: Session) -> str:
    """Return a name of the last time that bytes were dropped; empty if none ever were.

    Whoever asks before bytes are stored, and again behind `garbage_lock.vouch`, knows whether they are still there.
    """
    return session.scalar(select(Meta.value).where(Meta.key == DROPPED)) or ""


def drop(session: Session, hashes: Iterable[str], blobs: Blobs) -> list[str]:
    """Delete unreferenced blobs. Returns the deleted hashes. Call it after taking all locks of streams."""
    every, unnamed, given = sorted(set(hashes)), set[str](), set[str]()
    if every:
        garbage_lock.dropping(session)
    for part in (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE)):
        free = set(part) - set(session.scalars(select(PhotoRef.sha256).where(PhotoRef.sha256.in_(part))))
        session.execute(delete(Photo).where(Photo.sha256.in_(free)))
        given |= set(session.scalars(select(CampaignFile.sha256).where(CampaignFile.sha256.in_(free))))
        for letter in (LetterDraft, OrderingLetter):
            given |= {each for each in session.scalars(select(letter.sha256).where(letter.sha256.in_(free))) if each}
        given |= set(session.scalars(select(LetterDraftFile.sha256).where(LetterDraftFile.sha256.in_(free))))
        given |= set(session.scalars(select(PaperFile.sha256).where(PaperFile.sha256.in_(free))))
        unnamed |= free
    gone = sorted(unnamed - given)
    if unnamed:
        session.merge(Meta(key=DROPPED, value=new_id()))
        session.flush()
    blobs.drop((*gone, *map(thumb_key, sorted(unnamed))))
    return gone
