"""The figure of the same period of a unit as it is today: through mergers, and summed up where nobody gave it.

Whole or not at all: of a unit that is made of others, each must have a figure, which are summed up; if only a part is
known, there is none, and it is said so. Figures that count distinct values are never summed up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import local
from server.models import PriorSet, PriorValue, Unit
from server.services.units.tree import links_above, links_below, path
from sync.registry import Figure

ABSENT, PART, DISTINCT = "absent", "part", "distinct"
"""Why there is no figure: nobody gave one, only a part is known, it cannot be summed up."""
AT_ONCE: Final = 500
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

    `torn`: units above, from which or to which somebody was merged, so that their figures are of other areas.
    """

    gained: dict[str, set[str]] = field(default_factory=dict)
    born: set[str] = field(default_factory=set)
    torn: set[str] = field(default_factory=set)


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


def lineage(session: Session, since: date) -> Lineage:
    """Return what mergers after that day did."""
    merged = list(session.scalars(select(Unit).where(Unit.merged_at.is_not(None), Unit.valid_to >= since)))
    made = Lineage()
    if not merged:
        return made
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
    wanted = {*heirs.values(), *(each.former_parent_id for each in merged if each.former_parent_id)}
    parents = {id_: parent for id_, parent, _ in links_above(session, sorted(wanted))}
    for unit in merged:
        then = set(path(unit.former_parent_id or "", parents))
        now = set(path(heirs[unit.id], parents)) - {heirs[unit.id]}
        made.torn |= then ^ now
    return made


def read(
    session: Session, found: PriorSet, units: Collection[str], figures: Iterable[Figure]
) -> dict[str, dict[str, PriorBase]]:
    """Return the figures of these units by unit and code."""
    eras = Eras(lineage(session, found.as_of), lineage(session, local(found.at).date()))
    wanted = {*units, *(each for unit in units for each in eras.since_period.gained.get(unit, ()))}
    values = stored(session, found.id, wanted)
    sums = {figure.code: figure.adds_up for figure in figures}
    return {unit: {code: base(unit, code, values, eras, sums_up=sums[code]) for code in sums} for unit in units}


def stored(session: Session, set_id: str, units: Iterable[str]) -> Values:
    """Return the stored amounts of these units."""
    every, values = sorted(units), dict[str, dict[str, StoredBase]]()
    columns = PriorValue.unit_id, PriorValue.figure, PriorValue.amount, PriorValue.summed
    for start in range(0, len(every), AT_ONCE):
        part = every[start : start + AT_ONCE]
        theirs = select(*columns).where(PriorValue.set_id == set_id, PriorValue.unit_id.in_(part))
        for unit, code, amount, summed in session.execute(theirs):
            values.setdefault(unit, {})[code] = StoredBase(amount, summed)
    return values


def base(unit: str, code: str, values: Values, eras: Eras, *, sums_up: bool) -> PriorBase:
    """Return one figure from what was given for the unit and for those merged into it."""
    own = values.get(unit, {}).get(code)
    known = eras.since_taken if own is not None and own.summed else eras.since_period
    gained = sorted(known.gained.get(unit, ()))
    needed = gained if own is None and unit in known.born else [unit, *gained]
    given = [values[each][code] for each in needed if code in values.get(each, {})]
    amounts = [each.amount for each in given if each.amount is not None]
    if not given:
        return PriorBase(None, ABSENT)
    if unit in known.torn or len(amounts) < len(needed):
        return PriorBase(None, PART, len(amounts), len(needed))
    if len(amounts) > 1 and not sums_up:
        return PriorBase(None, DISTINCT)
    return PriorBase(sum(amounts))


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


def summed_up(session: Session, top: str, given: Given, since: date, figures: Iterable[Figure]) -> Values:
    """Return the values with those of units above, where nobody gave them: sums of all standing units right below.

    Where a unit below has none there is only a part: None. A unit above whose area changed since is summed up anew.
    """
    eras = Eras(lineage(session, since), Lineage())
    sums = {figure.code: figure.adds_up for figure in figures}
    below = _standing_below(session, top)
    made = {
        unit: {code: StoredBase(amount, summed=False) for code, amount in each.items()} for unit, each in given.items()
    }

    def fill(unit: str) -> None:
        for child in below.get(unit, ()):
            fill(child)
        if unit not in below:
            return
        for code, sums_up in sums.items():
            if code in made.get(unit, {}) and unit not in eras.since_period.torn:
                continue
            parts = [base(child, code, made, eras, sums_up=sums_up) for child in below[unit]]
            if all(part.why == ABSENT for part in parts):
                continue
            whole = sums_up and all(part.amount is not None for part in parts)
            total = sum(part.amount or 0 for part in parts) if whole else None
            made.setdefault(unit, {})[code] = StoredBase(total, summed=True)

    fill(top)
    return made
