"""Jobs in every state in which the desk may find them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Job
from server.services.jobs.enqueuing import enqueue
from server.services.jobs.leases import BROKEN, DONE, FAILED, LOST, RUNNING
from support.world.world import World

HOUR_MS = 3600 * 1000


def in_each_state(world: World) -> list[str]:
    """One waits, one waits for its second try, one is being done, one is done, two failed; returns their ids."""
    now, asked_by = now_ms(), world.officers["huyen"]
    states: list[dict[str, Any]] = [
        {"state": DONE, "progress": 100, "attempts": 1, "begun_at": now - HOUR_MS, "ended_at": now - HOUR_MS},
        {"state": FAILED, "code": LOST, "attempts": 5, "begun_at": now - HOUR_MS, "ended_at": now},
        {"state": FAILED, "code": BROKEN, "attempts": 1, "begun_at": now, "ended_at": now, "asked_by": asked_by},
        {"state": RUNNING, "progress": 40, "attempts": 2, "begun_at": now, "lease": "x" * 16, "lease_until": now},
        {"not_before": now + HOUR_MS, "attempts": 1},
        {"kind": "of.a.newer.version", "asked_by": asked_by},
    ]
    made = []
    for nth, values in enumerate(states):
        with world.app.app_context(), writing() as session:
            made.append(enqueue(session, ("access.compact", "jobs.clear")[nth % 2]))
            session.execute(update(Job).where(Job.id == made[-1]).values(asked_at=now - (6 - nth) * 60_000, **values))
    return made
