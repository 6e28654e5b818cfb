"""A record was purged: files of documents that may hold it are deleted. Whoever needs one asks for it again."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import AskedDocument, Job, Record, Stream, Unit
from server.services.units.moves import moves
from server.services.units.tree import ancestry

AT_ONCE = 500


def erase(session: Session, records: Mapping[str, int], blobs: Blobs) -> None:
    """Delete the files of all documents of these records' units and of the units above, in the records' campaigns."""
    every = list(records)
    places: set[tuple[str, str]] = set()
    for start in range(0, len(every), AT_ONCE):
        theirs = Record.id.in_(every[start : start + AT_ONCE])
        pairs = select(Stream.campaign_id, Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(theirs)
        places |= {(campaign, unit) for campaign, unit in session.execute(pairs.distinct())}
    were: dict[str, set[str]] = {}
    for move in moves(session):
        were.setdefault(move.unit, set()).update((move.before, move.to))
    above = {(campaign, over) for campaign, unit in places for over in _over(session, unit, were)}
    jobs: list[str] = []
    for campaign, unit in sorted(above):
        # Also those that are being made: their jobs take the row before they end (making.py).
        here = AskedDocument.campaign_id == campaign, AskedDocument.unit_id == unit
        for row in session.scalars(select(AskedDocument).where(*here).order_by(AskedDocument.id).with_for_update()):
            row.sha256, row.size_bytes = "", 0
            jobs.append(row.job_id)
    session.flush()
    keys: list[str] = []
    for start in range(0, len(jobs), AT_ONCE):  # read after the rows were taken: a job that ended meanwhile has a key
        ended = Job.id.in_(jobs[start : start + AT_ONCE]), Job.result_key.is_not(None)
        keys += [key for key in session.scalars(select(Job.result_key).where(*ended)) if key]
    blobs.drop(keys)


def _over(session: Session, unit: str, were: Mapping[str, Collection[str]]) -> set[str]:
    """The unit and all above it, also where it or one of them was before a merger: documents were made there.

    `were`: by unit, those above it before and after it moved in a split, also one that was taken back.
    """
    found, left = set[str](), {unit}
    while left:
        new = {over for each in sorted(left) for over in ancestry(session, each)} - found
        found |= new
        former = select(Unit.former_parent_id).where(Unit.id.in_(new), Unit.former_parent_id.is_not(None))
        left = {each for each in session.scalars(former) if each} - found
        left |= {over for each in new for over in were.get(each, ())} - found
    return found
