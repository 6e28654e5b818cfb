"""Whose texts: a unit's in a campaign, or a paper's. Who may write those of a unit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Paper
from server.services.units.scope import Scope


@dataclass(frozen=True, slots=True)
class Owner:
    """A unit in a campaign, or one of its papers."""

    campaign: str
    unit: str
    paper: str | None = None

    @property
    def id(self) -> str:
        """The id that its texts are stored under."""
        return self.paper or self.unit


def of_paper(paper: Paper) -> Owner:
    """Return the owner of a paper's texts."""
    return Owner(paper.campaign_id, paper.unit_id, paper.id)


def may_write(scope: Scope, campaign: Campaign, unit_id: str) -> bool:
    """True for a member of the unit, while the campaign is not archived."""
    return campaign.status != "archived" and scope.today(unit_id) == unit_id and scope.is_member(unit_id)


def of_unit(session: Session, scope: Scope, campaign_id: str, unit_id: str, *, write: bool = False) -> Owner:
    """Return the owner of a unit's texts that the officer may read, or with `write` write.

    Raises Problem `not_found`, `archived`, `unit_merged` or `forbidden`.
    """
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not scope.may_see(unit_id):
        raise Problem("not_found")
    if write and campaign.status == "archived":
        raise Problem("archived")
    if write and scope.today(unit_id) != unit_id:
        raise Problem("unit_merged")
    if write and not may_write(scope, campaign, unit_id):
        raise Problem("forbidden")
    return Owner(campaign_id, unit_id)
