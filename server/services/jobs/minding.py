"""Mind the jobs: what a worker looks after every few seconds, beside working.

Leases that ran out, jobs that wait and are not in the queue, nightly jobs that are due. Several workers may do it at
once. Nothing is written while there is nothing to do.
"""

from __future__ import annotations

import logging
from datetime import time
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import leases
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.kinds import JobKind, Jobs
from server.services.jobs.leases import DONE, QUEUED, RUNNING
from server.services.jobs.nights import last_night
from server.services.jobs.queue import JobQueue

log = logging.getLogger(__name__)

AT_ONCE: Final = 500
PAUSE_MS: Final = 60_000
"""Least time between two jobs of a kind that runs whenever there is something to do."""
UNKNOWN_ATTEMPTS: Final = 5
"""Most attempts of a job whose kind only another version knows."""


def mind(jobs: Jobs, queue: JobQueue) -> None:
    """Do all that is due. Raises what database and queue raise."""
    with reading() as session:
        now = leases.now_of(session)
        expired = session.execute(
            select(Job.id, Job.lease, Job.kind).where(Job.state == RUNNING, Job.lease_until < now).limit(AT_ONCE)
        ).all()
        nights = {_once(kind.name, kind.nightly): kind.name for kind in jobs.kinds.values() if kind.nightly is not None}
        asked_for = _with_something_to_do(session, jobs, now)
        due = nights.keys() - set(session.scalars(select(Job.once).where(Job.once.in_(nights))))
    for id_, lease, kind in expired:
        log.warning("job %s (%s): its worker is gone", id_, kind)
        with writing() as session:
            leases.expire(session, id_, lease or "", _most(jobs.kinds.get(kind)))
    if due or asked_for:
        with writing() as session:
            for once in sorted(due):
                enqueue(session, nights[once], once=once)
            for name in asked_for:
                # One of them is enough to see: they come every minute while people work, and have no result.
                session.execute(delete(Job).where(Job.kind == name, Job.state == DONE, Job.once.is_(None)))
                enqueue(session, name)
    _hand_over(jobs, queue)


def _with_something_to_do(session: Session, jobs: Jobs, now: int) -> list[str]:
    """Return the kinds with something to do, unless one of them waits, runs, or was asked for just now."""
    kinds = {kind.name: kind.due for kind in jobs.kinds.values() if kind.due is not None}
    recent = or_(Job.state.in_((QUEUED, RUNNING)), Job.asked_at > now - PAUSE_MS)
    busy = set(session.scalars(select(Job.kind).where(Job.kind.in_(kinds), recent)))
    return [name for name, is_due in sorted(kinds.items()) if name not in busy and is_due(session)]


def _hand_over(jobs: Jobs, queue: JobQueue) -> None:
    """Hand over jobs that are due and not in the queue: it was lost, or a worker was killed with its task."""
    with reading() as session:
        ready = select(Job.id).where(
            Job.state == QUEUED, Job.not_before <= leases.now_of(session), Job.kind.in_(jobs.kinds)
        )
        waiting = list(session.scalars(ready.order_by(Job.not_before, Job.id).limit(AT_ONCE)))
    if waiting:
        there = queue.waiting()
        for id_ in waiting:
            if id_ not in there:
                queue.put(id_)


def _most(kind: JobKind | None) -> int:
    return kind.attempts if kind is not None else UNKNOWN_ATTEMPTS


def _once(name: str, nightly: time) -> str:
    return f"{name}/{last_night(nightly, now_ms()).isoformat()}"
