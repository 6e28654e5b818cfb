"""A job run at once in the test's own process, by the real runner."""

from __future__ import annotations

from server.core.db import reading, writing
from server.models import Job
from server.services.jobs import running
from server.services.jobs.enqueuing import enqueue
from server.serving.installation import installed
from support.world.world import World


def done(world: World, kind: str, *ids: str, asked_by: str | None = None) -> Job:
    """Enqueue and run one job; returns its row, detached."""
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, kind, ids, asked_by)
    return run(world, id_)


def run(world: World, id_: str) -> Job:
    """Run this job if it waits; returns its row, detached."""
    running.run(installed(world.app).jobs, id_, world.app.app_context, lambda: False)
    return row(world, id_)


def row(world: World, id_: str) -> Job:
    """Return the row, detached."""
    with world.app.app_context(), reading() as session:
        found = session.get_one(Job, id_)
        session.expunge(found)
        return found
