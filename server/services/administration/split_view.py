"""What the page of splits shows: what would stay, who and what would go, and the splits that were made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.bulk import grouped
from server.models import Campaign, Census, Device, Membership, Officer, Seal, Stream, Unit, UnitSplit
from server.services.administration.mergers import MovedUnit, brought
from server.services.organisation import split_faults
from server.services.organisation.split_faults import NewPart, SplitPlan
from server.services.organisation.split_undo import SplitReturn
from server.services.reports.snapshot import steps
from server.services.units.tree import ancestry, links_below, merged_into, path


@dataclass(frozen=True, slots=True)
class SplitPerson:
    """Somebody of the old unit. `devices`: those in use."""

    officer: Officer
    roles: list[str]
    devices: int


@dataclass(frozen=True, slots=True)
class UnitBelow:
    """A unit right below the old one, with what is below it: what goes along with it, in campaigns not archived."""

    unit: Unit
    records: int
    seals: int
    accounts: int


@dataclass(frozen=True, slots=True)
class SplitView:
    """What would happen. `stays`: what the old unit keeps; `without`: new units to which nobody goes.

    `below`: the units below it, which go to a part or stay. `confirmed`: campaigns whose figures the unit confirmed;
    `locked`: (campaign, unit that locked its figures), of the unit and those above it.
    """

    plan: SplitPlan
    stays: MovedUnit
    people: list[SplitPerson]
    below: list[UnitBelow]
    without: list[NewPart]
    confirmed: list[str]
    locked: list[tuple[str, str]]
    faults: list[tuple[str, str]]

    @property
    def is_possible(self) -> bool:
        """True if other choices of people and units may be enough."""
        return all(code in split_faults.AGAIN for code, _ in self.faults)


@dataclass(frozen=True, slots=True)
class MadeSplit:
    """A split that was made. `kept`: why it cannot be taken back, empty if it can; `back`: what that brings back."""

    row: UnitSplit
    unit: Unit
    parts: list[Unit]
    kept: str
    back: SplitReturn


def view(session: Session, plan: SplitPlan) -> SplitView:
    """Return what would happen."""
    old, people = plan.old, _people(session, plan.old)
    return SplitView(
        plan=plan,
        stays=brought(session, old, merged_into(session, [old.id])),
        people=people,
        below=_below(session, old),
        without=split_faults.without_people(plan, {each.officer.id for each in people}),
        confirmed=_confirmed(session, old),
        locked=_locked(session, old),
        faults=[each for each in split_faults.faults(session, plan) if each[0] not in split_faults.CHOICES],
    )


def _people(session: Session, old: Unit) -> list[SplitPerson]:
    held = (
        select(Officer, Membership.role)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.unit_id == old.id, Membership.ended_at.is_(None))
        .order_by(Officer.sort_key, Officer.id, Membership.role)
    )
    roles = grouped((officer, role) for officer, role in session.execute(held))
    used = (
        select(Device.officer_id, func.count())
        .where(Device.officer_id.in_({officer.id for officer in roles}))
        .where(Device.revoked_at.is_(None), Device.replaced_at.is_(None))
        .group_by(Device.officer_id)
    )
    devices = _by_first(session, used)
    return [SplitPerson(officer, mine, devices.get(officer.id, 0)) for officer, mine in roles.items()]


def _below(session: Session, old: Unit) -> list[UnitBelow]:
    units = split_faults.units_below(session, old)
    if not units:
        return []
    parents = {id_: parent for id_, parent, _ in links_below(session, [unit.id for unit in units])}
    inside = grouped((path(id_, parents)[-1], id_) for id_ in parents)
    runs = Campaign.status != "archived", Campaign.practice.is_(False)
    streams = select(Stream.id, Stream.unit_id).join(Campaign, Campaign.id == Stream.campaign_id)
    here = streams.where(Stream.unit_id.in_(parents), *runs).subquery()
    per_unit = select(here.c.unit_id, func.sum(Census.records)).join(Census, Census.stream_id == here.c.id)
    records = _by_first(session, per_unit.group_by(here.c.unit_id))
    sealed = select(here.c.unit_id, func.count()).join(Seal, Seal.stream_id == here.c.id)
    seals = _by_first(session, sealed.where(Seal.taken_back_at.is_(None)).group_by(here.c.unit_id))
    held = select(Membership.unit_id, func.count(func.distinct(Membership.officer_id)))
    people = held.where(Membership.unit_id.in_(parents), Membership.ended_at.is_(None)).group_by(Membership.unit_id)
    accounts = _by_first(session, people)
    return [
        UnitBelow(unit, *(sum(each.get(id_, 0) for id_ in inside[unit.id]) for each in (records, seals, accounts)))
        for unit in units
    ]


def _by_first(session: Session, query: Any) -> dict[str, int]:
    return {first: int(number) for first, number in session.execute(query)}


def _confirmed(session: Session, old: Unit) -> list[str]:
    query = (
        select(Campaign.name)
        .join(Stream, Stream.campaign_id == Campaign.id)
        .join(Seal, Seal.stream_id == Stream.id)
        .where(Stream.unit_id == old.id, Seal.taken_back_at.is_(None))
        .where(Campaign.status != "archived", Campaign.practice.is_(False))
    )
    return sorted(set(session.scalars(query)))


def _locked(session: Session, old: Unit) -> list[tuple[str, str]]:
    above = {id_: session.get_one(Unit, id_).name for id_ in ancestry(session, old.id)[1:]}
    running = (
        select(Campaign.id, Campaign.name)
        .join(Stream, Stream.campaign_id == Campaign.id)
        .where(Stream.unit_id == old.id, Campaign.status != "archived", Campaign.practice.is_(False))
    )
    rows = session.execute(running.order_by(Campaign.name))
    return [(name, above[unit]) for id_, name in rows for unit in steps.locked(session, list(above), id_)]
