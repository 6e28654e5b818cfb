"""Split a unit: parts of its area go to new units, or to some that stand (SPEC L-50).

    plan = SplitPlan(old, [NewPart("12287", "Xã Mới", "Mới")], day, moves={officer_id: "12287"})
    if not faults(session, plan):
        split(session, plan)

Records, their numbers, seals, totals and the plan stay the old unit's. A unit that ends is merged into one of the parts
(L-6), which acts for its records from then on.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms, today
from server.models import Membership, Officer, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import unit_changes
from server.services.organisation.staff import end, give_role
from server.services.organisation.unit_changes import UnitRow
from sync.text import fold

FAULTS: Final = (
    "none", "too_many", "future", "merged", "top", "has_below", "too_new", "same", "twice", "part_merged", "level",
    "code_form", "code_in_use", "code_began", "name_taken", "no_heir", "merger", "not_here", "nobody",
)  # fmt: skip
"""Each has a sentence at the desk, `split_fault.<code>`, and in the command."""
NAMES: Final = ("stations", "hamlets")
"""The lists of a unit that its heir gets."""
MOST: Final = 20
"""Parts of a unit."""
_CODE: Final = re.compile(r"[0-9A-Za-z.-]{1,16}")


@dataclass(frozen=True, slots=True)
class NewPart:
    """A unit that comes into being by the split, beside the old one and of its level."""

    code: str
    name: str
    short_name: str


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Who becomes what. `parts`: new units, or such that stand. `moves`: by officer, the code of the part.

    `heir`: the code of the part that stands for the old unit from `first_day` on, and gets whoever is not in `moves`;
    empty for a unit that goes on. `empty`: new units may be without people for now.
    """

    old: Unit
    parts: Sequence[NewPart | Unit]
    first_day: date
    heir: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


def faults(session: Session, plan: SplitPlan) -> list[tuple[str, str]]:
    """Return why it is not possible: (code, name of the unit, user name of the person, or the most parts)."""
    old, found = plan.old, _of_number(len(plan.parts))
    codes = [part.code for part in plan.parts]
    if plan.first_day > today():
        found.append(("future", ""))
    if old.merged_at is not None:
        found.append(("merged", old.name))
    elif old.parent_id is None:
        found.append(("top", old.name))
    below = select(Unit.id).where(Unit.parent_id == old.id, Unit.merged_at.is_(None)).limit(1)
    if session.scalar(below) is not None:
        found.append(("has_below", old.name))
    if plan.first_day <= old.valid_from:
        found.append(("too_new", old.name))
    found += [("twice", code) for code, times in Counter(codes).items() if times > 1]
    for part in plan.parts:
        found += _of_unit(old, part) if isinstance(part, Unit) else _of_new(session, plan, part)
    if plan.heir and plan.heir not in codes:
        found.append(("no_heir", old.name))
    if plan.heir and len(plan.parts) == 1:
        found.append(("merger", old.name))
    held = _held(session, old)
    here = {each.officer_id for each in held}
    gone = [officer for officer, to in plan.moves.items() if officer not in here or to not in codes]
    found += [("not_here", username) for username in _usernames(session, gone)]
    if not plan.empty:
        found += [("nobody", part.name) for part in without_people(plan, here)]
    return found


def without_people(plan: SplitPlan, here: set[str]) -> list[NewPart]:
    """Return the new units to which nobody goes. `here`: the officers of the old unit."""
    staffed = set(plan.moves.values())
    if plan.heir and here - set(plan.moves):
        staffed.add(plan.heir)
    return [part for part in plan.parts if isinstance(part, NewPart) and part.code not in staffed]


def split(session: Session, plan: SplitPlan) -> UnitSplit:
    """Split the unit. Raises ValueError with the code of the first fault, also one that arose meanwhile."""
    lock_catalog(session)
    for unit in (plan.old, *(part for part in plan.parts if isinstance(part, Unit))):
        session.refresh(unit)
    wrong = faults(session, plan)
    if wrong:
        raise ValueError(wrong[0][0])
    old, made = plan.old, _made(session, plan)
    parts = {part.code: part if isinstance(part, Unit) else made[part.code] for part in plan.parts}
    moves = []
    for membership in _held(session, old):
        to = plan.moves.get(membership.officer_id, plan.heir)
        if not to:
            continue
        is_new = _role(session, membership.officer_id, parts[to].id, membership.role) is None
        give_role(session, membership.officer_id, parts[to].id, membership.role)
        end(session, [membership])
        moves.append([membership.officer_id, membership.role, parts[to].id, is_new])
    row = UnitSplit(
        id=new_id(),
        unit_id=old.id,
        first_day=plan.first_day,
        at=now_ms(),
        heir_id=parts[plan.heir].id if plan.heir else None,
        parts=[[unit.id, code in made] for code, unit in parts.items()],
        moves=moves,
    )
    session.add(row)
    for unit in parts.values():
        log.append(session, Act.UNIT_SPLIT, ("unit", old.id), new={"unit": unit.id})
    session.flush()
    if plan.heir:
        heir = parts[plan.heir]
        before = {name: list(getattr(heir, name)) for name in NAMES}
        unit_changes.merge(session, [old], heir, plan.first_day)
        row.added = {name: [each for each in getattr(heir, name) if each not in before[name]] for name in NAMES}
        session.flush()
    return row


def _made(session: Session, plan: SplitPlan) -> dict[str, Unit]:
    """Make the new units: beside the old one, of its level."""
    rows = [
        UnitRow(part.code, part.name, part.short_name, plan.old.level)
        for part in plan.parts
        if isinstance(part, NewPart)
    ]
    parent = session.get_one(Unit, plan.old.parent_id)
    return unit_changes.add_units(session, rows, {"": parent}, plan.first_day) if rows else {}


def _held(session: Session, unit: Unit) -> list[Membership]:
    here = select(Membership).where(Membership.unit_id == unit.id, Membership.ended_at.is_(None))
    return list(session.scalars(here.order_by(Membership.officer_id, Membership.role)))


def _usernames(session: Session, officers: Sequence[str]) -> list[str]:
    """Return the user names, or for an unknown officer the id."""
    rows = session.execute(select(Officer.id, Officer.username).where(Officer.id.in_(officers)))
    names = {id_: username for id_, username in rows} if officers else {}  # noqa: C416  # rows are no pairs for mypy
    return [names.get(officer, officer) for officer in officers]


def _role(session: Session, officer_id: str, unit_id: str, role: str) -> Membership | None:
    theirs = Membership.officer_id == officer_id, Membership.unit_id == unit_id, Membership.role == role
    return session.scalar(select(Membership).where(*theirs, Membership.ended_at.is_(None)))


def _of_number(parts: int) -> list[tuple[str, str]]:
    if not parts:
        return [("none", "")]
    return [("too_many", str(MOST))] if parts > MOST else []


def _of_unit(old: Unit, part: Unit) -> list[tuple[str, str]]:
    if part.id == old.id:
        return [("same", old.name)]
    if part.merged_at is not None:
        return [("part_merged", part.name)]
    return [("level", part.name)] if part.level != old.level else []


def _of_new(session: Session, plan: SplitPlan, part: NewPart) -> list[tuple[str, str]]:
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
