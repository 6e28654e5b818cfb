"""Checks of the installation: one registry, read by `loa doctor`, by the worker each minute and so by desk and alarms.

A capability adds a function that yields findings (server/core/findings.py); its sentences are `check.<name>.<outcome>`
in the desk's catalogues, and what to do `check.<name>.<outcome>.do`:

    CHECKS.add("backup", data.backup, place=30)

A check changes nothing, says nothing of a record, and never takes longer than some seconds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.findings import HealthFinding, Level
from server.core.points import Point
from server.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckContext:
    """What a check may look at. `session`: None while the database does not answer, or has other tables."""

    settings: Settings
    session: Session | None
    now: int


Check = Callable[[CheckContext], Iterator[HealthFinding]]
CHECKS: Final[Point[Check]] = Point()


def run(settings: Settings, session: Session | None) -> list[HealthFinding]:
    """Run all; one that fails is a finding, and keeps no other from running."""
    context = CheckContext(settings, session, now_ms())
    found: list[HealthFinding] = []
    for name, check in CHECKS.named():
        try:
            found += check(context)
        except Exception as error:  # noqa: BLE001  # whatever the cause: it could not be checked, and that is said
            log.warning("check %s: %s", name, type(error).__name__)
            found.append(HealthFinding(name, "error", Level.WARN, {"error": type(error).__name__}))
    return found
