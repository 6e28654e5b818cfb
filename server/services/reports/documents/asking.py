"""Documents that take long: their kinds, ask for one, the job that makes it, find it again; and what a purge deletes.

The row is written with its job in one transaction. Who asks for the same thing again while it is being made gets the
one that is being made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.atomic_files import file_digest
from server.core.bulk import one_of
from server.core.canonical import digest
from server.core.clock import new_id, now_ms
from server.core.db import add_now, reading
from server.core.paging import ListPage, page_of
from server.core.points import Point
from server.core.problem_details import refuse_if, required
from server.models import AskedDocument, Campaign, Job, Officer, Record, Stream, Unit
from server.services.jobs import Attempt, Jobs
from server.services.jobs.attempt import Later
from server.services.jobs.enqueuing import enqueue
from server.services.units.scope import Scope
from server.services.units.tree import ancestry, moves, subtree
from sync.record import PURGED

Choices = Mapping[str, Any]
"""What a page asked for: `freeze`, `count`, `photos`, `form`, `from`, `station`; each kind knows its own."""
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """A document to make. `folder`: for files; it is removed afterwards. `on_progress`: hears how much is done.

    `last_printed`: what the last document of this kind printed, `{figure: amount}`; None if there was none.
    """

    campaign_id: str
    unit_id: str
    officer_id: str
    choices: Choices
    asked_at: int
    folder: Path
    blobs: Blobs
    on_progress: OnProgress
    last_printed: Mapping[str, int] | None = None
    last_printed_at: int = 0

    def scope(self, session: Session) -> Scope:
        """Return the rights, as they are now, of the person who asked."""
        return Scope(session, self.officer_id)

    def campaign(self, session: Session) -> Campaign:
        """Return the campaign. Raises Problem `not_found`."""
        return required(session.get(Campaign, self.campaign_id))


@dataclass(frozen=True, slots=True)
class MadeDocument:
    """A document's file, and the name that people get it under. `printed`: its figures, for the next comparison."""

    path: Path
    name: str
    printed: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`make` is called without a transaction. `check` raises Problem for choices that it cannot be made from.

    `may`: whether this person may ask for and get it of a unit that they may see.
    """

    make: Callable[[DocumentOrder], MadeDocument]
    check: Callable[[Session, Scope, str, Choices], None] = field(
        default=lambda _session, _scope, _unit, _choices: None
    )
    may: Callable[[Scope, str], bool] = field(default=lambda _scope, _unit: True)


KINDS: Final[Point[DocumentKind]] = Point()
"""Capabilities add kinds."""


def kind(name: str) -> DocumentKind:
    """Return a kind. Raises Problem `not_found`."""
    return required(dict(KINDS.named()).get(name))


# Ask for a document, find those that were asked for, read one that is ready.
JOB: Final = "documents.make"
LISTED_PAGE: Final = 20
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
    refuse_if(not scope.may_see(unit_id), "not_found")
    wanted = kind(name)
    refuse_if(not wanted.may(scope, unit_id), "forbidden")
    wanted.check(session, scope, unit_id, choices)
    same = (
        *(AskedDocument.campaign_id == campaign.id, AskedDocument.unit_id == unit_id, AskedDocument.kind == name),
        AskedDocument.officer_id == scope.officer_id,
    )
    before = session.execute(select(AskedDocument.choices, Job.state).outerjoin(Job, _its_job()).where(*same))
    ended = sum(each == choices and state not in ("queued", "running") for each, state in before)
    text = json.dumps([campaign.id, unit_id, name, scope.officer_id, ended, choices], sort_keys=True)
    id_ = new_id()
    once = f"{JOB}:{digest(text)}"
    job = enqueue(session, JOB, [id_], scope.officer_id, once=once)
    there = session.scalar(select(AskedDocument.id).where(AskedDocument.job_id == job))
    if there is not None:
        return there
    row = AskedDocument(id=id_, campaign_id=campaign.id, unit_id=unit_id, kind=name, choices=dict(choices), job_id=job)
    row.officer_id, row.asked_at = scope.officer_id, now_ms()
    add_now(session, row)
    return id_


def _its_job() -> ColumnElement[bool]:
    return Job.id == AskedDocument.job_id


def listed(
    session: Session,
    scope: Scope,
    campaign_id: str,
    unit_id: str,
    only: Collection[str],
    page: int = 1,
    *,
    made: bool = False,
) -> ListPage[DocumentLine]:
    """Return a page of the documents of these kinds, of a unit in a campaign, that the person may get, newest first.

    `made`: of those alone whose file is there. Raises Problem `not_found`.
    """
    refuse_if(not scope.may_see(unit_id), "not_found")
    kinds = [name for name, each in KINDS.named() if name in only and each.may(scope, unit_id)]
    theirs = and_(
        AskedDocument.campaign_id == campaign_id, AskedDocument.unit_id == unit_id, AskedDocument.kind.in_(kinds)
    )
    query = select(AskedDocument, Job, Officer.name).join(Officer, Officer.id == AskedDocument.officer_id)
    query = query.outerjoin(Job, _its_job()).where(theirs)
    query = query.where(Job.state == "done", AskedDocument.sha256 != "") if made else query
    newest = query.order_by(AskedDocument.asked_at.desc(), AskedDocument.id)
    return page_of(session, newest, page, LISTED_PAGE).map(lambda found: _line(*found))


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
    row = scope.seen(session.get(AskedDocument, id_))
    refuse_if(not kind(row.kind).may(scope, row.unit_id), "forbidden")
    job = session.get(Job, row.job_id)
    refuse_if(job is not None and job.state not in _ENDED, "document_not_ready")
    file = required(blobs.open(job.result_key) if job and job.result_key and row.sha256 else None, "document_gone")
    session.expunge(row)
    return ReadyDocument(file, row)


# The job that makes a document: find its kind, make it, keep the file as the job's result.
#
# It may be begun more often than once; nothing that it writes lasts before the end. A record that is purged meanwhile
# may be in the file, so then it is made anew.
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
        row = required(session.get(AskedDocument, document_id))
        before, before_at = _last_printed(session, row)
        order = DocumentOrder(
            campaign_id=row.campaign_id,
            unit_id=row.unit_id,
            officer_id=row.officer_id,
            choices=row.choices,
            asked_at=row.asked_at,
            folder=attempt.folder,
            blobs=jobs.blobs,
            on_progress=attempt.progress,
            last_printed=before,
            last_printed_at=before_at,
        )
        made_by = kind(row.kind)
        gone = _purged(session, order)
    made = made_by.make(order)
    sha256, size = file_digest(made.path), made.path.stat().st_size
    with attempt.finish(made.path) as session:
        # A purge takes this row, too (`erase`): it is over and seen here, or comes later and deletes the file.
        found = session.get_one(AskedDocument, document_id, with_for_update=True)
        if _purged(session, order) != gone:
            raise Later(_AGAIN_S)
        found.file_name, found.sha256, found.size_bytes = made.name, sha256, size
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


# A record was purged: files of documents that may hold it are deleted. Whoever needs one asks for it again.
def erase(session: Session, records: Mapping[str, int], blobs: Blobs) -> tuple[()]:
    """Delete the files of all documents of these records' units and of the units above, in the records' campaigns."""
    pairs = select(Stream.campaign_id, Stream.unit_id).join(Record, Record.stream_id == Stream.id)
    places = session.execute(pairs.where(one_of(Record.id, records)).distinct()).all()
    were: dict[str, set[str]] = {}
    for move in moves(session):
        were.setdefault(move.unit, set()).update((move.before, move.to))
    above = {(campaign, over) for campaign, unit in places for over in _over(session, unit, were)}
    jobs: list[str] = []
    for campaign, unit in sorted(above):
        # Also those that are being made: their jobs take the row before they end (`make`).
        here = AskedDocument.campaign_id == campaign, AskedDocument.unit_id == unit
        for row in session.scalars(select(AskedDocument).where(*here).order_by(AskedDocument.id).with_for_update()):
            row.sha256, row.size_bytes = "", 0
            jobs.append(row.job_id)
    session.flush()
    # Read after the rows were taken: a job that ended meanwhile has a key.
    blobs.drop([key for key in session.scalars(select(Job.result_key).where(one_of(Job.id, jobs))) if key])
    return ()


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
