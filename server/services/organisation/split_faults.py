"""Why a unit cannot be split as somebody asks for it (SPEC L-50, L-54).

What somebody asks for when a unit is split: the parts, the day, who goes where, and what hangs on the old unit.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.models import Campaign, LockStep, Membership, Officer, Unit
from server.services.units.tree import changed_areas, merged_into
from sync.text import fold


@dataclass(frozen=True, slots=True)
class NewPart:
    """A unit that comes into being by the split, beside the old one and of its level."""

    code: str
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Who becomes what. `parts`: new units, or such that stand. `moves`: by officer, the code of the part.

    `below`: by unit right below the old one, the code of the part that it goes to with all that is below it.
    `heir`: the code of the part that stands for the old unit from `first_day` on, and gets whoever and whatever is not
    named; empty for a unit that goes on and keeps them. `empty`: new units may be without people for now.
    """

    old: Unit
    parts: Sequence[NewPart | Unit]
    first_day: date
    heir: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


def units_below(session: Session, old: Unit) -> list[Unit]:
    """Return the standing units right below it, in Vietnamese order; those of a unit that was merged into it, too."""
    here = Unit.parent_id.in_(merged_into(session, [old.id])), Unit.merged_at.is_(None)
    return list(session.scalars(select(Unit).where(*here).order_by(Unit.sort_key, Unit.id)))


def roles_held(session: Session, unit: Unit) -> list[Membership]:
    """Return the roles at the unit that have not ended."""
    here = select(Membership).where(Membership.unit_id == unit.id, Membership.ended_at.is_(None))
    return list(session.scalars(here.order_by(Membership.officer_id, Membership.role)))


FAULTS: Final = (
    "none", "too_many", "future", "merged", "top", "too_new", "same", "twice", "part_merged", "level", "code_form",
    "code_in_use", "code_began", "name_taken", "no_heir", "merger", "not_here", "nobody", "not_below", "below_name",
    "no_units", "keeps_none", "own_campaign", "locked_here",
)  # fmt: skip
"""Each but those of CHOICES has a sentence at the desk, `split_fault.<code>`; all have one in the command."""
CHOICES: Final = {"nobody": "split_nobody", "no_units": "split_no_units", "keeps_none": "split_keeps_none"}
"""What is still to be chosen, of people and of units below, with the code that the desk refuses it with."""
REFUSED: Final = CHOICES | {"below_name": "split_below_name"}
"""All that another choice mends, with the code that the desk refuses it with: nothing has changed since the page."""
AGAIN: Final = ("not_here", "not_below", "below_name")
"""Faults of a choice that does not fit, or not any more: other choices may be enough."""
MOST: Final = 20
"""Parts of a unit."""
_CODE: Final = re.compile(r"[0-9A-Za-z.-]{1,16}")
Fault = tuple[str, str]
"""(code, name of the unit, user name of the person, or the most parts)."""


def faults(session: Session, plan: SplitPlan) -> list[Fault]:
    """Return why it is not possible; nothing if it is."""
    old, found = plan.old, _of_number(len(plan.parts))
    codes = [part.code for part in plan.parts]
    if plan.first_day > today():
        found.append(("future", ""))
    if old.merged_at is not None:
        found.append(("merged", old.name))
    elif old.parent_id is None:
        found.append(("top", old.name))
    if plan.first_day <= old.valid_from:
        found.append(("too_new", old.name))
    found += [("twice", code) for code, times in Counter(codes).items() if times > 1]
    for part in plan.parts:
        found += _of_unit(old, part) if isinstance(part, Unit) else _of_new(session, plan, part)
    if plan.heir and plan.heir not in codes:
        found.append(("no_heir", old.name))
    if plan.heir and len(plan.parts) == 1:
        found.append(("merger", old.name))
    here = {each.officer_id for each in roles_held(session, old)}
    gone = [officer for officer, to in plan.moves.items() if officer not in here or to not in codes]
    found += [("not_here", username) for username in _usernames(session, gone)]
    if not plan.empty:
        found += [("nobody", part.name) for part in without_people(plan, here)]
    below = units_below(session, old)
    found += _not_below(session, plan, below, codes)
    if below:
        found += [*_of_below(session, plan, below), *_of_campaigns(session, plan)]
    return found


def without_people(plan: SplitPlan, here: set[str]) -> list[NewPart]:
    """Return the new units to which nobody goes. `here`: the officers of the old unit."""
    staffed = set(plan.moves.values())
    if plan.heir and here - set(plan.moves):
        staffed.add(plan.heir)
    return [part for part in plan.parts if isinstance(part, NewPart) and part.code not in staffed]


def _of_number(parts: int) -> list[Fault]:
    if not parts:
        return [("none", "")]
    return [("too_many", str(MOST))] if parts > MOST else []


def _of_unit(old: Unit, part: Unit) -> list[Fault]:
    if part.id == old.id:
        return [("same", old.name)]
    if part.merged_at is not None:
        return [("part_merged", part.name)]
    return [("level", part.name)] if part.level != old.level else []


def _of_new(session: Session, plan: SplitPlan, part: NewPart) -> list[Fault]:
    """`name_taken`: of a unit beside it. The old unit's own code and name are free if it ends."""
    old = plan.old
    if not _CODE.fullmatch(part.code):
        return [("code_form", part.code)]
    found = []
    for unit in session.scalars(select(Unit).where(Unit.code == part.code)):
        if unit.merged_at is None and not (plan.heir and unit.id == old.id):
            found.append(("code_in_use", f"{part.code} ({unit.name})"))
        elif unit.valid_from == plan.first_day:
            found.append(("code_began", part.code))
    beside = Unit.parent_id == old.parent_id, Unit.merged_at.is_(None), Unit.search_key == fold(part.name)
    taken = session.scalars(select(Unit).where(*beside)).all()
    named = [each for each in plan.parts if isinstance(each, NewPart) and fold(each.name) == fold(part.name)]
    if len(named) > 1 or any(not (plan.heir and unit.id == old.id) for unit in taken):
        found.append(("name_taken", part.name))
    return found


def _not_below(session: Session, plan: SplitPlan, below: Sequence[Unit], codes: Sequence[str]) -> list[Fault]:
    here = {unit.id for unit in below}
    gone = [unit for unit, to in plan.below.items() if unit not in here or to not in codes]
    names = {unit.id: unit.name for unit in session.scalars(select(Unit).where(Unit.id.in_(gone)))} if gone else {}
    return [("not_below", names.get(unit, unit)) for unit in gone]


def _of_below(session: Session, plan: SplitPlan, below: Sequence[Unit]) -> Iterator[Fault]:
    """Each unit keeps or gets one of the units below: an empty one would count as one of the lowest, which report."""
    places = Counter(plan.below.get(unit.id, plan.heir) for unit in below)
    for part in plan.parts:
        if not places[part.code]:
            yield "no_units", part.name
    if not plan.heir and not places[""]:
        yield "keeps_none", plan.old.name
    standing = {part.code: part.id for part in plan.parts if isinstance(part, Unit)}
    there = select(Unit.parent_id, Unit.search_key).where(Unit.parent_id.in_(standing.values()))
    taken = {(parent, key) for parent, key in session.execute(there.where(Unit.merged_at.is_(None)))}
    for unit in below:
        to = standing.get(plan.below.get(unit.id, plan.heir))
        if to is not None and (to, unit.search_key) in taken:
            yield "below_name", unit.name


def _of_campaigns(session: Session, plan: SplitPlan) -> Iterator[Fault]:
    """A campaign of one of these units alone, or figures that one of them has locked, would be of another area then.

    Also of units above one part and not above another, and campaigns of what was merged into the old unit before: its
    lock is of no effect any more.
    """
    changed = {plan.old.id} | changed_areas(
        session, [each.id for each in (plan.old, *plan.parts) if isinstance(each, Unit)]
    )
    owners = changed | set(merged_into(session, [plan.old.id]))
    units = {unit.id: unit.name for unit in session.scalars(select(Unit).where(Unit.id.in_(owners)))}
    runs = Campaign.status != "archived", Campaign.practice.is_(False)
    own = select(Campaign.unit_id, Campaign.name).where(Campaign.unit_id.in_(owners), *runs).order_by(Campaign.name)
    for unit, name in session.execute(own):
        yield "own_campaign", f"“{name}” ({units[unit]})"
    steps = select(LockStep, Campaign.name).join(Campaign, Campaign.id == LockStep.campaign_id)
    here = steps.where(LockStep.unit_id.in_(changed), *runs).order_by(Campaign.name, LockStep.number)
    last = {(step.unit_id, step.campaign_id): (step, name) for step, name in session.execute(here)}
    for (unit, _), (step, name) in last.items():
        if step.leaves_locked:
            yield "locked_here", f"“{name}” ({units[unit]})"


def _usernames(session: Session, officers: Sequence[str]) -> list[str]:
    """Return the user names, or for an unknown officer the id."""
    rows = session.execute(select(Officer.id, Officer.username).where(Officer.id.in_(officers)))
    names = {id_: username for id_, username in rows} if officers else {}  # noqa: C416  # rows are no pairs for mypy
    return [names.get(officer, officer) for officer in officers]
