"""Units to write to: those that have reported nothing, and those whose totals the level above has stated for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, Membership, Officer
from server.services.figures import loading
from server.services.figures.table import FigureUnit
from server.services.reports.unsupported import unconfirmed
from server.services.units.scope import OFFICER, REVIEWER, Scope

MOST = 50
"""Most units of a list; a province looks district by district."""


@dataclass(frozen=True, slots=True)
class QuietUnit:
    """A unit at the end of the tree, and the names of its people. `awaits`: it has something to confirm.

    `is_silent`: it has reported nothing itself.
    """

    unit: FigureUnit
    above: FigureUnit
    people: list[str]
    is_silent: bool
    awaits: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """`units`: the first of them; `count`: of all that are silent; `all`: of all at the end of the tree."""

    units: list[QuietUnit]
    count: int
    all: int


def quiet(session: Session, scope: Scope, campaign: Campaign, unit_id: str) -> Quiet:
    """Read them. Raises Problem `not_found` for a unit that the officer may not see."""
    leaves = [(above, row) for above, row in loading.load(session, scope, campaign, unit_id).leaves()]
    standing = [(above, row) for above, row in leaves if not row.unit.merged]
    asked = {row.unit.id for row in unconfirmed(row for _, row in standing)}
    found = [(above, row) for above, row in standing if row.silent or row.unit.id in asked]
    people = _people(session, [row.unit.id for _, row in found[:MOST]])
    units = [
        QuietUnit(row.unit, above, people.get(row.unit.id, []), row.silent, row.unit.id in asked)
        for above, row in found[:MOST]
    ]
    return Quiet(units, sum(row.silent for _, row in standing), len(standing))


def _people(session: Session, unit_ids: Iterable[str]) -> dict[str, list[str]]:
    """By unit: the names of those who record or review there."""
    query = select(Membership.unit_id, Officer.name).join(Officer, Officer.id == Membership.officer_id)
    here = Membership.unit_id.in_(list(unit_ids)), Membership.ended_at.is_(None), Officer.disabled_at.is_(None)
    found: dict[str, list[str]] = {}
    for unit, name in session.execute(
        query.where(*here, Membership.role.in_((OFFICER, REVIEWER))).order_by(Officer.name)
    ):
        if name not in found.setdefault(unit, []):
            found[unit].append(name)
    return found
