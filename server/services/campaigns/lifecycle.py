"""Campaigns: opened for a unit and everything below it, closed, archived."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.core.problem_details import Problem
from server.models import Campaign, CampaignFile, Census, Counter, Record, Seal, Stream, Tally, TallyKey
from server.services.continuity import restore_times
from server.services.records import streams
from server.services.units.scope import Scope
from server.services.units.tree import ancestry, subtree
from sync.registry import KINDS, Kind

STATUSES = ("open", "closed", "archived")
REVIEW_RULES = ("parent", "peer")


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """What the letter says. `due_before` is exclusive: the first day that is too late. No `kinds`: all of them.

    `due_levels`: the earlier days of some levels of units, as ISO dates (SPEC L-13). `figures`: codes of those that it
    asks for.
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
    figures: list[str] = field(default_factory=list)
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
        figures=new.figures,
        opened_at=now_ms(),
    )
    session.add(campaign)
    session.flush()
    streams.open_for(session, campaign.id, subtree(session, [unit_id]), again=id_ is not None)
    return campaign


def same_one(session: Session, unit_id: str, new: NewCampaign) -> Campaign | None:
    """A campaign that this letter opened before: the same unit, name, days and `practice`; None where it is new."""
    return session.scalar(
        select(Campaign)
        .where(
            Campaign.unit_id == unit_id,
            Campaign.name == new.name,
            Campaign.starts_on == new.starts_on,
            Campaign.ends_on == new.ends_on,
            Campaign.practice == new.practice,
        )
        .limit(1)
    )


def set_due(session: Session, campaign_id: str, before: date, level: str | None) -> Campaign:
    """Set the first day that is too late, for all or for one level of units (SPEC L-13). Raises Problem.

    Marks of lateness are derived, so they follow at once, on phones with their next catalogue.
    """
    campaign = session.get_one(Campaign, campaign_id)
    if before <= campaign.starts_on or (level and before > campaign.due_before):
        raise Problem("bad_request", "before")
    if level:
        campaign.due_levels = campaign.due_levels | {level: before.isoformat()}
    else:
        campaign.due_before = before
        campaign.due_levels = {name: day for name, day in campaign.due_levels.items() if day < before.isoformat()}
    session.flush()
    return campaign


def delete_empty(session: Session, campaign_id: str) -> bool:
    """Delete a campaign without any record, with its streams, seals and files' rows. False when it has records."""
    of_it = select(Stream.id).where(Stream.campaign_id == campaign_id)
    streams.lock(session, session.scalars(of_it).all())
    if session.scalar(select(func.count()).select_from(Record).where(Record.stream_id.in_(of_it))):
        return False
    for table in (Seal, Counter, Tally, TallyKey, Census):
        session.execute(delete(table).where(table.stream_id.in_(of_it)))
    session.execute(delete(Stream).where(Stream.campaign_id == campaign_id))
    session.execute(delete(CampaignFile).where(CampaignFile.campaign_id == campaign_id))
    session.execute(delete(Campaign).where(Campaign.id == campaign_id))
    return True


def kinds_of(campaign: Campaign) -> list[Kind]:
    """The kinds of activity that are recorded in it: those it names, or every kind there is, also a later one."""
    return [kind for kind in KINDS.recorded() if not campaign.kinds or kind.name in campaign.kinds]


def set_status(session: Session, campaign_id: str, status: str) -> None:
    """Close: what comes from now on is stored and is late, behind where each stream stands (SPEC L-4, L-17).

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
        streams.open_for(
            session, campaign.id, subtree(session, [campaign.unit_id]), again=restore_times.lately(session)
        )
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
