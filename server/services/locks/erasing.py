"""A record was purged: empty its line in every freeze, and drop the documents that show or list it (SPEC L-11).

The sums stay, and the line's hash, so that the freeze can still be checked; it says which records were erased.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import Freeze, FreezeDocument, FreezeLine
from server.services.reports import listings

_NO_PHOTO = '"photos":[]'
AT_ONCE = 500


def hold(session: Session, freeze_ids: Collection[str]) -> None:
    """Advisory: keeping a document of these freezes excludes erasing a record in them, until the transaction ends."""
    session.execute(select(Freeze.id).where(Freeze.id.in_(freeze_ids)).order_by(Freeze.id).with_for_update())


def erase(session: Session, record_ids: Collection[str], at: int, blobs: Blobs) -> None:
    """Erase what freezes hold of these records; repeating it does nothing. The caller holds their streams' locks.

    All freezes are held before anything is erased: two who erase never wait for each other.
    """
    every = list(record_ids)
    parts = [FreezeLine.record_id.in_(every[start : start + AT_ONCE]) for start in range(0, len(every), AT_ONCE)]
    standing = FreezeLine.erased_at.is_(None)
    with_photo = ~FreezeLine.content.contains(_NO_PHOTO, autoescape=True)
    listed = [FreezeLine.content.contains(f'"kind":"{kind}"', autoescape=True) for kind in listings.LISTED]
    freezes: set[str] = set()
    for theirs in parts:
        freezes |= set(session.scalars(select(FreezeLine.freeze_id).where(theirs, standing, or_(with_photo, *listed))))
    hold(session, freezes)
    shown = FreezeDocument.freeze_id.in_(freezes), FreezeDocument.erased_at.is_(None)
    documents = list(session.scalars(select(FreezeDocument).where(*shown)))
    for document in documents:
        document.erased_at = at
    for theirs in parts:
        session.execute(update(FreezeLine).where(theirs, standing).values(content="", erased_at=at))
    session.flush()
    blobs.drop([document.sha256 for document in documents])
