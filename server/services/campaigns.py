"""Campaigns: opened for a unit and everything below it, closed, archived."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.clock import new_id, now_ms
from server.models import Campaign, Stream
from server.problems import Problem
from server.services import restores, streams
from server.services.scope import Scope
from server.services.tree import ancestry, subtree
from sync.registry import KINDS, Kind

STATUSES = ("open", "closed", "archived")
REVIEW_RULES = ("parent", "peer")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What the letter says. `due_before` is exclusive: the first day that is too late. No `kinds`: all of them.

    `due_levels`: the earlier days of some levels of units, as ISO dates (SPEC L-13).
    """

    name: str
    starts_on: date
    ends_on: date
    due_before: date
    hotline: str
    slogans: list[str]
    due_levels: dict[str, str] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    expected: list[dict[str, Any]] = field(default_factory=list)
    practice: bool = False
    review_rule: str = "parent"


def open_campaign(session: Session, unit_id: str, new: NewCampaign, id_: str | None = None) -> Campaign:
    """Open a campaign; every unit of the subtree gets its stream. `id_`: the one it had before a restore (SPEC B-7)."""
    campaign = Campaign(
        id=id_ or new_id(),
        unit_id=unit_id,
        name=new.name,
        practice=new.practice,
        status="open",
        review_rule=new.review_rule,
        hotline=new.hotline,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        due_before=new.due_before,
        due_levels=new.due_levels,
        slogans=[{"id": f"s{number}", "text": text} for number, text in enumerate(new.slogans, 1)],
        bases=new.bases,
        tasks=new.tasks,
        kinds=new.kinds,
        expected=new.expected,
        opened_at=now_ms(),
    )
    session.add(campaign)
    session.flush()
    streams.open_for(session, campaign.id, subtree(session, [unit_id]), again=id_ is not None)
    return campaign


def kinds_of(campaign: Campaign) -> list[Kind]:
    """The kinds of activity that are recorded in it: those it names, or every kind there is, also a later one."""
    return [kind for kind in KINDS.recorded() if not campaign.kinds or kind.name in campaign.kinds]


def set_status(session: Session, campaign_id: str, status: str) -> None:
    """Close: what comes from now on is stored and is late, behind where each stream stands (SPEC L-4).

    Archive: it is refused, and stays on the phone (L-5). Open again: as if it had never ended.
    """
    if status not in STATUSES:
        raise Problem("bad_request", "status")
    of_it = Stream.campaign_id == campaign_id
    streams.lock(session, session.scalars(select(Stream.id).where(of_it)).all())  # nothing is written to them from here
    campaign = session.get_one(Campaign, campaign_id, populate_existing=True)  # somebody else may have changed it
    was, campaign.status = campaign.status, status
    if (status == "open") != (was == "open"):
        campaign.closed_at = None if status == "open" else now_ms()
    session.flush()  # waits for who changes units: their streams are seen below, or they see what this is now
    if was == "archived" and status != was:  # units that came meanwhile take part
        streams.open_for(session, campaign.id, subtree(session, [campaign.unit_id]), again=restores.lately(session))
    if status == "open":
        session.execute(update(Stream).where(of_it).values(closed=None))
    else:  # the line stays where the first who ended it found the stream
        session.execute(update(Stream).where(of_it, Stream.closed.is_(None)).values(closed=Stream.position))


def change_status(session: Session, scope: Scope, campaign_id: str, status: str) -> None:
    """The same by somebody who runs the campaign. Raises Problem for who does not."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not scope.may_see(campaign.unit_id):
        raise Problem("not_found")
    if not scope.may_run(campaign):
        raise Problem("forbidden")
    set_status(session, campaign_id, status)


def join(session: Session, unit_id: str, *, again: bool = False) -> None:
    """A unit that came into being, `again` after a restore, takes part in what runs above it and is not archived."""
    above = ancestry(session, unit_id)
    running = select(Campaign).where(Campaign.unit_id.in_(above), Campaign.status != "archived")
    for campaign in session.scalars(running.execution_options(populate_existing=True)).all():
        streams.open_for(session, campaign.id, [unit_id], again=again)
        if campaign.status == "closed":  # whatever it writes comes after the end
            own = update(Stream).where(Stream.campaign_id == campaign.id, Stream.unit_id == unit_id)
            session.execute(own.where(Stream.closed.is_(None)).values(closed=Stream.position))
    session.flush()
