"""The job that makes a document: find its kind, make it, keep the file as the job's result.

It may be begun more often than once; nothing that it writes lasts before the end. A record that is purged meanwhile may
be in the file, so then it is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.db import reading
from server.core.problem_details import Problem
from server.models import AskedDocument, Record, Stream
from server.services.documents.asking import JOB
from server.services.documents.kinds import DocumentOrder, kind
from server.services.jobs import Attempt, Jobs
from server.services.jobs.attempt import Later
from server.services.units.tree import subtree
from sync.decision import PURGED

LONGEST_S: Final = 1800
_AGAIN_S: Final = 1.0


def register(jobs: Jobs) -> None:
    """Make the job known."""

    def run(attempt: Attempt, ids: Sequence[str]) -> None:
        make(attempt, ids[0], jobs)

    jobs.register(JOB, run, longest_s=LONGEST_S)


def make(attempt: Attempt, document_id: str, jobs: Jobs) -> None:
    """Make one document. Raises Problem for what the person can change: the job fails with that code."""
    with reading() as session:
        row = session.get(AskedDocument, document_id)
        if row is None:
            raise Problem("not_found")
        before, before_at = _last_printed(session, row)
        order = DocumentOrder(
            campaign_id=row.campaign_id,
            unit_id=row.unit_id,
            officer_id=row.officer_id,
            choices=row.choices,
            asked_at=row.asked_at,
            folder=attempt.folder,
            blobs=jobs.blobs,
            told=attempt.progress,
            last_printed=before,
            last_printed_at=before_at,
        )
        made_by = kind(row.kind)
        gone = _purged(session, order)
    made = made_by.make(order)
    digest, size = _sha256(made.path), made.path.stat().st_size
    with attempt.finish(made.path) as session:
        # A purge takes this row, too (purging.py): it is over and seen here, or comes later and deletes the file.
        found = session.get_one(AskedDocument, document_id, with_for_update=True)
        if _purged(session, order) != gone:
            raise Later(_AGAIN_S)
        found.file_name, found.sha256, found.size_bytes = made.name, digest, size
        found.printed = dict(made.printed) if made.printed is not None else None


def _last_printed(session: Session, row: AskedDocument) -> tuple[dict[str, int] | None, int]:
    """Return what the last one of the kind printed for the unit, whoever asked for it, and when it was asked for."""
    theirs = AskedDocument.campaign_id == row.campaign_id, AskedDocument.unit_id == row.unit_id
    same = AskedDocument.kind == row.kind, AskedDocument.id != row.id, AskedDocument.sha256 != ""
    query = select(AskedDocument.printed, AskedDocument.asked_at).where(*theirs, *same)
    found = session.execute(query.order_by(AskedDocument.asked_at.desc()).limit(1)).first()
    return (found[0], found[1]) if found else (None, 0)


def _purged(session: Session, order: DocumentOrder) -> int:
    """Return how many records of the unit and all below it were removed for good."""
    here = Stream.campaign_id == order.campaign_id, Stream.unit_id.in_(subtree(session, [order.unit_id]))
    joined = select(func.count()).select_from(Record).join(Stream, Stream.id == Record.stream_id)
    return session.scalar(joined.where(*here, Record.state == PURGED)) or 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
