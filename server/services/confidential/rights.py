"""Rights to enter and to read. Without the right the answer is the same as for a missing page."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.problem_details import refuse_if
from server.models import Campaign, Stream
from server.services.units.scope import Scope


def hold(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> Campaign:
    """Return the campaign, and keep others from entering for the unit until the transaction ends.

    For a confidential officer of this unit itself, which stands and takes part; else Problem `not_found`. Raises
    Problem `archived`.
    """
    refuse_if(not scope.may_enter_annex(unit_id), "not_found")
    here = select(Stream).where(Stream.campaign_id == campaign_id, Stream.unit_id == unit_id)
    refuse_if(session.scalar(here.with_for_update()) is None, "not_found")
    campaign = session.get_one(Campaign, campaign_id, populate_existing=True)
    refuse_if(campaign.status == "archived", "archived")
    return campaign


def look(session: Session, scope: Scope, campaign_id: str, unit_id: str) -> Campaign:
    """Return the campaign, for a confidential officer of the unit or of one above it; else Problem `not_found`."""
    here = select(Stream.id).where(Stream.campaign_id == campaign_id, Stream.unit_id == unit_id)
    refuse_if(not scope.may_read_annex(unit_id) or session.scalar(here) is None, "not_found")
    return session.get_one(Campaign, campaign_id)
