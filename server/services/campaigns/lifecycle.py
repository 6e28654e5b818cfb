"""Campaigns: open, close and archive one for a unit and everything below it.

Whether an archived campaign may run again: not once a unit with figures of its own in it was split (SPEC L-56).

A split is refused while such a campaign runs (L-54). Archived, it hinders none, and its figures stay those of the
areas before. Opened again, it would lose the records of units that went, or they would be in two locked reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import new_id, now_ms
from server.core.db import add_now
from server.core.problem_details import refuse_if
from server.models import (
    AskedDocument,
    BulkAct,
    Campaign,
    CampaignFile,
    CampaignLetter,
    Census,
    Counter,
    Freeze,
    HintChange,
    IssuedPaper,
    LockStep,
    MoneyStatement,
    OrderingLetter,
    Paper,
    Passage,
    PriorDraft,
    PriorSet,
    Record,
    SampleRule,
    Seal,
    SealedAnnex,
    SealedTotals,
    Stream,
    SummedCampaign,
    SummedPart,
    SummedStream,
    SummedUnit,
    Tally,
    TallyKey,
    TotalStep,
    Unit,
    UnitSplit,
)
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.records import opening, streams
from server.services.units.scope import Scope
from server.services.units.tree import links_above, path, subtree
from sync.registry import KINDS, Kind

_LOCK: Final = "lock"
_SUMS: Final = (SummedCampaign, SummedPart, SummedStream, SummedUnit)


def split_since(session: Session, campaign: Campaign) -> tuple[UnitSplit, Unit] | None:
    """Return the first split that keeps it archived, with the unit that was split; None if there is none."""
    if campaign.practice:
        return None
    since = select(UnitSplit).where(UnitSplit.at >= campaign.opened_at, UnitSplit.taken_back_at.is_(None))
    rows = [row for row in session.scalars(since.order_by(UnitSplit.at, UnitSplit.id)) if row.units_moved]
    locked = _locked(session, campaign) if rows else {}
    for nth, row in enumerate(rows):
        changed = _changed(session, row, rows[nth + 1 :])
        is_own = campaign.unit_id in changed or _was_merged(session, campaign.unit_id, row)
        if is_own or any(locked.get(unit, row.at) < row.at for unit in changed):
            return row, session.get_one(Unit, row.unit_id)
    return None


def _changed(session: Session, row: UnitSplit, later: Iterable[UnitSplit]) -> set[str]:
    """Return the unit, its parts and those above that were not above all of them then, whatever the tree is today."""
    moved: dict[str, str] = {}
    for each in later:
        for unit, before, _ in each.units_moved:
            moved.setdefault(unit, before)
    units = [row.unit_id, *row.part_ids]
    parents = _parents(session, units, row.at, moved)
    paths = [set(path(unit, parents)) for unit in units]
    return set[str]().union(*paths) - paths[0].intersection(*paths)


def _parents(session: Session, units: Iterable[str], at: int, moved: Mapping[str, str]) -> dict[str, str | None]:
    """Return what these units and those above them had above them before `at`; `moved`: of those that went since."""
    found: dict[str, str | None] = {}
    wanted = set(units)
    while wanted:
        rows = select(Unit.id, Unit.parent_id, Unit.former_parent_id, Unit.merged_at).where(one_of(Unit.id, wanted))
        for id_, parent, former, merged_at in session.execute(rows):
            found[id_] = moved.get(id_) or (former if merged_at is not None and merged_at >= at else parent)
        wanted = {parent for parent in found.values() if parent} - found.keys()
    return found


def _was_merged(session: Session, unit_id: str, row: UnitSplit) -> bool:
    """True if it had been merged into the unit before that was split, directly or through another."""
    links = {id_: (parent, merged_at) for id_, parent, merged_at in links_above(session, [unit_id])}
    here: str | None = unit_id
    while here is not None and here != row.unit_id:
        parent, merged_at = links[here]
        here = parent if merged_at is not None and merged_at < row.at else None
    return here is not None


def _locked(session: Session, campaign: Campaign) -> dict[str, int]:
    """Return when the units that hold their figures locked did so, whatever was asked for or opened since."""
    steps = select(LockStep).where(LockStep.campaign_id == campaign.id).order_by(LockStep.number)
    last: dict[str, LockStep] = {}
    at: dict[str, int] = {}
    for step in session.scalars(steps):
        last[step.unit_id] = step
        if step.act == _LOCK:
            at[step.unit_id] = step.at
    return {unit: at[unit] for unit, step in last.items() if step.leaves_locked}


_KEPT = (
    LockStep, Freeze, MoneyStatement, IssuedPaper, PriorSet, SealedTotals, SealedAnnex, Paper, AskedDocument, Passage,
)  # fmt: skip
"""What people wrote for a campaign, besides records and totals: with any of it, a campaign is not empty."""
STATUSES = ("open", "closed", "archived")
REVIEW_RULES = ("parent", "peer")
OWN_DUE = "due.own"
"""The field of the due date of the level that opens a campaign."""
NO_SLOGAN = {"id": "s0", "text": "Nội dung tuyên truyền của đợt (công văn không quy định khẩu hiệu)"}
"""What a banner of a campaign without slogans says: a banner names one, and this one claims none."""


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign as its letter describes it. `due_before`: the first day that is too late. No `kinds`: all of them.

    `due_levels`: the days of some levels of units, as ISO dates (SPEC L-13): an earlier one below, a later one of the
    level that opens it. `figures`: codes of the figures that it asks for. Slogans and hotline may be none.
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


def faults(new: NewCampaign, own: str = "") -> dict[str, str]:
    """Return what is wrong with its days, `{field: code}`: they must follow one another, a level's day within them.

    `own`: the level that opens it, which may report later than those below.
    """
    found: dict[str, str] = {}
    if new.ends_on < new.starts_on:
        found["ends_on"] = "before_start"
    elif new.due_before <= new.ends_on:
        found["due_before"] = "before_end"
    for level, day in new.due_levels.items():
        if level == own and day <= new.starts_on.isoformat():
            found[OWN_DUE] = "own_outside"
        elif level != own and not new.starts_on.isoformat() < day <= new.due_before.isoformat():
            found[f"due.{level}"] = "level_outside"
    return found


def open_campaign(
    session: Session, unit_id: str, new: NewCampaign, id_: str | None = None, *, drawn_at: int = 0
) -> Campaign:
    """Open a campaign; each unit of the subtree gets a stream.

    `id_`: the id that it shall have, drawn at that moment. A restore since then may have lost a campaign that was
    opened under it (SPEC B-7, B-14).
    """
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
        slogans=numbered(new.slogans) or [dict(NO_SLOGAN)],
        bases=new.bases,
        tasks=new.tasks,
        kinds=new.kinds,
        expected=new.expected,
        figures=new.figures,
        opened_at=now_ms(),
    )
    lock_catalog(session)
    add_now(session, campaign)
    log.append(session, Act.CAMPAIGN_OPENED, ("campaign", campaign.id), new={"unit": unit_id})
    since = now_ms() if id_ is None else drawn_at
    opening.open_for(session, campaign.id, subtree(session, [unit_id]), since=since)
    return campaign


def numbered(slogans: Iterable[str], after: int = 0) -> list[dict[str, str]]:
    """Return slogans as they are stored, with the ids that records will name."""
    return [{"id": f"s{number}", "text": text} for number, text in enumerate(slogans, after + 1)]


def same_one(session: Session, unit_id: str, new: NewCampaign) -> Campaign | None:
    """A campaign opened before by this letter: same unit, name, days and `practice`. None if it is new."""
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
    """Set the first day that is too late, for all units or for one level (SPEC L-13). Raises Problem.

    Marks of lateness are derived, so they change at once; on phones, with their next catalogue.
    """
    lock_catalog(session)
    campaign = session.get_one(Campaign, campaign_id)
    is_own = level == session.get_one(Unit, campaign.unit_id).level
    refuse_if(
        before <= campaign.starts_on or (level and not is_own and before > campaign.due_before), "bad_request", "before"
    )
    if level:
        campaign.due_levels = campaign.due_levels | {level: before.isoformat()}
    else:
        campaign.due_before = before
        own = session.get_one(Unit, campaign.unit_id).level
        kept = campaign.due_levels.items()
        campaign.due_levels = {name: day for name, day in kept if name == own or day < before.isoformat()}
    session.flush()
    log.append(session, Act.CAMPAIGN_DUE, ("campaign", campaign.id), new={"before": before.isoformat()})
    return campaign


def delete_empty(session: Session, campaign_id: str) -> bool:
    """Delete a campaign without records, with its streams, seals, file rows and dry runs of figures to compare with.

    Returns False if it has records, if its figures were ever locked or stated as totals, or if anything else that
    people wrote hangs on it.
    """
    of_it = select(Stream.id).where(Stream.campaign_id == campaign_id)
    streams.lock(session, session.scalars(of_it).all())
    lock_catalog(session)  # behind the streams, as everywhere
    # Before what hangs on it, as who amends it does.
    if session.get(Campaign, campaign_id, with_for_update=True) is None:
        return True  # somebody else deleted it meanwhile
    if session.scalar(select(func.count()).select_from(Record).where(Record.stream_id.in_(of_it))):
        return False
    for kept in _KEPT:
        if session.scalar(select(func.count()).select_from(kept).where(kept.campaign_id == campaign_id)):
            return False
    if session.scalar(select(func.count()).select_from(TotalStep).where(TotalStep.stream_id.in_(of_it))):
        return False
    for table in (Seal, Counter, Tally, TallyKey, Census, HintChange):
        session.execute(delete(table).where(table.stream_id.in_(of_it)))
    session.execute(delete(Stream).where(Stream.campaign_id == campaign_id))
    session.execute(delete(PriorDraft).where(PriorDraft.campaign_id == campaign_id))
    session.execute(delete(CampaignFile).where(CampaignFile.campaign_id == campaign_id))
    for of_campaign in (CampaignLetter, OrderingLetter, SampleRule, BulkAct, *_SUMS):
        session.execute(delete(of_campaign).where(of_campaign.campaign_id == campaign_id))
    session.execute(delete(Campaign).where(Campaign.id == campaign_id))
    log.append(session, Act.CAMPAIGN_DELETED, ("campaign", campaign_id))
    return True


def kinds_of(campaign: Campaign) -> list[Kind]:
    """The kinds of activity recorded in a campaign: those it names, or every kind there is, also later ones."""
    return [kind for kind in KINDS.recorded() if not campaign.kinds or kind.name in campaign.kinds]


def set_status(session: Session, campaign_id: str, status: str) -> None:
    """Close, archive or reopen. Closed: later writes are stored and late, from each stream's position (SPEC L-4, L-17).

    Archived: writes are refused and stay on the phone (L-5). Reopened: as if it had never ended. Raises Problem
    `campaign_split` for an archived one that a split keeps so (py).
    """
    refuse_if(status not in STATUSES, "bad_request", "status")
    of_it = Stream.campaign_id == campaign_id
    streams.lock(session, session.scalars(select(Stream.id).where(of_it)).all())  # from here on nobody writes to them
    lock_catalog(session)  # behind the streams, as everywhere
    campaign = session.get_one(Campaign, campaign_id, populate_existing=True)  # another transaction may have changed it
    was, campaign.status = campaign.status, status
    if status != was:
        new = {"status": status, "unit": campaign.unit_id}
        log.append(session, Act.CAMPAIGN_STATUS, ("campaign", campaign_id), old={"status": was}, new=new)
    if (status == "open") != (was == "open"):
        campaign.closed_at = None if status == "open" else now_ms()
    session.flush()  # waits for concurrent changes of units: we see their streams below, or they see the new status
    if was == "archived" and status != was:  # units that were added meanwhile take part
        refuse_if(split_since(session, campaign), "campaign_split")
        opening.open_for(session, campaign.id, subtree(session, [campaign.unit_id]))
    if status == "open":
        session.execute(update(Stream).where(of_it).values(closed=None))
    else:  # keep the position found when it was first ended
        session.execute(update(Stream).where(of_it, Stream.closed.is_(None)).values(closed=Stream.position))
    for table in _SUMS if status == "archived" else ():  # nobody keeps them up to date from here on
        session.execute(delete(table).where(table.campaign_id == campaign_id))


def change_status(session: Session, scope: Scope, campaign_id: str, status: str) -> None:
    """Set the status on behalf of a person. Raises Problem if they may not run the campaign."""
    campaign = scope.seen(session.get(Campaign, campaign_id))
    refuse_if(not scope.may_run(campaign), "forbidden")
    set_status(session, campaign_id, status)


def join(session: Session, unit_ids: Sequence[str], *, again: bool = False) -> None:
    """Add units to the campaigns above them that are not archived. `again`: under ids from before a restore."""
    parents = {id_: parent_id for id_, parent_id, _ in links_above(session, unit_ids)}
    above = {unit: frozenset(path(unit, parents)) for unit in unit_ids}
    running = select(Campaign).where(Campaign.unit_id.in_(frozenset().union(*above.values())))
    running = running.where(Campaign.status != "archived").execution_options(populate_existing=True)
    for campaign in session.scalars(running).all():
        joining = [unit for unit in unit_ids if campaign.unit_id in above[unit]]
        opening.open_for(session, campaign.id, joining, since=0 if again else None)
        if campaign.status == "closed":  # all that they write comes after the end
            own = update(Stream).where(Stream.campaign_id == campaign.id, one_of(Stream.unit_id, joining))
            session.execute(own.where(Stream.closed.is_(None)).values(closed=Stream.position))
    session.flush()
