"""The audit log in tests: its lines, its verdict, and somebody who may write every table but has no key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from server.core.db import db, reading, writing
from server.models import AuditLine
from server.services.audit import heads, verifying
from server.services.audit.acts import Act
from server.services.audit.naming import FaultKind
from server.services.audit.verifying import ChainVerdict
from server.services.organisation import staff
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.installation.unguarded import unguarded
from support.world.world import World

DAY_MS = 24 * 3600 * 1000
OF_ACCOUNTS = {
    Act.FACTOR_REQUIRED,
    Act.FACTOR_NOT_REQUIRED,
    Act.SECOND_FACTOR_SET,
    Act.SECOND_FACTOR_GIVEN,
    Act.SECOND_FACTOR_ENDED,
    Act.WRONG_SECOND_FACTOR,
    Act.RECOVERY_CODES_MADE,
    Act.RECOVERY_CODE_USED,
    Act.PASSWORD_CHANGED,
    Act.SESSIONS_ENDED,
    Act.CODE_MADE,
    Act.DEVICE_REVOKED,
    Act.HANDED_OVER,
}
"""The acts of guarded accounts."""


def lines(world: World, *acts: str) -> list[AuditLine]:
    """All lines, or those of these acts, in their order; detached."""
    with world.app.app_context(), reading() as session:
        found = list(session.scalars(select(AuditLine).order_by(AuditLine.number)))
        session.expunge_all()
    return [line for line in found if not acts or line.act in acts]


def verdict(world: World) -> ChainVerdict:
    with world.app.app_context(), reading() as session:
        return verifying.verify(session)


def faults(world: World) -> list[tuple[FaultKind, int, int]]:
    return [(fault.kind, fault.number, fault.last) for fault in verdict(world).faults]


def heads_file(world: World) -> Path:
    folder: Path = installed(world.app).settings.data_dir
    return folder / heads.NAME


def tamper(world: World, act: Callable[[Connection], object]) -> None:
    """Do something to the tables, past the triggers."""
    with world.app.app_context(), db.engine.begin() as connection, unguarded(connection):
        act(connection)


def some_lines(world: World, count: int = 12) -> None:
    """Roles given and ended: each a line."""
    for _ in range(count):
        with world.app.app_context(), writing() as session:
            officer, unit = world.officers["xa1"], world.units["12289"]
            if unit in Scope(session, officer).own_units():
                staff.end_roles(session, officer, unit)
            else:
                staff.give_role(session, officer, unit, "officer")


def sql(statement: str) -> Callable[[Any], object]:
    return lambda connection: connection.exec_driver_sql(statement)
