"""A record was purged: empty its line in every freeze, and drop the documents that show or list it (SPEC L-11).

The sums stay, and the line's hash, so that the freeze can still be checked; it says which records were erased.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import Freeze, FreezeDocument, FreezeLine
from server.services.reports import listings

_NO_PHOTO = '"photos":[]'
AT_ONCE = 500


def hold(session: Session, freeze_ids: Collection[str]) -> None:
    """Advisory: keeping a document of these freezes excludes erasing a record in them, until the transaction ends."""
    session.execute(select(Freeze.id).where(Freeze.id.in_(freeze_ids)).order_by(Freeze.id).with_for_update())


def erase(session: Session, records: Mapping[str, int], blobs: Blobs) -> None:
    """Erase what freezes hold of these records; repeating it does nothing. The caller holds their streams' locks.

    `records`: the moment of the order by record id. All freezes are held before anything is erased: two who erase never
    wait for each other.
    """
    standing = FreezeLine.erased_at.is_(None)
    parts = {at: _of([id_ for id_, its in records.items() if its == at]) for at in sorted(set(records.values()))}
    showing = {at: _showing(session, theirs) for at, theirs in parts.items()}
    hold(session, set[str]().union(*showing.values()))
    documents: list[FreezeDocument] = []
    for at, theirs in parts.items():
        shown = FreezeDocument.freeze_id.in_(showing[at]), FreezeDocument.erased_at.is_(None)
        for document in session.scalars(select(FreezeDocument).where(*shown)).all():
            document.erased_at = at
            documents.append(document)
        for part in theirs:
            session.execute(update(FreezeLine).where(part, standing).values(content="", erased_at=at))
        session.flush()
    blobs.drop([document.sha256 for document in documents])


def _of(record_ids: Sequence[str]) -> list[ColumnElement[bool]]:
    """Conditions on FreezeLine that together are true of the lines of these records."""
    return [
        FreezeLine.record_id.in_(record_ids[start : start + AT_ONCE]) for start in range(0, len(record_ids), AT_ONCE)
    ]


def _showing(session: Session, parts: Iterable[ColumnElement[bool]]) -> set[str]:
    """Return the freezes whose documents show or list one of these lines."""
    with_photo = ~FreezeLine.content.contains(_NO_PHOTO, autoescape=True)
    listed = [FreezeLine.content.contains(f'"kind":"{kind}"', autoescape=True) for kind in listings.LISTED]
    shown = FreezeLine.erased_at.is_(None), or_(with_photo, *listed)
    return {id_ for part in parts for id_ in session.scalars(select(FreezeLine.freeze_id).where(part, *shown))}
