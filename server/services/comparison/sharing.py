"""Areas that splits divided among units since a day (SPEC L-50, L-53): nobody can divide the figures of before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import UnitSplit


@dataclass(frozen=True, slots=True)
class SharedArea:
    """Units joined by splits, and by mergers between them. `originals`: those that were there on that day.

    `has_below`: units below them went to parts, so each is the sum of those that it has now.
    """

    members: frozenset[str]
    originals: frozenset[str]
    standing: frozenset[str]
    has_below: bool = False


def shared_areas(
    session: Session, since: date | int, merged: Mapping[str, str], born: Collection[str]
) -> list[SharedArea]:
    """Return the areas. `since`: a day, or the moment in milliseconds after which splits were made.

    `merged`: by unit merged since, its successor; `born`: units that mergers made since.
    """
    later = UnitSplit.at > since if isinstance(since, int) else UnitSplit.first_day > since
    splits = list(session.scalars(select(UnitSplit).where(later, UnitSplit.taken_back_at.is_(None))))
    groups: dict[str, set[str]] = {}
    links = [(row.unit_id, unit) for row in splits for unit in row.part_ids]
    for one, other in [*links, *merged.items()]:
        joined = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(joined, joined)
    new = {unit for row in splits for unit in row.new_ids} | set(born)
    areas = {frozenset(groups[row.unit_id]) for row in splits}
    above = {row.unit_id for row in splits if row.units_moved}
    return [SharedArea(area, area - new, area - frozenset(merged), bool(area & above)) for area in areas]
