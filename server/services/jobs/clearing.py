"""Delete old jobs with their results, so that neither table nor store grows for ever."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import time
from typing import Final

from sqlalchemy import delete, select

from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import leases
from server.services.jobs.attempt import Attempt
from server.services.jobs.kinds import Jobs
from server.services.jobs.leases import DONE, FAILED, RUNNING

KIND: Final = "jobs.clear"
NIGHTLY: Final = time(1, 30)
KEPT_MS: Final = 30 * 24 * 3600 * 1000
"""How long a job and its result are kept after it ended."""
AT_ONCE: Final = 200


def register(jobs: Jobs) -> None:
    """Make the nightly job known, and the chore of each host."""

    def run(attempt: Attempt, _ids: Sequence[str]) -> None:
        clear(jobs, attempt)

    def chore() -> bool:
        clear_folders(jobs)
        return True

    jobs.register(KIND, run, nightly=NIGHTLY)
    jobs.register_chore("jobs.clear_folders", chore, nightly=NIGHTLY)


def clear(jobs: Jobs, attempt: Attempt) -> None:
    """Delete jobs that ended long ago, never one that is still to be done.

    The bytes go first: without its row nobody would find them.
    """
    with reading() as session:
        before = leases.now_of(session) - KEPT_MS
        old = select(Job.id, Job.lease).where(Job.state.in_((DONE, FAILED)), Job.ended_at < before)
        rows = session.execute(old.order_by(Job.ended_at)).all()
    for at in range(0, len(rows), AT_ONCE):
        attempt.progress(at, len(rows))
        part = rows[at : at + AT_ONCE]
        jobs.blobs.drop({leases.result_key(id_, lease) for id_, lease in part if lease})
        with writing() as session:
            session.execute(delete(Job).where(Job.id.in_([id_ for id_, *_ in part])))


def clear_folders(jobs: Jobs) -> None:
    """Delete what killed attempts left in their folders. An attempt has its lease before it makes its folder."""
    there = [path for path in jobs.work_folder.glob("*") if path.is_dir()]
    with reading() as session:
        held = set(session.scalars(select(Job.lease).where(Job.state == RUNNING)))
    for path in there:
        if path.name not in held:
            shutil.rmtree(path, ignore_errors=True)
