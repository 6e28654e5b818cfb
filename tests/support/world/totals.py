"""Totals without evidence, as people state, confirm and withdraw them at the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, Record
from server.services.figures import loading
from server.services.figures.loading import Coverage
from server.services.figures.table import FigureTable
from server.services.review.decisions import Verdict, decide
from server.services.totals import entering, in_force
from server.services.totals.entering import Statement
from server.services.totals.in_force import TotalInForce
from server.services.units.scope import Scope
from support.clients.phone import Phone
from support.world.world import World
from sync.errors import Refused

XA1, NHANLA = "12286", "12289"
WHY = "Đếm lại theo sổ"


def said(world: World, unit: str = XA1) -> dict[str, TotalInForce]:
    """By figure: what stands, and the history."""
    with world.app.app_context(), reading() as session:
        found = in_force.of_unit(session, world.units[unit], world.campaign)
        for each in found.values():
            for step, _ in each.steps:
                session.expunge(step)
        return found


def shown(world: World, unit: str = XA1) -> dict[str, int]:
    """By figure: the number that a page of the unit has now."""
    return {code: each.last.number for code, each in said(world, unit).items()}


def stated(session: Session, world: World, who: str, unit: str, statements: list[Statement]) -> int:
    """State in this transaction."""
    scope = Scope(session, world.officers[who])
    return entering.state(session, scope, world.units[unit], world.campaign, statements)


def state(world: World, who: str, unit: str = XA1, *, more: dict[str, Any] | None = None, **amounts: int) -> int:
    """State these figures, as a page opened now would; 0 is signed as nothing. `more`: of each statement."""
    now = shown(world, unit)
    statements = [
        Statement(code, amount, **{"shown": now.get(code, 0), "is_nil": amount == 0, **(more or {})})
        for code, amount in amounts.items()
    ]
    with world.app.app_context(), writing() as session:
        return stated(session, world, who, unit, statements)


def confirm(world: World, who: str, unit: str = XA1, page: dict[str, int] | None = None) -> int:
    """Confirm all that waits, as the page showed it."""
    page = {code: each.last.number for code, each in said(world, unit).items() if each.awaits} if page is None else page
    with world.app.app_context(), writing() as session:
        return entering.confirm(session, Scope(session, world.officers[who]), world.units[unit], world.campaign, page)


def withdraw(world: World, who: str, figure: str, why: str, unit: str = XA1, number: int | None = None) -> bool:
    """Withdraw one."""
    number = shown(world, unit).get(figure, 0) if number is None else number
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers[who])
        return entering.withdraw(session, scope, world.units[unit], world.campaign, figure, number, why)


def decided(world: World, record: str, verdict: str = "counted", reason: str = "", who: str = "huyen") -> None:
    """Decide on a record as it is now."""
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        decide(session, Scope(session, world.officers[who]), record, Verdict(verdict, reason), basis)


def left(world: World, figure: str = "banners", unit: str = XA1) -> int:
    """What is left of a total without evidence."""
    return said(world, unit)[figure].unsupported


def table(world: World, unit: str = "331") -> FigureTable:
    """The table of figures, as the administrator sees it."""
    with world.app.app_context(), reading() as session:
        scope, campaign = Scope(session, world.officers["quantri"]), session.get_one(Campaign, world.campaign)
        found = loading.load(session, scope, campaign, world.units[unit], deep=False)
        session.expunge_all()
        return found


def covered(world: World, unit: str = "331") -> Coverage:
    """How many of the units below have reported."""
    with world.app.app_context(), reading() as session:
        return loading.coverage(session, world.units[unit], world.campaign)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Problem, Refused)) as told:
        act()
    return str(getattr(told.value, "code", ""))


def banner(officer: Phone, *quantities: int) -> list[str]:
    made = [officer.create(quantity=quantity) for quantity in quantities]
    officer.sync()
    return made
