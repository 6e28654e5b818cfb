"""What a person at the desk can choose from: campaigns, and units to narrow a list to."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.db import read_once
from server.core.problem_details import Problem
from server.models import Campaign, Stream, Unit
from server.models.units import by_name
from server.services.records import late
from server.services.units.scope import Scope


def campaigns(session: Session, scope: Scope, own: Collection[str] | None = None) -> list[Campaign]:
    """Campaigns with a stream of a unit that the officer may see; with `own`, of one of those units.

    Practice ones last, and those that are closed; then the one whose window or due date is nearest, never one that has
    ended before one that has not.
    """
    key = ("campaigns", scope, None if own is None else frozenset(own))
    return list(read_once(session, key, lambda: _campaigns(session, scope, own)))


def _campaigns(session: Session, scope: Scope, own: Collection[str] | None) -> list[Campaign]:
    own_stream = (Campaign.id == Stream.campaign_id) & (Campaign.unit_id == Stream.unit_id)
    every = select(Campaign, Stream.id).outerjoin(Stream, own_stream).order_by(Campaign.opened_at.desc())
    found = [(campaign, stream or "") for campaign, stream in session.execute(every)]
    seen = set[str]()
    if own is None:  # who sees a campaign's own unit sees it: the tree below, of ten thousand units, is not walked
        scope.read_chains({campaign.unit_id for campaign, _ in found})
        seen = {each.id for each, stream in found if stream and scope.may_see(each.unit_id)}
    rest = [each.id for each, _ in found if each.id not in seen]
    if rest:
        seen |= _with_stream(session, rest, scope.sees(Stream.unit_id) if own is None else Stream.unit_id.in_(own))
    theirs = [each for each, _ in found if each.id in seen]
    day = today()
    return sorted(theirs, key=lambda each: (each.practice, each.status != "open", late.nearness(each, day)))


def _with_stream(session: Session, campaign_ids: Collection[str], units: ColumnElement[bool]) -> set[str]:
    query = select(Stream.campaign_id).where(Stream.campaign_id.in_(campaign_ids), units).distinct()
    return set(session.scalars(query))


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
        return [*(path(above) if above else []), by_name(unit.short_name), unit.id]

    return sorted(by_id.values(), key=path)


def own_units(session: Session, scope: Scope) -> list[Unit]:
    """Units that the officer records for."""
    return units(session, scope.own_units())
