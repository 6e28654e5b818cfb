"""Jobs after a restore: what waited or ran in the backup waits again; results were not in it."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.models import Job
from server.services.jobs.leases import DONE, FAILED, NO_RESULT, QUEUED, RUNNING


def queue_again(session: Session, blobs: Blobs) -> None:
    """Let unfinished jobs wait as if just asked for. A done one fails if its result is not in this store."""
    unfinished = update(Job).where(Job.state.in_((QUEUED, RUNNING)))
    fresh = {"state": QUEUED, "attempts": 0, "progress": 0, "lease_until": None, "not_before": Job.asked_at}
    session.execute(unfinished.values(**fresh), execution_options={"synchronize_session": False})
    for row in session.scalars(select(Job).where(Job.state == DONE, Job.result_key.is_not(None))):
        if not blobs.has(row.result_key or ""):
            row.state, row.code, row.result_key = FAILED, NO_RESULT, None
    session.flush()
