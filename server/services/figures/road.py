"""A campaign's progress from letter to report in a few numbers, for the front page of a demo."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.models import Campaign, Census, PhotoRef, Stream, Unit
from server.services.figures.loading import Coverage, coverage
from server.services.records import late, projection


@dataclass(frozen=True, slots=True)
class Road:
    """The nearest open campaign that is not a practice one, with the number of records in each state."""

    campaign: Campaign
    unit: Unit
    covered: Coverage
    states: dict[str, int]
    photos: int

    @property
    def records(self) -> int:
        """Number of submitted records."""
        return sum(self.states.get(state, 0) for state in ("waiting", "amended", "returned", "counted", "not_counted"))

    @property
    def waiting(self) -> int:
        """Number of records that wait for a decision."""
        return self.states.get("waiting", 0) + self.states.get("amended", 0)


def road(session: Session, unit_id: str) -> Road | None:
    """The progress of that unit's campaign; None if it has none that is open."""
    opened = select(Campaign).where(Campaign.status == "open", ~Campaign.practice, Campaign.unit_id == unit_id)
    day = today()
    campaign = min(session.scalars(opened), key=lambda each: late.nearness(each, day), default=None)
    if campaign is None:
        return None
    states = projection.records_in(Census.state).where(Stream.campaign_id == campaign.id)
    photos = select(func.count(PhotoRef.sha256.distinct())).join(Stream, Stream.id == PhotoRef.stream_id)
    photos = photos.where(Stream.campaign_id == campaign.id, PhotoRef.role == "original", PhotoRef.held)
    return Road(
        campaign,
        session.get_one(Unit, campaign.unit_id),
        coverage(session, campaign.unit_id, campaign.id),
        {state: int(count) for state, count in session.execute(states)},
        session.scalar(photos) or 0,
    )
