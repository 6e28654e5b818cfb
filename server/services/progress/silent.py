"""Units to write to: those that have reported nothing, and those whose totals the level above has stated for them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from server.core.paging import slice_of
from server.models import Campaign, Membership, Officer, Unit
from server.services.figures import sums
from server.services.progress.leaves import LeafUnit, leaves, today
from server.services.totals.parts import parts
from server.services.units.scope import OFFICER, REVIEWER

PAGE: Final = 50
"""Units on a page of the list."""


@dataclass(frozen=True, slots=True)
class SilentUnit:
    """A unit at the end of the tree, and the names of its people. `awaits`: it has something to confirm.

    `is_silent`: it has reported nothing itself. `above`: the name of the unit that it stands below, if the list is of
    one further up.
    """

    unit: LeafUnit
    above: str
    people: list[str]
    is_silent: bool
    awaits: bool


@dataclass(frozen=True, slots=True)
class SilentUnits:
    """`units`: those on the page; `count`: of all that are silent; `all`: of all at the end of the tree."""

    units: list[SilentUnit]
    count: int
    all: int
    page: int
    pages: int


def silent_units(session: Session, campaign: Campaign, unit: Unit, page: int = 1) -> SilentUnits:
    """Read a page of a unit's that the officer may see; the last one, if there are fewer.

    Of one that was merged nobody is asked: who stands for it is.
    """
    every = [leaf.unit for leaf in leaves(session, campaign, unit)] if unit.merged_at is None else []
    reporting = set(session.scalars(sums.reported(today(unit, campaign))))
    asked = {part.top for part in parts(session, today(unit, campaign)) if part.is_unconfirmed}
    shown = slice_of([each for each in every if each.id not in reporting or each.id in asked], page, PAGE)
    here = [each.id for each in shown.rows]
    above, people = _above(session, here, unit), _people(session, here)
    units = [
        SilentUnit(each, above.get(each.id, ""), people.get(each.id, []), each.id not in reporting, each.id in asked)
        for each in shown.rows
    ]
    silent = sum(each.id not in reporting for each in every)
    return SilentUnits(units, silent, len(every), shown.number, shown.pages)


def _above(session: Session, unit_ids: Collection[str], top: Unit) -> dict[str, str]:
    """By unit: the name of the one that it stands below, if that is not the top."""
    above = aliased(Unit)
    rows = select(Unit.id, above.name).join(above, above.id == Unit.parent_id)
    found = rows.where(Unit.id.in_(unit_ids), Unit.id != top.id, above.id != top.id)
    return {id_: name for id_, name in session.execute(found)}  # noqa: C416  # rows are no plain pairs for mypy


def _people(session: Session, unit_ids: Collection[str]) -> dict[str, list[str]]:
    """By unit: the names of those who record or review there."""
    query = select(Membership.unit_id, Officer.name).join(Officer, Officer.id == Membership.officer_id)
    here = Membership.unit_id.in_(unit_ids), Membership.ended_at.is_(None), Officer.disabled_at.is_(None)
    found: dict[str, list[str]] = {}
    for unit, name in session.execute(
        query.where(*here, Membership.role.in_((OFFICER, REVIEWER))).order_by(Officer.name)
    ):
        if name not in found.setdefault(unit, []):
            found[unit].append(name)
    return found
