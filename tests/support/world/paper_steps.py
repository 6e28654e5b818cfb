"""Helpers of the tests of reports for the signature: what was refused, the log, figures locked once more."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.core.problem_details import Problem
from server.models import AuditLine
from support.world.locking import lock, unlock
from support.world.world import World
from sync.errors import Refused


def refused(act: Callable[[], object]) -> str:
    """Return the code of what an act is refused with."""
    with pytest.raises((Problem, Refused)) as told:
        act()
    return str(getattr(told.value, "code", ""))


def log_of(world: World, paper: str) -> list[tuple[str, str, str]]:
    """Return act, old and new state of each line about a report."""
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(AuditLine).where(AuditLine.about_id == paper).order_by(AuditLine.number))
        return [
            (row.act, json.loads(row.old or "{}").get("status", ""), json.loads(row.new).get("status", ""))
            for row in rows
        ]


def again(world: World) -> str:
    """Unlock and lock once more."""
    unlock(world)
    return lock(world)
