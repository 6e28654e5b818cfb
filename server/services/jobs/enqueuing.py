"""Ask for a job: its row is part of the caller's transaction, and its id goes to the queue after the commit."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Sequence

import psycopg
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import inserting
from server.core.clock import new_id
from server.core.unit_of_work import Ending, EndingStep, owe
from server.models import Job
from server.services.jobs import queue
from server.services.jobs.kinds import Jobs, jobs_of, urgency
from server.services.jobs.leases import QUEUED, now_of

log = logging.getLogger(__name__)


def enqueue(
    session: Session, kind: str, ids: Sequence[str] = (), asked_by: str | None = None, *, once: str | None = None
) -> str:
    """Write a queued job; returns its id. `asked_by`: an officer, none for the server itself.

    `once`: if a job with this value exists, return that one's id and write nothing. Raises KeyError for a kind that
    nobody registered.
    """
    jobs, now = jobs_of(session), now_of(session)
    row = {
        "id": new_id(),
        "kind": jobs.kinds[kind].name,
        "ids": list(ids),
        "once": once,
        "asked_by": asked_by,
        "asked_at": now,
        "not_before": now,
        "state": QUEUED,
        "progress": 0,
        "attempts": 0,
    }
    made: str | None = session.scalar(
        inserting(session, Job).values(row).on_conflict_do_nothing(index_elements=["once"]).returning(Job.id)
    )
    if made is None:
        return session.scalars(select(Job.id).where(Job.once == once)).one()
    owe(session, STEP, (made, urgency(asked_by, ids)))
    return made


def hand_over(jobs: Jobs, asked_for: Iterable[tuple[str, int]]) -> None:
    """Put these ids into the queue, each with its urgency.

    Errors are logged: minding.py puts ids again that the queue lost.
    """
    try:
        with queue.opened(jobs.url, jobs.data_dir) as opened:
            for id_, urgent in asked_for:
                opened.put(id_, urgent)
    except (OSError, sqlite3.Error, psycopg.Error) as error:
        log.warning("jobs not handed over yet: %s", type(error).__name__)


STEP = EndingStep(Ending.JOBS, committed=lambda session, owed: hand_over(jobs_of(session), owed))
