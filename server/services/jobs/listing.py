"""The list of jobs that the desk shows to coordinators and administrators, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.core.paging import page_of
from server.core.problem_details import refuse_if
from server.models import Job, Membership, Officer, Unit
from server.services.jobs.clearing import KEPT_MS
from server.services.jobs.leases import FAILED, QUEUED, RUNNING, now_of
from server.services.units.scope import ADMIN, COORDINATOR, Scope

PAGE: Final = 50
KEPT_DAYS: Final = KEPT_MS // (24 * 3600 * 1000)
NIGHT_MS: Final = 36 * 3600 * 1000
"""Nightly jobs are asked for each day; silence for longer means that no worker runs."""
WAITING_MS: Final = 10 * 60 * 1000


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job. `asked_by`: a person's name, empty for the server itself; then `part`: the unit whose part it does."""

    job: Job
    asked_by: str
    part: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """One page of the list. `idle`: no worker seems to run."""

    lines: list[JobLine]
    page: int
    pages: int
    idle: bool


def page(session: Session, scope: Scope, number: int) -> JobPage:
    """Return the server's own jobs, and those that people at units this officer sees asked for.

    A page number past the end gives the last page. Raises `forbidden` for other roles.
    """
    refuse_if(not scope.has_role(COORDINATOR, ADMIN), "forbidden")
    seen = select(Membership.officer_id).where(scope.sees(Membership.unit_id))
    found = select(Job).where(or_(Job.asked_by.is_(None), Job.asked_by.in_(seen)))
    shown = page_of(session, found.order_by(Job.asked_at.desc(), Job.id), number, PAGE)
    rows: list[Job] = [row[0] for row in shown.rows]
    asked = select(Officer.id, Officer.name).where(Officer.id.in_({row.asked_by for row in rows if row.asked_by}))
    names = {row.id: row.name for row in session.execute(asked)}
    named = select(Unit.id, Unit.name).where(Unit.id.in_({id_ for row in rows if not row.asked_by for id_ in row.ids}))
    parts = {row.id: row.name for row in session.execute(named)}
    lines = [
        JobLine(row, names.get(row.asked_by or "", ""), ", ".join(parts[id_] for id_ in row.ids if id_ in parts))
        for row in rows
    ]
    return JobPage(lines, shown.number, shown.pages, is_idle(session))


def failed_since(session: Session, at_ms: int) -> int:
    """Return the number of jobs that failed after this time."""
    failed = select(func.count()).select_from(Job).where(Job.state == FAILED, Job.ended_at > at_ms)
    return session.scalar(failed) or 0


def is_idle(session: Session) -> bool:
    """Return True if no worker seems to run."""
    now = now_of(session)
    last = session.scalar(select(func.max(Job.asked_at)).where(Job.asked_by.is_(None)))
    if last is None or last < now - NIGHT_MS:
        return True
    oldest = session.scalar(select(func.min(Job.not_before)).where(Job.state == QUEUED))
    working = session.scalar(select(Job.id).where(Job.state == RUNNING).limit(1))
    return working is None and oldest is not None and oldest < now - WAITING_MS
