"""Split a unit: parts of its area go to new units, or to some that stand (SPEC L-50, L-54).

    plan = SplitPlan(old, [NewPart("12287", "Xã Mới", "Mới")], day, moves={officer_id: "12287"})
    if not faults(session, plan):
        split(session, plan)

Records, their numbers, seals, totals and the plan stay the old unit's. Units below it go to a part as they are, with
all that is theirs. A unit that ends is merged into one of the parts (L-6), which acts for its records from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import new_id, now_ms
from server.models import Membership, Unit, UnitSplit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import lifecycle
from server.services.organisation import unit_changes
from server.services.organisation.split_faults import NewPart, SplitPlan, faults, roles_held, units_below
from server.services.organisation.staff import end, give_role
from server.services.organisation.tree_locks import hold, tell
from server.services.organisation.unit_changes import UnitRow
from server.services.units.tree import changed_areas

NAMES: Final = ("stations", "hamlets")
"""The lists of a unit that its heir gets."""


def split(session: Session, plan: SplitPlan, look: Callable[[], None] = lambda: None) -> UnitSplit:
    """Split the unit. `look`: called behind the locks, to compare with what somebody saw; what it raises stops it.

    Raises ValueError with the code of the first fault, also one that arose meanwhile, and `busy`.
    """
    hold(session, [plan.old.id], [part.id for part in plan.parts if isinstance(part, Unit)])
    look()
    wrong = faults(session, plan)
    if wrong:
        raise ValueError(wrong[0][0])
    old, below, made = plan.old, units_below(session, plan.old), _made(session, plan)
    parts = {part.code: part if isinstance(part, Unit) else made[part.code] for part in plan.parts}
    moves = _move_people(session, plan, parts)
    gone = move_units(session, [(unit, parts[to]) for unit in below if (to := plan.below.get(unit.id, plan.heir))])
    row = UnitSplit(
        id=new_id(),
        unit_id=old.id,
        first_day=plan.first_day,
        at=now_ms(),
        heir_id=parts[plan.heir].id if plan.heir else None,
        parts=[
            [part.id, code in made, [[unit, before] for unit, before, to in gone if to == part.id]]
            for code, part in parts.items()
        ],
        moves=moves,
    )
    session.add(row)
    for part in parts.values():
        log.append(session, Act.UNIT_SPLIT, ("unit", old.id), new={"unit": part.id})
    session.flush()
    if plan.heir:
        heir = parts[plan.heir]
        before = {name: list(getattr(heir, name)) for name in NAMES}
        unit_changes.merge(session, [old], heir, plan.first_day, tells=False)
        row.added = {name: [each for each in getattr(heir, name) if each not in before[name]] for name in NAMES}
        session.flush()
    over = changed_areas(session, [str(old.former_parent_id or old.parent_id), *row.part_ids])
    tell(session, [old.id, *(unit for unit, _, _ in gone)], over)
    return row


def move_units(session: Session, moves: Iterable[tuple[Unit, Unit]]) -> list[tuple[str, str, str]]:
    """Give units other ones above them; return (unit, its parent before, its parent now). Nothing else of them changes.

    They take part in what runs above them now, and stay in what they took part in.
    """
    done = []
    for unit, to in moves:
        done.append((unit.id, str(unit.parent_id), to.id))
        log.append(session, Act.UNIT_MOVED, ("unit", unit.id), old={"unit": unit.parent_id}, new={"unit": to.id})
        unit.parent_id = to.id
    session.flush()
    lifecycle.join(session, [unit for unit, _, _ in done])
    return done


def _move_people(session: Session, plan: SplitPlan, parts: dict[str, Unit]) -> list[list[object]]:
    """Give each who goes the same roles at a part; return them as UnitSplit keeps them."""
    moves: list[list[object]] = []
    for membership in roles_held(session, plan.old):
        to = plan.moves.get(membership.officer_id, plan.heir)
        if not to:
            continue
        is_new = _role(session, membership.officer_id, parts[to].id, membership.role) is None
        give_role(session, membership.officer_id, parts[to].id, membership.role)
        end(session, [membership])
        moves.append([membership.officer_id, membership.role, parts[to].id, is_new])
    return moves


def _made(session: Session, plan: SplitPlan) -> dict[str, Unit]:
    """Make the new units: beside the old one, of its level."""
    rows = [
        UnitRow(part.code, part.name, part.short_name, plan.old.level)
        for part in plan.parts
        if isinstance(part, NewPart)
    ]
    parent = session.get_one(Unit, plan.old.parent_id)
    return unit_changes.add_units(session, rows, {"": parent}, plan.first_day) if rows else {}


def _role(session: Session, officer_id: str, unit_id: str, role: str) -> Membership | None:
    theirs = Membership.officer_id == officer_id, Membership.unit_id == unit_id, Membership.role == role
    return session.scalar(select(Membership).where(*theirs, Membership.ended_at.is_(None)))
