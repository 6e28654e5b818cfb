"""The figure of the same period of a unit as it is today: through mergers, and summed up where nobody gave it.

Whole or not at all: of a unit that is made of others, each must have a figure, which are summed up; if only a part is
known, there is none, and it is said so. Figures that count distinct values are never summed up. Nobody can divide a
figure: of units that split an area among themselves each has only a part, and the level above them has the whole.

Areas that splits divided among units since a day (SPEC L-50, L-53): nobody can divide the figures of before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import PriorSet, PriorValue, Unit, UnitSplit
from server.services.units.tree import links_above, links_below, path
from sync.registry import KINDS, Figure


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


ABSENT, PART, DISTINCT = "absent", "part", "distinct"
"""Why there is no figure: nobody gave one, only a part is known, it cannot be summed up."""
Given = Mapping[str, Mapping[str, int | None]]
"""By unit and figure: amounts as somebody gave them; None where only a part is known."""


@dataclass(frozen=True, slots=True)
class StoredBase:
    """An amount as it is kept; `summed`: from those of the units below, when it was taken."""

    amount: int | None
    summed: bool


Values = Mapping[str, Mapping[str, StoredBase]]
"""By unit and figure."""


@dataclass(frozen=True, slots=True)
class PriorBase:
    """One figure of one unit. `amount` None: `why` says the reason, `have` of `need` parts are known."""

    amount: int | None
    why: str = ""
    have: int = 0
    need: int = 0


@dataclass(slots=True)
class Lineage:
    """What became of units since a day. `gained`: by unit, those merged into it. `born`: units that a merger made.

    `torn`: units above, from or to which somebody was merged or moved, so that their figures are of other areas.
    `shared`: by unit that stands, the area that splits divided among it and others.
    """

    gained: dict[str, set[str]] = field(default_factory=dict)
    born: set[str] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)
    shared: dict[str, SharedArea] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Eras:
    """What became of units since the period, for what was given, and since the taking, for what was summed up then."""

    since_period: Lineage
    since_taken: Lineage


def holding(session: Session, campaign_id: str, chain: Iterable[str]) -> PriorSet | None:
    """Return the set that holds for a unit: its own, else that of the nearest one above. `chain`: from it upwards."""
    units = list(chain)
    here = PriorSet.campaign_id == campaign_id, PriorSet.unit_id.in_(units), PriorSet.ended_at.is_(None)
    found = {row.unit_id: row for row in session.scalars(select(PriorSet).where(*here).order_by(PriorSet.at))}
    return next((found[unit] for unit in units if unit in found), None)


def lineage(session: Session, since: date | int) -> Lineage:
    """Return what mergers and splits after that day did; of a moment in milliseconds: those made after it.

    So one of an earlier day that was made after figures were summed up counts for these. A unit that was never in
    force is none of them.
    """
    later = Unit.merged_at > since if isinstance(since, int) else Unit.valid_to >= since
    query = select(Unit).where(Unit.merged_at.is_not(None), later, Unit.valid_to >= Unit.valid_from)
    merged = list(session.scalars(query))
    made = Lineage()
    by_id = {unit.id: unit for unit in merged}
    heirs: dict[str, str] = {}
    for unit in merged:
        heir = unit
        while heir.id in by_id:
            heirs[unit.id] = str(heir.parent_id)
            heir = by_id.get(str(heir.parent_id), Unit(id=""))
        made.gained.setdefault(heirs[unit.id], set()).add(unit.id)
    living = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(set(heirs.values()))))}
    for heir_id, gained in made.gained.items():
        if any(by_id[each].merged_on == living[heir_id].valid_from for each in gained):
            made.born.add(heir_id)
    areas = shared_areas(session, since, {unit: str(by_id[unit].parent_id) for unit in by_id}, made.born)
    wanted = {*heirs.values(), *(each.former_parent_id for each in merged if each.former_parent_id)}
    wanted |= {unit for area in areas for unit in area.members}
    parents = {id_: parent for id_, parent, _ in links_above(session, sorted(wanted))} if wanted else {}
    for unit in merged:
        then = set(path(unit.former_parent_id or "", parents))
        now = set(path(heirs[unit.id], parents)) - {heirs[unit.id]}
        made.torn |= then ^ now
    for area in areas:
        made.shared |= dict.fromkeys(area.standing, area)
        lines = [set(path(by_id[unit].former_parent_id or "", parents)) for unit in area.members if unit in by_id]
        lines += [set(path(unit, parents)) - {unit} for unit in area.standing]
        made.torn |= set().union(*lines) - lines[0].intersection(*lines)
        if area.has_below and len(area.standing) > 1:
            made.torn |= area.standing
    return made


def read(
    session: Session, found: PriorSet, units: Collection[str], figures: Iterable[Figure]
) -> dict[str, dict[str, PriorBase]]:
    """Return the figures of these units by unit and code."""
    eras = Eras(lineage(session, found.as_of), lineage(session, found.at))
    wanted = {*units, *(each for unit in units for each in eras.since_period.gained.get(unit, ()))}
    wanted |= {
        each for unit in units if unit in eras.since_period.shared for each in eras.since_period.shared[unit].members
    }
    values = stored(session, found.id, wanted)
    sums = {figure.code: figure.adds_up for figure in figures}
    return {unit: {code: base(unit, code, values, eras, sums_up=sums[code]) for code in sums} for unit in units}


def stored(session: Session, set_id: str, units: Iterable[str]) -> Values:
    """Return the stored amounts of these units."""
    values: dict[str, dict[str, StoredBase]] = {}
    columns = PriorValue.unit_id, PriorValue.figure, PriorValue.amount, PriorValue.summed
    theirs = select(*columns).where(PriorValue.set_id == set_id, one_of(PriorValue.unit_id, units))
    for unit, code, amount, summed in session.execute(theirs):
        values.setdefault(unit, {})[code] = StoredBase(None if amount is None else KINDS.amount(code, amount), summed)
    return values


def base(unit: str, code: str, values: Values, eras: Eras, *, sums_up: bool) -> PriorBase:
    """Return one figure from what was given for the unit and for those merged into it."""
    own = values.get(unit, {}).get(code)
    known = eras.since_taken if own is not None and own.summed else eras.since_period
    area = known.shared.get(unit)
    if area is not None and len(area.standing) > 1:
        return _of_part(unit, code, values, area)
    gained = sorted(known.gained.get(unit, ()))
    needed = gained if own is None and unit in known.born else [unit, *gained]
    if area is not None:  # all that was divided is in one unit again
        needed = sorted(area.originals)
    given = [values[each][code] for each in needed if code in values.get(each, {})]
    amounts = [each.amount for each in given if each.amount is not None]
    if not given:
        return PriorBase(None, ABSENT)
    if unit in known.torn or len(amounts) < len(needed):
        return PriorBase(None, PART, len(amounts), len(needed))
    if len(amounts) > 1 and not sums_up:
        return PriorBase(None, DISTINCT)
    return PriorBase(sum(amounts))


def _of_part(unit: str, code: str, values: Values, area: SharedArea) -> PriorBase:
    """A unit that came into being may have a figure of its own; one that was there before had another area."""
    own = values.get(unit, {}).get(code)
    if own is not None and own.amount is not None and unit not in area.originals:
        return PriorBase(own.amount)
    return PriorBase(None, PART if any(code in values.get(each, {}) for each in area.members) else ABSENT)


def _of_area(code: str, said: Values, values: Values, area: SharedArea, eras: Eras, *, sums_up: bool) -> PriorBase:
    """Return the figure of all that was divided: of the units as they were, else of those that share it now.

    `said`: what was given, where `values` have sums of what is below the units now.
    """
    given = [said[each][code].amount for each in area.originals if code in said.get(each, {})]
    if not given or len(given) < len(area.originals) or None in given:
        now = [base(each, code, values, eras, sums_up=sums_up) for each in area.standing]
        if all(each.why == ABSENT for each in now) or any(each.amount is None for each in now):
            return PriorBase(None, ABSENT if all(each.why == ABSENT for each in now) else PART)
        given = [each.amount for each in now]
    return PriorBase(sum(amount or 0 for amount in given)) if sums_up or len(given) == 1 else PriorBase(None, DISTINCT)


def _standing_below(session: Session, top: str) -> dict[str, list[str]]:
    """Return the standing units below each; those of a merged unit are below its successor."""
    rows = links_below(session, [top])
    heirs = {id_: parent for id_, parent, merged_at in rows if merged_at is not None}
    below: dict[str, list[str]] = {}
    for id_, parent, merged_at in rows:
        standing = parent
        while standing in heirs:
            standing = heirs[standing]
        if merged_at is None and standing is not None:
            below.setdefault(standing, []).append(id_)
    return below


def _parts(
    children: Collection[str], code: str, said: Values, values: Values, eras: Eras, *, sums_up: bool
) -> list[PriorBase]:
    """Return the figures that a unit's own consists of: areas that these children share, and the other children."""
    shared = {child: area for child in children if (area := eras.since_period.shared.get(child)) is not None}
    whole = {area for area in shared.values() if len(area.standing) > 1 and area.standing <= set(children)}
    parts = [_of_area(code, said, values, area, eras, sums_up=sums_up) for area in whole]
    alone = (child for child in children if shared.get(child) not in whole)
    return parts + [base(child, code, values, eras, sums_up=sums_up) for child in alone]


def summed_up(session: Session, top: str, given: Given, since: date, figures: Iterable[Figure]) -> Values:
    """Return the values with those of units above, where nobody gave them: sums of all standing units right below.

    Where a unit below has none there is only a part: None. A unit above whose area changed since is summed up anew.
    """
    eras = Eras(lineage(session, since), Lineage())
    sums = {figure.code: figure.adds_up for figure in figures}
    below = _standing_below(session, top)
    said = {
        unit: {code: StoredBase(amount, summed=False) for code, amount in each.items()} for unit, each in given.items()
    }
    made = {unit: dict(each) for unit, each in said.items()}

    def fill(unit: str) -> None:
        for child in below.get(unit, ()):
            fill(child)
        if unit not in below:
            return
        for code, sums_up in sums.items():
            if code in made.get(unit, {}) and unit not in eras.since_period.torn:
                continue
            parts = _parts(below[unit], code, said, made, eras, sums_up=sums_up)
            if all(part.why == ABSENT for part in parts):
                continue
            whole = sums_up and all(part.amount is not None for part in parts)
            total = sum(part.amount or 0 for part in parts) if whole else None
            made.setdefault(unit, {})[code] = StoredBase(total, summed=True)

    fill(top)
    return made
