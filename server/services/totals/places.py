"""The units of which an officer may state totals, and what leads there from a page of figures."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from server.models import Stream, TotalStep, Unit
from server.models.units import by_name
from server.services.totals.in_force import TotalAct
from server.services.units.scope import Scope
from server.services.units.tree import subtree


def writable(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> list[Unit]:
    """Return the unit and those below it that stand and take part, in Vietnamese order."""
    below = subtree(session, [unit_id])
    taking_part = select(Stream.unit_id).where(Stream.campaign_id == campaign_id, Stream.unit_id.in_(below))
    found = session.scalars(select(Unit).where(Unit.id.in_(taking_part), Unit.merged_at.is_(None)))
    return sorted((each for each in found if scope.may_write(each.id)), key=lambda each: by_name(each.short_name))


@dataclass(frozen=True, slots=True)
class TotalsHere:
    """What leads from a unit to totals: how many of its own were ever said and how many wait, and units below it."""

    said: int
    awaits: int
    has_below: bool


def here(session: Session, unit_id: str, campaign_id: str) -> TotalsHere:
    """Read it in one statement: the line above every page of figures shows it."""
    of_unit = select(Stream.id).where(Stream.unit_id == unit_id, Stream.campaign_id == campaign_id)
    last = select(func.count()).select_from(TotalStep).where(TotalStep.stream_id.in_(of_unit), TotalStep.is_last())
    awaiting = last.where(TotalStep.on_behalf, TotalStep.act != TotalAct.WITHDRAW.value)
    below = exists().where(Unit.parent_id == unit_id, Unit.merged_at.is_(None))
    row = session.execute(select(last.scalar_subquery(), awaiting.scalar_subquery(), below)).one()
    return TotalsHere(*row)
