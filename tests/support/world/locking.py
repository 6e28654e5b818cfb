"""Locks the figures of a level, as people do at the desk."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.services.reports.snapshot import freezes, locking, steps
from server.services.reports.snapshot.freezes import FreezeCheck, FrozenFigures
from server.services.reports.snapshot.freezing import LockChoice
from server.services.reports.snapshot.locking import LockPage, Reopening
from server.services.units.scope import Scope
from support.world.world import World

WHY = "Số băng rôn của xã Chính Nghĩa ghi nhầm"


def page(world: World, unit: str = "331", campaign: str = "") -> LockPage:
    """What a page of this unit, opened now, sends along."""
    with world.app.app_context(), reading() as session:
        return locking.page(session, world.units[unit], campaign or world.campaign)


def locked(  # who locks what, and how
    session: Session, world: World, who: str, unit: str, shown: LockPage, choice: LockChoice | None = None
) -> str:
    """Lock in this transaction. Returns the id of the freeze."""
    scope = Scope(session, world.officers[who])
    return locking.lock(session, scope, world.units[unit], world.campaign, shown, choice).id


def lock(
    world: World,
    who: str = "huyen",
    unit: str = "331",
    shown: LockPage | None = None,
    choice: LockChoice | None = None,
) -> str:
    """Lock. Returns the id of the freeze."""
    shown = shown or page(world, unit)
    with world.app.app_context(), writing() as session:
        return locked(session, world, who, unit, shown, choice)


def unlock(world: World, who: str = "tinh", unit: str = "331", why: str = WHY, number: int | None = None) -> None:
    """Unlock with a reason."""
    number = page(world, unit).number if number is None else number
    with world.app.app_context(), writing() as session:
        locking.unlock(session, Scope(session, world.officers[who]), world.units[unit], world.campaign, number, why)


def ask(world: World, who: str = "huyen", unit: str = "331", why: str = WHY) -> None:
    """Ask to have the figures opened again."""
    number = page(world, unit).number
    with world.app.app_context(), writing() as session:
        locking.ask(session, Scope(session, world.officers[who]), world.units[unit], world.campaign, number, why)


def reopen(world: World, last: date, who: str = "tinh", unit: str = "331", person: str = "Nguyễn Văn D") -> None:
    """Open the figures again until the end of this day."""
    how = Reopening(page(world, unit).number, WHY, person, last)
    with world.app.app_context(), writing() as session:
        locking.reopen(session, Scope(session, world.officers[who]), world.units[unit], world.campaign, how)


def state(world: World, unit: str = "331") -> str:
    """The state of the unit's figures."""
    with world.app.app_context(), reading() as session:
        return steps.history(session, world.units[unit], world.campaign).state.value


def frozen(world: World, freeze: str, who: str = "quantri") -> FrozenFigures:
    """A freeze, as this person sees it."""
    with world.app.app_context(), reading() as session:
        found = freezes.read(session, Scope(session, world.officers[who]), freeze)
        session.expunge(found.row)
        return found


def check(world: World, freeze: str) -> FreezeCheck:
    """The verdict on its hash."""
    with world.app.app_context(), reading() as session:
        return freezes.check(session, freezes.read(session, Scope(session, world.officers["quantri"]), freeze))


def since(world: World, freeze: str) -> dict[tuple[str, str], tuple[int | None, int | None]]:
    """What differs from today in counted figures: by (unit, figure), rows of whole units only."""
    with world.app.app_context(), reading() as session:
        scope = Scope(session, world.officers["quantri"])
        found = freezes.since(session, scope, freezes.read(session, scope, freeze), "counted")
    return {(each.name, each.code): (each.before, each.after) for each in found if not each.own}


def alter(world: World, statement: str, **values: Any) -> None:
    """Alter a frozen row as only somebody can who switched the triggers off."""
    with world.app.app_context(), writing() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(statement), values)
