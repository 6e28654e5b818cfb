"""What somebody asks for when a unit is split: the parts, the day, who goes where, and what hangs on the old unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Membership, Unit
from server.services.units.tree import merged_into


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
