"""Ask for a document, find those that were asked for, read one that is ready.

The row is written with its job in one transaction. Who asks for the same thing again while it is being made gets the
one that is being made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import AskedDocument, Campaign, Job, Officer
from server.services.documents.kinds import KINDS, Choices, kind
from server.services.jobs.enqueuing import enqueue
from server.services.units.scope import Scope

JOB: Final = "documents.make"
MOST_LISTED: Final = 20
_ENDED: Final = ("done", "failed")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A document as a list shows it. `state`: queued, running, done, failed, or gone: its file was deleted."""

    id: str
    kind: str
    choices: Choices
    by: str
    asked_at: int
    state: str
    progress: int
    code: str
    file_name: str
    size_bytes: int
    sha256: str


def ask(session: Session, scope: Scope, campaign: Campaign, unit_id: str, name: str, choices: Choices) -> str:
    """Ask for a document; returns its id. Raises Problem `not_found`, or why it cannot be made."""
    if not scope.may_see(unit_id):
        raise Problem("not_found")
    wanted = kind(name)
    if not wanted.may(scope, unit_id):
        raise Problem("forbidden")
    wanted.check(session, scope, unit_id, choices)
    same = (
        *(AskedDocument.campaign_id == campaign.id, AskedDocument.unit_id == unit_id, AskedDocument.kind == name),
        AskedDocument.officer_id == scope.officer_id,
    )
    before = session.execute(select(AskedDocument.choices, Job.state).outerjoin(Job, _its_job()).where(*same))
    ended = sum(each == choices and state not in ("queued", "running") for each, state in before)
    text = json.dumps([campaign.id, unit_id, name, scope.officer_id, ended, choices], sort_keys=True)
    id_ = new_id()
    once = f"{JOB}:{hashlib.sha256(text.encode()).hexdigest()}"
    job = enqueue(session, JOB, [id_], scope.officer_id, once=once)
    there = session.scalar(select(AskedDocument.id).where(AskedDocument.job_id == job))
    if there is not None:
        return there
    row = AskedDocument(id=id_, campaign_id=campaign.id, unit_id=unit_id, kind=name, choices=dict(choices), job_id=job)
    row.officer_id, row.asked_at = scope.officer_id, now_ms()
    session.add(row)
    session.flush()
    return id_


def _its_job() -> ColumnElement[bool]:
    return Job.id == AskedDocument.job_id


def listed(session: Session, scope: Scope, campaign_id: str, unit_id: str, only: Collection[str]) -> list[DocumentLine]:
    """Return the latest documents of these kinds, of a unit in a campaign, that the person may get, newest first.

    Raises Problem `not_found`.
    """
    if not scope.may_see(unit_id):
        raise Problem("not_found")
    kinds = [name for name, each in KINDS.named() if name in only and each.may(scope, unit_id)]
    theirs = and_(
        AskedDocument.campaign_id == campaign_id, AskedDocument.unit_id == unit_id, AskedDocument.kind.in_(kinds)
    )
    query = select(AskedDocument, Job, Officer.name).join(Officer, Officer.id == AskedDocument.officer_id)
    query = query.outerjoin(Job, _its_job()).where(theirs)
    latest = query.order_by(AskedDocument.asked_at.desc(), AskedDocument.id).limit(MOST_LISTED)
    return [_line(row, job, by) for row, job, by in session.execute(latest)]


def _line(row: AskedDocument, job: Job | None, by: str) -> DocumentLine:
    state = "gone"
    if job is not None and (job.state != "done" or row.sha256):
        state = job.state
    return DocumentLine(
        id=row.id,
        kind=row.kind,
        choices=row.choices,
        by=by,
        asked_at=row.asked_at,
        state=state,
        progress=job.progress if job else 0,
        code=(job.code if job else "") or "",
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
    )


def waiting(session: Session, officer_id: str) -> int:
    """Return how many documents of an officer are not ready yet."""
    theirs = select(func.count()).select_from(AskedDocument).join(Job, _its_job())
    return session.scalar(theirs.where(AskedDocument.officer_id == officer_id, Job.state.not_in(_ENDED))) or 0


@dataclass(frozen=True, slots=True)
class ReadyDocument:
    """A document's bytes, with what the log names."""

    file: BinaryIO
    row: AskedDocument


def ready(session: Session, scope: Scope, blobs: Blobs, id_: str) -> ReadyDocument:
    """Return a document that was made.

    Raises Problem `not_found`, `forbidden`, `document_gone`, `document_not_ready`.
    """
    row = session.get(AskedDocument, id_)
    if row is None or not scope.may_see(row.unit_id):
        raise Problem("not_found")
    if not kind(row.kind).may(scope, row.unit_id):
        raise Problem("forbidden")
    job = session.get(Job, row.job_id)
    if job is not None and job.state not in _ENDED:
        raise Problem("document_not_ready")
    file = blobs.open(job.result_key) if job and job.result_key and row.sha256 else None
    if file is None:
        raise Problem("document_gone")
    session.expunge(row)
    return ReadyDocument(file, row)
