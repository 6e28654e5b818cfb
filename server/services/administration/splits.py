"""A split seen before it is made: what stays, who may go, and why it is not possible (SPEC L-50).

view = splits.preview(session, scope, SplitAsked(old_id, [NewPart(…), "id of a unit"], day, heir, moves))
splits.split(session, scope, asked)          # what was seen, if nothing changed
splits.take_back(session, scope, split_id)   # while nobody worked with it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.models import Campaign, Device, Membership, Officer, Seal, Stream, Unit, UnitSplit
from server.services.administration.mergers import MovedUnit, brought
from server.services.locks import steps
from server.services.organisation import split_undo, unit_splits
from server.services.organisation.unit_splits import NewPart, SplitPlan
from server.services.units.scope import ADMIN, Scope
from server.services.units.tree import among, ancestry, subtree

LATELY: Final = 10
"""Splits that the page lists."""


@dataclass(frozen=True, slots=True)
class SplitAsked:
    """What somebody asks for: ids of units, or new ones. `heir`, `moves`, `empty` as in SplitPlan."""

    old_id: str
    parts: Sequence[NewPart | str]
    first_day: date
    heir: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


@dataclass(frozen=True, slots=True)
class SplitPerson:
    """Somebody of the old unit. `devices`: those in use."""

    officer: Officer
    roles: list[str]
    devices: int


@dataclass(frozen=True, slots=True)
class SplitView:
    """What would happen. `stays`: what the old unit keeps; `without`: new units to which nobody goes.

    `confirmed`: campaigns whose figures the unit confirmed; `locked`: (campaign, unit above that locked its figures).
    """

    plan: SplitPlan
    stays: MovedUnit
    people: list[SplitPerson]
    without: list[NewPart]
    confirmed: list[str]
    locked: list[tuple[str, str]]
    faults: list[tuple[str, str]]

    @property
    def is_possible(self) -> bool:
        """True if other choices of people may be enough."""
        return all(code == "not_here" for code, _ in self.faults)


@dataclass(frozen=True, slots=True)
class MadeSplit:
    """A split that was made. `kept`: why it cannot be taken back; empty if it can."""

    row: UnitSplit
    unit: Unit
    parts: list[Unit]
    kept: str


def preview(session: Session, scope: Scope, asked: SplitAsked) -> SplitView:
    """Return what would happen. Raises Problem `not_found` for units that the officer does not administer."""
    plan = _plan(session, scope, asked)
    people = _people(session, plan.old)
    without = unit_splits.without_people(plan, {each.officer.id for each in people})
    return SplitView(
        plan=plan,
        stays=brought(session, plan.old),
        people=people,
        without=without,
        confirmed=_confirmed(session, plan.old),
        locked=_locked(session, plan.old),
        faults=[each for each in unit_splits.faults(session, plan) if each[0] != "nobody"],
    )


def split(session: Session, scope: Scope, asked: SplitAsked) -> UnitSplit:
    """Split as it was seen. Raises Problem `split_nobody` for a new unit without people, `split_moved`, `not_found`."""
    plan = _plan(session, scope, asked)
    wrong = [code for code, _ in unit_splits.faults(session, plan)]
    if wrong and set(wrong) == {"nobody"}:
        raise Problem("split_nobody")
    try:
        return unit_splits.split(session, plan)
    except ValueError as reason:
        raise Problem("split_moved") from reason


def lately(session: Session, scope: Scope, also: str = "") -> list[MadeSplit]:
    """Return the last splits of units that the officer administers, newest first. `also`: one that is among them."""
    tops = scope.tops([ADMIN])
    theirs = among(UnitSplit.unit_id, subtree(session, tops), tops)
    newest = select(UnitSplit).where(theirs).order_by(UnitSplit.at.desc(), UnitSplit.id)
    mine = list(session.scalars(newest.limit(LATELY)))
    if also and all(row.id != also for row in mine):
        mine += session.scalars(newest.where(UnitSplit.id == also))
    ids = {row.unit_id for row in mine} | {id_ for row in mine for id_, _ in row.parts}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return [
        MadeSplit(row, units[row.unit_id], [units[id_] for id_, _ in row.parts], split_undo.reason(session, row))
        for row in mine
    ]


def take_back(session: Session, scope: Scope, split_id: str) -> Unit:
    """Take a split back; return the old unit. Raises Problem `split_kept`, `not_found`."""
    row = session.get(UnitSplit, split_id)
    if row is None or not all(scope.may_administer(unit) for unit in (row.unit_id, *(id_ for id_, _ in row.parts))):
        raise Problem("not_found")
    try:
        split_undo.take_back(session, row)
    except ValueError as reason:
        raise Problem("split_kept") from reason
    return session.get_one(Unit, row.unit_id)


def _plan(session: Session, scope: Scope, asked: SplitAsked) -> SplitPlan:
    old = _administered(session, scope, asked.old_id)
    parts = [part if isinstance(part, NewPart) else _administered(session, scope, part) for part in asked.parts]
    above = old.former_parent_id or old.parent_id
    if above is not None and not scope.may_administer(above) and any(isinstance(part, NewPart) for part in parts):
        raise Problem("not_found")
    return SplitPlan(old, parts, asked.first_day, asked.heir, dict(asked.moves), asked.empty)


def _administered(session: Session, scope: Scope, unit_id: str) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None or not scope.may_administer(unit_id):
        raise Problem("not_found")
    return unit


def _people(session: Session, old: Unit) -> list[SplitPerson]:
    held = (
        select(Officer, Membership.role)
        .join(Membership, Membership.officer_id == Officer.id)
        .where(Membership.unit_id == old.id, Membership.ended_at.is_(None))
        .order_by(Officer.sort_key, Officer.id, Membership.role)
    )
    roles: dict[Officer, list[str]] = {}
    for officer, role in session.execute(held):
        roles.setdefault(officer, []).append(role)
    used = (
        select(Device.officer_id, func.count())
        .where(Device.officer_id.in_({officer.id for officer in roles}))
        .where(Device.revoked_at.is_(None), Device.replaced_at.is_(None))
        .group_by(Device.officer_id)
    )
    devices = {officer: number for officer, number in session.execute(used)}  # noqa: C416  # rows are no pairs for mypy
    return [SplitPerson(officer, mine, devices.get(officer.id, 0)) for officer, mine in roles.items()]


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
