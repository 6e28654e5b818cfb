"""Take a split back while nobody has worked with it: people and records are as before it.

The new units are then merged units that were never in force, below the old one: phones that hold their streams go on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.models import Membership, Record, Seal, Stream, TotalStep, Unit, UnitSplit
from server.models.installation import lock_catalog
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation.staff import end, give_role
from server.services.organisation.unit_splits import NAMES

REASONS: Final = ("taken_back", "moved_on", "written", "confirmed")
"""Each has a sentence at the desk, `split_kept.<code>`, and in the command."""
_CODE_LENGTH: Final = 16


def reason(session: Session, row: UnitSplit) -> str:
    """Return why it cannot be taken back; empty if it can."""
    if row.taken_back_at is not None:
        return "taken_back"
    old = session.get_one(Unit, row.unit_id)
    made = [session.get_one(Unit, id_) for id_, is_new in row.parts if is_new]
    ended_into = old.parent_id if old.merged_at is not None else None
    if ended_into != row.heir_id or any(unit.merged_at is not None for unit in made) or _later(session, row):
        return "moved_on"
    new = select(Stream.id).where(Stream.unit_id.in_([unit.id for unit in made]))
    for table in (Record, TotalStep):
        if session.scalar(select(func.count()).select_from(table).where(table.stream_id.in_(new))):
            return "written"
    theirs = select(Stream.id).where(Stream.unit_id.in_([row.unit_id, *(unit.id for unit in made)]))
    since = Seal.stream_id.in_(theirs), Seal.at >= row.at, Seal.taken_back_at.is_(None)
    return "confirmed" if session.scalar(select(func.count()).select_from(Seal).where(*since)) else ""


def take_back(session: Session, row: UnitSplit) -> None:
    """Take it back. Raises ValueError with the reason why it cannot be, also one that arose meanwhile."""
    lock_catalog(session)
    session.refresh(row)
    for unit_id in (row.unit_id, *(id_ for id_, _ in row.parts)):
        session.refresh(session.get_one(Unit, unit_id))
    why = reason(session, row)
    if why:
        raise ValueError(why)
    old = session.get_one(Unit, row.unit_id)
    if row.heir_id is not None:
        old.parent_id, old.former_parent_id = old.former_parent_id, None
        old.valid_to = old.merged_at = None
        session.flush()
        _give_back(session, row, row.heir_id)
    for officer_id, role, unit_id, is_new in row.moves:
        theirs = Membership.officer_id == officer_id, Membership.unit_id == unit_id, Membership.role == role
        held = session.scalar(select(Membership).where(*theirs, Membership.ended_at.is_(None)))
        if held is None:  # it was taken from the person since
            continue
        give_role(session, officer_id, old.id, role)
        if is_new:
            end(session, [held])
    for unit_id, is_new in row.parts:
        if is_new:
            _void(session, session.get_one(Unit, unit_id), old)
    row.taken_back_at = now_ms()
    session.flush()
    log.append(session, Act.UNIT_SPLIT_TAKEN_BACK, ("unit", old.id))


def _later(session: Session, row: UnitSplit) -> bool:
    """True if one of these units was split or got a part after this split, or people or units came to a new one."""
    units = {row.unit_id, *(id_ for id_, _ in row.parts)}
    splits = session.scalars(select(UnitSplit).where(UnitSplit.at >= row.at, UnitSplit.taken_back_at.is_(None)))
    later = ({each.unit_id, *(id_ for id_, _ in each.parts)} for each in splits if each.id != row.id)
    new = [id_ for id_, is_new in row.parts if is_new]
    below = select(func.count()).select_from(Unit).where(Unit.parent_id.in_(new), Unit.id != row.unit_id)
    moved = {(officer, role, unit) for officer, role, unit, _ in row.moves}
    here = select(Membership).where(Membership.unit_id.in_(new), Membership.ended_at.is_(None))
    came = ((each.officer_id, each.role, each.unit_id) for each in session.scalars(here))
    return any(units & each for each in later) or bool(session.scalar(below)) or any(one not in moved for one in came)


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
