"""A record was purged: files of documents that may hold it are deleted. Whoever needs one asks for it again."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import AskedDocument, Job, Record, Stream
from server.services.units.tree import ancestry

AT_ONCE = 500


def erase(session: Session, record_ids: Collection[str], _at: int, blobs: Blobs) -> None:
    """Delete the files of all documents of these records' units and of the units above, in the records' campaigns."""
    every = list(record_ids)
    places: set[tuple[str, str]] = set()
    for start in range(0, len(every), AT_ONCE):
        theirs = Record.id.in_(every[start : start + AT_ONCE])
        pairs = select(Stream.campaign_id, Stream.unit_id).join(Record, Record.stream_id == Stream.id).where(theirs)
        places |= {(campaign, unit) for campaign, unit in session.execute(pairs.distinct())}
    above = {(campaign, over) for campaign, unit in places for over in ancestry(session, unit)}
    keys: list[str] = []
    for campaign, unit in sorted(above):
        held = select(AskedDocument, Job.result_key).join(Job, Job.id == AskedDocument.job_id)
        here = AskedDocument.campaign_id == campaign, AskedDocument.unit_id == unit, AskedDocument.sha256 != ""
        for row, key in session.execute(held.where(*here)):
            row.sha256, row.size_bytes = "", 0
            keys += [key] if key else []
    session.flush()
    blobs.drop(keys)
