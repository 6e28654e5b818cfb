"""What a person at the desk can choose from: campaigns, and units to narrow a list to."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.problem_details import Problem
from server.models import Campaign, Stream, Unit
from server.services.units.scope import Scope
from sync.text import sort_key


def campaigns(session: Session, scope: Scope, own: Collection[str] | None = None) -> list[Campaign]:
    """Campaigns with a stream of a unit that the officer may see; with `own`, of one of those units.

    Open ones first, those that have not begun behind them, practice ones last; then the newest first.
    """
    theirs = scope.sees(Stream.unit_id) if own is None else Stream.unit_id.in_(own)
    query = select(Campaign).where(Campaign.id.in_(select(Stream.campaign_id).where(theirs)))
    found = session.scalars(query.order_by(Campaign.opened_at.desc()))
    day = today()
    return sorted(found, key=lambda each: (each.practice, each.status != "open", each.starts_on > day))


def campaign(session: Session, scope: Scope, wanted: str, own: Collection[str] | None = None) -> Campaign | None:
    """The campaign with this id, or the first one. Raises `not_found` if these units take no part in it."""
    found = campaigns(session, scope, own)
    if not wanted:
        return found[0] if found else None
    named = next((each for each in found if each.id == wanted), None)
    if named is None:
        raise Problem("not_found")
    return named


def units(session: Session, unit_ids: Collection[str]) -> list[Unit]:
    """These units as a list to choose from: each after its parent, then in Vietnamese order."""
    by_id = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}

    def path(unit: Unit) -> list[object]:
        above = by_id.get(unit.parent_id or "")
        return [*(path(above) if above else []), sort_key(unit.short_name), unit.id]

    return sorted(by_id.values(), key=path)


def own_units(session: Session, scope: Scope) -> list[Unit]:
    """Units that the officer records for."""
    return units(session, scope.own_units())
