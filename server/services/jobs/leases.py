"""Who works at a job: taken under a lease, renewed, given back, ended. Each step is one statement on the row.

A lease has an own random value, so a worker that lost it can neither renew nor end the job (a fencing token). Times are
the database's, because the clocks of several hosts differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CursorResult, select, text, update
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.models import Job
from server.services.jobs.kinds import JobKind

QUEUED, RUNNING, DONE, FAILED = STATES = ("queued", "running", "done", "failed")
LOST: Final = "job_lost"
"""Code of a job whose worker ended during each of its attempts."""
BROKEN: Final = "job_broken"
"""Code of a job whose function raised something unexpected."""
NO_RESULT: Final = "job_no_result"
"""Code of a job whose result a restore did not bring back."""
CODES: Final = (LOST, BROKEN, NO_RESULT)
"""Only the desk says these; a function may also fail with any code of sync/errors.json."""


@dataclass(frozen=True, slots=True)
class LeasedJob:
    """A job that this worker holds. `attempts` counts this one."""

    id: str
    kind: JobKind
    ids: list[str]
    lease: str
    attempts: int


def now_of(session: Session) -> int:
    """Return the database's time, in ms; SQLite is on this machine, so it is the server's clock."""
    if session.get_bind().dialect.name != "postgresql":
        return now_ms()
    return int(session.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint")) or 0)


def result_key(job_id: str, lease: str) -> str:
    """Return the key of the result of one attempt: attempts never overwrite each other's."""
    return f"job-{job_id}-{lease}"


def last_lease(session: Session, job_id: str) -> str | None:
    """Return the lease of a waiting job's last attempt. It cannot end the job any more: what it left is nobody's."""
    return session.scalar(select(Job.lease).where(Job.id == job_id, Job.state == QUEUED))


def take(session: Session, job_id: str, kinds: dict[str, JobKind]) -> LeasedJob | None:
    """Take a waiting job. Returns None if it does not wait: another worker has it, it has ended, or it is not due."""
    row = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    now = now_of(session)
    if row is None or row.state != QUEUED or row.not_before > now or row.kind not in kinds:
        return None
    kind, lease = kinds[row.kind], new_id()
    row.state, row.lease, row.lease_until = RUNNING, lease, now + kind.lease_ms
    row.attempts, row.progress, row.begun_at, row.code = row.attempts + 1, 0, now, None
    session.flush()
    return LeasedJob(row.id, kind, row.ids, lease, row.attempts)


def renew(session: Session, taken: LeasedJob, progress: int) -> bool:
    """Note that work goes on. Returns False if the lease is lost."""
    return _changed(session, taken, progress=progress, lease_until=now_of(session) + taken.kind.lease_ms)


def end(session: Session, taken: LeasedJob, key: str | None) -> bool:
    """End the job as done. Returns False if the lease is lost."""
    now = now_of(session)
    return _changed(session, taken, state=DONE, progress=100, ended_at=now, lease_until=None, result_key=key)


def fail(session: Session, taken: LeasedJob, code: str) -> bool:
    """End the job as failed. Returns False if the lease is lost."""
    return _changed(session, taken, state=FAILED, ended_at=now_of(session), lease_until=None, code=code)


def give_back(session: Session, taken: LeasedJob, after_ms: int, *, counted: bool) -> bool:
    """Let the job wait again, for at least `after_ms`. `counted`: this attempt is one of the few it has."""
    attempts = taken.attempts - (not counted)
    not_before = now_of(session) + after_ms
    return _changed(session, taken, state=QUEUED, lease_until=None, not_before=not_before, attempts=attempts)


def expire(session: Session, job_id: str, lease: str, most: int) -> None:
    """Take a job from a silent worker: it waits again, or has failed if `most` attempts were made."""
    row = session.get(Job, job_id, with_for_update=True, populate_existing=True)
    now = now_of(session)
    if row is None or row.state != RUNNING or row.lease != lease or (row.lease_until or 0) >= now:
        return
    row.lease_until = None
    if row.attempts >= most:
        row.state, row.code, row.ended_at = FAILED, LOST, now
    else:
        row.state, row.not_before = QUEUED, now
    session.flush()


def _changed(session: Session, taken: LeasedJob, **values: Any) -> bool:
    ours = update(Job).where(Job.id == taken.id, Job.state == RUNNING, Job.lease == taken.lease)
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]  # an UPDATE has no rows
        ours.values(**values), execution_options={"synchronize_session": False}
    )
    return done.rowcount == 1
