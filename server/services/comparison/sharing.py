"""Areas that splits divided among units since a day (SPEC L-50): nobody can divide the figures of before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import UnitSplit


@dataclass(frozen=True, slots=True)
class SharedArea:
    """Units joined by splits, and by mergers between them. `originals`: those that were there on that day."""

    members: frozenset[str]
    originals: frozenset[str]
    standing: frozenset[str]


def shared_areas(session: Session, since: date, merged: Mapping[str, str], born: Collection[str]) -> list[SharedArea]:
    """Return the areas. `merged`: by unit merged since, its successor; `born`: units that mergers made since."""
    here = UnitSplit.first_day > since, UnitSplit.taken_back_at.is_(None)
    splits = list(session.scalars(select(UnitSplit).where(*here)))
    groups: dict[str, set[str]] = {}
    links = [(row.unit_id, unit) for row in splits for unit, _ in row.parts]
    for one, other in [*links, *merged.items()]:
        joined = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(joined, joined)
    new = {unit for row in splits for unit, is_new in row.parts if is_new} | set(born)
    areas = {frozenset(groups[row.unit_id]) for row in splits}
    return [SharedArea(area, area - new, area - frozenset(merged)) for area in areas]
