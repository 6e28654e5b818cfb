"""Campaigns: opened for a unit and everything below it, closed, archived."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from server.clock import new_id, now_ms
from server.models import Campaign
from server.problems import Problem
from server.services import streams
from server.services.scope import subtree
from sync.registry import KINDS

STATUSES = ("open", "closed", "archived")
REVIEW_RULES = ("parent", "peer")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What the letter says. `due_before` is exclusive: the first day that is too late."""

    name: str
    starts_on: date
    ends_on: date
    due_before: date
    hotline: str
    slogans: list[str]
    bases: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    practice: bool = False
    review_rule: str = "parent"


def open_campaign(session: Session, unit_id: str, new: NewCampaign) -> Campaign:
    """Open a campaign; every unit of the subtree gets its stream."""
    campaign = Campaign(
        id=new_id(),
        unit_id=unit_id,
        name=new.name,
        practice=new.practice,
        status="open",
        review_rule=new.review_rule,
        hotline=new.hotline,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        due_before=new.due_before,
        slogans=[{"id": f"s{number}", "text": text} for number, text in enumerate(new.slogans, 1)],
        bases=new.bases,
        tasks=new.tasks,
        kinds=list(KINDS),
        opened_at=now_ms(),
    )
    session.add(campaign)
    session.flush()
    streams.open_for(session, campaign.id, subtree(session, [unit_id]))
    return campaign


def set_status(session: Session, campaign_id: str, status: str) -> None:
    """Close (late writes are still stored) or archive (they are refused: `archived`)."""
    if status not in STATUSES:
        raise Problem("bad_request", "status")
    session.get_one(Campaign, campaign_id).status = status
    session.flush()
