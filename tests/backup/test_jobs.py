"""A backup has the rows of jobs, neither their queue nor their results; a restore lets what did not end wait again."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import Jobs
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.leases import DONE, FAILED, NO_RESULT, QUEUED, RUNNING
from server.serving.installation import installed
from support.installation.machine import Machine
from support.jobs import kinds
from support.jobs.inline import done
from support.world.world import World


def test_jobs_of_a_backup(here: Machine, there: Machine, world: World, tmp_path: Path) -> None:
    jobs: Jobs = installed(world.app).jobs
    kinds.register(jobs, tmp_path / "begun")
    made = done(world, "test.result", "r", "1", "0")
    plain = done(world, "jobs.clear")
    with world.app.app_context(), writing() as session:
        waits, runs = (enqueue(session, "jobs.clear") for _ in range(2))
        held = {"state": RUNNING, "lease": "x" * 16, "lease_until": now_ms() + 60_000, "attempts": 3, "progress": 40}
        session.execute(update(Job).where(Job.id == runs).values(**held))
    here.done("backup", tmp_path / "b")
    names = [path.name for path in (tmp_path / "b").rglob("*")]
    assert not [name for name in names if "queue" in name or "huey" in name or name.startswith("job-")]
    there.done("restore", "--without-keys", tmp_path / "b")
    with there.holding(world) as restored, restored.app.app_context(), reading() as session:
        rows = {row.id: (row.state, row.attempts, row.code) for row in session.query(Job)}
    assert rows == {
        waits: (QUEUED, 0, None),
        runs: (QUEUED, 0, None),
        plain.id: (DONE, 1, None),
        made.id: (FAILED, 1, NO_RESULT),
    }
