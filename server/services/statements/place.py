"""Where somebody states something: a unit that stands and takes part in a campaign that is not archived."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Stream
from server.services.units.scope import Scope


def hold(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> None:
    """Keep others from stating for the unit until the transaction ends, on its stream's row.

    Raises Problem: `not_found`, `forbidden`, `statement_merged`, `archived`.
    """
    here = select(Stream).where(Stream.campaign_id == campaign_id, Stream.unit_id == unit_id)
    if not scope.may_see(unit_id) or session.scalar(here.with_for_update()) is None:
        raise Problem("not_found")
    if scope.today(unit_id) != unit_id:
        raise Problem("statement_merged")
    if not scope.may_write(unit_id):
        raise Problem("forbidden")
    if session.get_one(Campaign, campaign_id, populate_existing=True).status == "archived":
        raise Problem("archived")


def may_state(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True if the officer may state for this unit itself."""
    here = select(Stream.id).where(Stream.campaign_id == campaign.id, Stream.unit_id == unit_id)
    if campaign.status == "archived" or scope.today(unit_id) != unit_id or not scope.may_write(unit_id):
        return False
    return session.scalar(here) is not None
