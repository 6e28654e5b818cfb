"""A merger seen before it is made: what the successor would stand for, and why it is not possible.

Nothing moves and nothing is renamed (SPEC L-6): the successor's people get the old units' records, its figures count
them, and roles at the old units end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.paging import ListPage, page_of
from server.core.problem_details import Problem, refuse_if, required
from server.models import Campaign, Census, Device, Membership, Seal, Stream, TotalStep, Unit
from server.services.administration import seen_marks
from server.services.administration.seen_marks import Marks, SeenDifference
from server.services.campaigns import expected
from server.services.organisation import tree_locks, unit_changes
from server.services.units.scope import ADMIN, Scope
from server.services.units.tree import among, ancestry, line, since, subtree

MOST: Final = 50
PAGE: Final = 10
"""Merged units that the page lists."""
FAULTS: Final = ("merged", "into_merged", "same", "below", "too_new", "future", "none")
"""Each has a sentence at the desk, `merge_fault.<code>`."""


@dataclass(frozen=True, slots=True)
class MovedUnit:
    """What one old unit brings. Numbers of open and closed campaigns; practice and archived ones are left out."""

    unit: Unit
    below: int
    records: int
    accounts: int
    devices: int
    planned: int
    seals: int
    totals: int


@dataclass(frozen=True, slots=True)
class MergerView:
    """The old units, the successor, the first day, and faults: (code, name of the unit)."""

    moved: list[MovedUnit]
    into: Unit
    on: date
    faults: list[tuple[str, str]]


def preview(session: Session, scope: Scope, old_ids: Sequence[str], into_id: str, on: date) -> MergerView:
    """Return what would move. Raises Problem `not_found` for units that the officer does not administer."""
    olds = [administered(session, scope, id_) for id_ in dict.fromkeys(old_ids)][:MOST]
    into = administered(session, scope, into_id)
    return MergerView([brought(session, old) for old in olds], into, on, _faults(session, olds, into, on))


def seen(view: MergerView) -> str:
    """Return what the form of a preview carries, so that it acts only on what it showed."""
    return seen_marks.text(_marks(view))


def changed(view: MergerView, seen: str) -> list[SeenDifference]:
    """Return what is not as it was seen."""
    return seen_marks.differences(seen, _marks(view))


def merge(
    session: Session, scope: Scope, old_ids: Sequence[str], into_id: str, on: date, seen: str, *, with_people: bool
) -> Unit:
    """Merge as it was seen. Raises Problem `merge_moved` if it is not possible, or not as it was seen; `not_found`."""
    for unit_id in (*old_ids, into_id):
        administered(session, scope, unit_id)
    try:
        tree_locks.hold(session, old_ids, [into_id])
        view = preview(session, Scope(session, scope.officer_id), old_ids, into_id, on)
        refuse_if(view.faults or changed(view, seen), "merge_moved")
        unit_changes.merge(session, [each.unit for each in view.moved], view.into, on, with_people=with_people)
    except ValueError as reason:
        raise Problem("merge_moved") from reason
    return view.into


def lately(session: Session, scope: Scope, page: int = 1) -> ListPage[tuple[Unit, Unit, date | None]]:
    """Return a page of merged units that the officer administers, the last first.

    Each with who stands for it now, and from which day on.
    """
    tops = scope.tops([ADMIN])
    theirs = among(session, Unit.id, subtree(session, tops), tops)
    was = or_(Unit.valid_to.is_(None), Unit.valid_to >= Unit.valid_from)
    newest = select(Unit).where(theirs, Unit.merged_at.is_not(None), was).order_by(Unit.merged_at.desc(), Unit.id)
    found = page_of(session, newest, page, PAGE).map(lambda row: row[0])
    lines = [line(session, unit) for unit in found.rows]
    return found.showing([(line[0], line[-1], since(line)) for line in lines])


def _marks(view: MergerView) -> Marks:
    """Return the marks of a preview (seen_marks.py).

    Records of units with others below them are no part of it: in a campaign new ones come there every minute.
    """
    numbers = {name: sum(getattr(each, name) for each in view.moved) for name in ("planned", "seals", "totals")}
    people = {name: sum(getattr(each, name) for each in view.moved) for name in ("accounts", "devices")}
    names = [[unit.id, unit.code, unit.name] for unit in (*(each.unit for each in view.moved), view.into)]
    return {
        "records": str(sum(each.records for each in view.moved if not each.below)),
        **{name: str(number) for name, number in (numbers | people).items()},
        "areas": seen_marks.listed(names),
        "units": seen_marks.listed([each.below for each in view.moved], sum(each.below for each in view.moved)),
    }


def administered(session: Session, scope: Scope, unit_id: str) -> Unit:
    """Return a unit that the officer administers. Raises Problem `not_found`."""
    unit = required(session.get(Unit, unit_id))
    refuse_if(not scope.may_administer(unit_id), "not_found")
    return unit


def _faults(session: Session, olds: Sequence[Unit], into: Unit, on: date) -> list[tuple[str, str]]:
    found = [("none", "")] if not olds else []
    if on > today():
        found.append(("future", ""))
    if into.merged_at is not None:
        found.append(("into_merged", into.name))
    above = ancestry(session, into.id)
    for old in olds:
        if old.id == into.id:
            found.append(("same", old.name))
        elif old.id in above:
            found.append(("below", old.name))
        if old.merged_at is not None:
            found.append(("merged", old.name))
        if on <= old.valid_from:
            found.append(("too_new", old.name))
    return found


def brought(session: Session, old: Unit, units: Sequence[str] = ()) -> MovedUnit:
    """Count what hangs on a unit and on these others, by default all below it."""
    units = units or subtree(session, [old.id])
    streams = (
        select(Stream.id)
        .join(Campaign, Campaign.id == Stream.campaign_id)
        .where(Stream.unit_id.in_(units), Campaign.practice.is_(False), Campaign.status != "archived")
    )
    held = select(Membership.officer_id).where(Membership.unit_id == old.id, Membership.ended_at.is_(None))
    in_use = (Device.officer_id.in_(held), Device.revoked_at.is_(None), Device.replaced_at.is_(None))
    seals = (Seal.stream_id.in_(streams), Seal.taken_back_at.is_(None))
    stated = select(TotalStep.stream_id, TotalStep.figure).where(TotalStep.stream_id.in_(streams)).distinct()
    return MovedUnit(
        unit=old,
        below=len(units) - 1,
        records=_number(session, select(func.sum(Census.records)).where(Census.stream_id.in_(streams))),
        accounts=_number(session, select(func.count(func.distinct(Membership.officer_id))).where(*_here(old))),
        devices=_number(session, select(func.count()).select_from(Device).where(*in_use)),
        planned=_planned(session, old),
        seals=_number(session, select(func.count()).select_from(Seal).where(*seals)),
        totals=_number(session, select(func.count()).select_from(stated.subquery())),
    )


def _here(old: Unit) -> tuple[Any, ...]:
    return (Membership.unit_id == old.id, Membership.ended_at.is_(None))


def _number(session: Session, query: Any) -> int:
    return int(session.scalar(query) or 0)


def _planned(session: Session, old: Unit) -> int:
    """Return how many figures open campaigns ask of this unit."""
    campaigns = (
        select(Campaign.expected)
        .join(Stream, Stream.campaign_id == Campaign.id)
        .where(Stream.unit_id == old.id, Campaign.status == "open", Campaign.practice.is_(False))
    )
    return sum(len(expected.of_unit(rows, old.id, old.name)) for rows in session.scalars(campaigns))
