"""The units that do the work: those at the end of the tree, each with the part of the tree that it is in.

A unit that was merged counts as its successor (SPEC L-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.models import Campaign, Unit
from server.services.figures import sums


class LeafUnit(NamedTuple):
    """What is read of such a unit: a country has ten thousand."""

    id: str
    name: str
    level: str
    sort_key: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A unit with none below it. `part`: the unit right below the asked one that it is in; None if that is itself."""

    unit: LeafUnit
    part: Unit | None


def leaves(session: Session, campaign: Campaign, unit: Unit) -> list[Leaf]:
    """Return those of this unit's subtree that take part, by part, then by name; the unit itself if none is below."""
    streams = sums.below(unit, campaign.id, deep=True)
    stands = or_(Unit.merged_at.is_(None), Unit.id == unit.id)
    columns = (Unit.id, Unit.name, Unit.level, Unit.sort_key)
    ends = select(*columns, streams.c.child).join(streams, streams.c.top == Unit.id)
    rows = session.execute(ends.where(stands, Unit.id.not_in(sums.not_lowest(campaign.id))))
    found = [(LeafUnit(*unit), child) for *unit, child in rows]
    wanted = {child for leaf, child in found if child != leaf.id}
    parts = {each.id: each for each in session.scalars(select(Unit).where(Unit.id.in_(wanted)))}
    every = [Leaf(leaf, parts.get(child) if child != leaf.id else None) for leaf, child in found]
    return sorted(every, key=_place)


def _place(leaf: Leaf) -> tuple[str, str, str, str]:
    part = leaf.part
    return (part.sort_key if part else "", part.id if part else "", leaf.unit.sort_key, leaf.unit.id)


def today(unit: Unit, campaign: Campaign) -> Any:
    """Return the subquery (top, child, living, id) of the subtree's streams; `top`: the unit that theirs is today."""
    return sums.today(unit, campaign.id)
