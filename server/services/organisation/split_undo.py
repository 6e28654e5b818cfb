"""Take a split back while nobody has worked with it: people, units and records are as before it (SPEC L-52).

The new units are then merged units that were never in force, below the old one: phones that hold their streams go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.core.clock import now_ms
from server.models import (
    Campaign,
    IssuedPaper,
    LockStep,
    Membership,
    MoneyStatement,
    Paper,
    Passage,
    PriorSet,
    Record,
    Seal,
    SealedAnnex,
    SealedTotals,
    Stream,
    TotalStep,
    Unit,
    UnitSplit,
)
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation.staff import end, give_role
from server.services.organisation.tree_locks import hold, tell
from server.services.organisation.unit_splits import NAMES, move_units
from server.services.units.tree import changed_areas, links_above

REASONS: Final = ("taken_back", "moved_on", "written", "confirmed", "locked")
"""Each has a sentence at the desk, `split_kept.<code>`, and in the command."""
_CODE_LENGTH: Final = 16
_WRITTEN: Final[tuple[Any, ...]] = (MoneyStatement, IssuedPaper, Passage, Paper, PriorSet, SealedTotals, SealedAnnex)
"""What people of a unit write for a campaign, besides records and totals."""
_LOCK: Final = "lock"


@dataclass(frozen=True, slots=True)
class SplitReturn:
    """What comes back to the old unit: roles as (officer, role, part, whether it ends there), and ids of units."""

    roles: list[tuple[str, str, str, bool]]
    units: list[str]

    @property
    def people(self) -> int:
        """How many people come back."""
        return len({officer for officer, *_ in self.roles})


def reason(session: Session, row: UnitSplit) -> str:
    """Return why it cannot be taken back; empty if it can."""
    if row.taken_back_at is not None:
        return "taken_back"
    old, parts = session.get_one(Unit, row.unit_id), [session.get_one(Unit, id_) for id_ in row.part_ids]
    ended_into = old.parent_id if old.merged_at is not None else None
    if ended_into != row.heir_id or any(unit.merged_at is not None for unit in parts) or _later(session, row):
        return "moved_on"
    new = select(Stream.id).where(Stream.unit_id.in_(row.new_ids))
    in_streams = (table.stream_id.in_(new) for table in (Record, TotalStep))
    of_units = (table.unit_id.in_(row.new_ids) for table in _WRITTEN)
    if any(session.scalar(select(func.count()).where(each)) for each in (*in_streams, *of_units)):
        return "written"
    theirs = select(Stream.id).where(Stream.unit_id.in_([row.unit_id, *row.new_ids]))
    since = Seal.stream_id.in_(theirs), Seal.at >= row.at, Seal.taken_back_at.is_(None)
    if session.scalar(select(func.count()).select_from(Seal).where(*since)):
        return "confirmed"
    if not row.units_moved:
        return ""
    changed = changed_areas(session, [_above(session, row), *row.part_ids]) | {row.unit_id}
    locks = LockStep.unit_id.in_(changed), LockStep.act == _LOCK, LockStep.at >= row.at
    return "locked" if session.scalar(select(func.count()).where(*locks)) else ""


def returning(session: Session, row: UnitSplit) -> SplitReturn:
    """Return what taking it back would bring back now: roles that were taken away since stay away."""
    held = select(Membership.officer_id, Membership.role, Membership.unit_id)
    rows = session.execute(held.where(Membership.unit_id.in_(row.part_ids), Membership.ended_at.is_(None)))
    here = {(officer, role, unit) for officer, role, unit in rows}
    roles = [
        (officer, role, unit, is_new) for officer, role, unit, is_new in row.moves if (officer, role, unit) in here
    ]
    return SplitReturn(roles, [unit for unit, _, _ in row.units_moved])


def take_back(session: Session, row: UnitSplit, look: Callable[[], None] = lambda: None) -> None:
    """Take it back. `look`: called behind the locks, to compare with what somebody saw; what it raises stops it.

    Raises ValueError with the reason why it cannot be, also one that arose meanwhile, and `busy`.
    """
    moved = [unit for unit, _, _ in row.units_moved]
    hold(session, [row.unit_id, *row.new_ids, *moved], row.part_ids)
    look()
    why = reason(session, row)
    if why:
        raise ValueError(why)
    old, back = session.get_one(Unit, row.unit_id), returning(session, row)
    if row.heir_id is not None:
        old.parent_id, old.former_parent_id = old.former_parent_id, None
        old.valid_to = old.merged_at = None
        session.flush()
        _give_back(session, row, row.heir_id)
    for officer_id, role, unit_id, is_new in back.roles:
        give_role(session, officer_id, old.id, role)
        if is_new:
            theirs = Membership.officer_id == officer_id, Membership.unit_id == unit_id, Membership.role == role
            end(session, session.scalars(select(Membership).where(*theirs, Membership.ended_at.is_(None))).all())
    there = one_of(Unit.id, {each for unit, before, _ in row.units_moved for each in (unit, before)})
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(there))}
    move_units(session, [(units[unit], units[before]) for unit, before, _ in row.units_moved])
    for unit_id in row.new_ids:
        _void(session, session.get_one(Unit, unit_id), old)
    row.taken_back_at = now_ms()
    session.flush()
    log.append(session, Act.UNIT_SPLIT_TAKEN_BACK, ("unit", old.id))
    tell(session, [old.id, *moved], changed_areas(session, [_above(session, row), *row.part_ids]))


def _later(session: Session, row: UnitSplit) -> bool:
    """True if these units were changed since, or people, units or campaigns came to a part.

    Asked one after the other, so that the list of splits asks as little as it can.
    """
    changes = (_is_split_again, _has_left, _came, _is_replaced, _runs)
    return any(changed(session, row) for changed in changes)


def _is_split_again(session: Session, row: UnitSplit) -> bool:
    """True if one of these units was split or got a part after this split."""
    since = select(UnitSplit).where(UnitSplit.at >= row.at, UnitSplit.taken_back_at.is_(None), UnitSplit.id != row.id)
    units = _touched(row)
    return any(units & _touched(each) for each in session.scalars(since))


def _touched(row: UnitSplit) -> set[str]:
    return {row.unit_id, *row.part_ids, *(unit for unit, _, _ in row.units_moved)}


def _has_left(session: Session, row: UnitSplit) -> bool:
    """True if a unit that went to a part is not right below it any more, or others were merged into it there."""
    moved = {unit: to for unit, _, to in row.units_moved}
    if not moved:
        return False
    places = select(Unit.id, Unit.parent_id, Unit.merged_at).where(Unit.id.in_(moved))
    there = session.execute(places)
    if any(parent != moved[id_] or merged_at is not None for id_, parent, merged_at in there):
        return True
    joined = select(Unit.id).where(Unit.parent_id.in_(moved), Unit.merged_at >= row.at).limit(1)
    return session.scalar(joined) is not None


def _is_replaced(session: Session, row: UnitSplit) -> bool:
    """True if a unit with the name or the code of one that would come back is there by now."""
    back = {unit: before for unit, before, _ in row.units_moved}
    if row.heir_id is not None:
        back[row.unit_id] = _above(session, row)
    if not back:
        return False
    theirs = session.execute(select(Unit.id, Unit.search_key).where(Unit.id.in_(back)))
    names = {(back[id_], key) for id_, key in theirs}
    others = Unit.merged_at.is_(None), Unit.id.not_in([row.unit_id, *back, *row.new_ids])
    there = select(Unit.parent_id, Unit.search_key).where(Unit.parent_id.in_(set(back.values())), *others)
    if any((parent, key) in names for parent, key in session.execute(there)):
        return True
    code = session.get_one(Unit, row.unit_id).code  # only who ended left its code free
    same = select(Unit.id).where(Unit.code == code, *others).limit(1)
    return session.scalar(same) is not None


def _above(session: Session, row: UnitSplit) -> str:
    """Return the unit above the old one before the split."""
    old = session.get_one(Unit, row.unit_id)
    return str(old.former_parent_id or old.parent_id)


def _runs(session: Session, row: UnitSplit) -> bool:
    """True if a new unit, or one over a part that got units, opened a campaign since: it would lose some of these."""
    units = set(row.new_ids)
    if row.units_moved:
        over = {id_ for id_, *_ in links_above(session, row.part_ids)}
        units = over - {id_ for id_, *_ in links_above(session, [_above(session, row)])} - {row.unit_id}
    since = Campaign.unit_id.in_(units), Campaign.opened_at >= row.at, Campaign.practice.is_(False)
    return bool(session.scalar(select(func.count()).where(*since)))


def _came(session: Session, row: UnitSplit) -> bool:
    """True if people or units are at a new unit that the split did not move there."""
    units = {row.unit_id, *(unit for unit, _, _ in row.units_moved)}
    below = select(Unit).where(Unit.parent_id.in_(row.new_ids), Unit.id.not_in(units))
    if any(not unit.was_never for unit in session.scalars(below)):
        return True
    moved = {(officer, role, unit) for officer, role, unit, _ in row.moves}
    here = select(Membership).where(Membership.unit_id.in_(row.new_ids), Membership.ended_at.is_(None))
    return any((each.officer_id, each.role, each.unit_id) not in moved for each in session.scalars(here))


def _give_back(session: Session, row: UnitSplit, heir_id: str) -> None:
    """Take the old unit's stations and hamlets off the heir's lists; what another merged unit has too stays."""
    heir = session.get_one(Unit, heir_id)
    merged = session.scalars(select(Unit).where(Unit.parent_id == heir_id, Unit.merged_at.is_not(None))).all()
    for name in NAMES:
        others = [each for unit in merged for each in getattr(unit, name)]
        out = [each for each in row.added.get(name, []) if each not in others]
        setattr(heir, name, [each for each in getattr(heir, name) if each not in out])


def _void(session: Session, unit: Unit, old: Unit) -> None:
    """Merge a new unit into the old one, as never in force, and free its code."""
    number, code = 1, unit.code
    while session.scalar(select(Unit.id).where(Unit.code == code, Unit.valid_from == unit.valid_from)) is not None:
        tail = f".{number}"
        number, code = number + 1, f"{unit.code[: _CODE_LENGTH - len(tail)]}{tail}"
    unit.code, unit.former_parent_id, unit.parent_id = code, unit.parent_id, old.id
    unit.valid_to, unit.merged_at = unit.valid_from - timedelta(days=1), now_ms()
    session.flush()
