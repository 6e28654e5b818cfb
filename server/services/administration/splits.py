"""A split seen before it is made: what stays, who and what may go, and why it is not possible (SPEC L-50, L-54).

view = splits.preview(session, scope, SplitAsked(old_id, [NewPart(…), "id of a unit"], day, heir, moves))
splits.split(session, scope, asked, splits.seen(view))     # what was seen, if nothing changed
splits.take_back(session, scope, split_id, seen)           # while nobody worked with it

The marks of what the page of splits showed (seen_marks.py): of a preview, and of a split that was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.paging import ListPage, page_of
from server.core.problem_details import Problem, refuse_if, required
from server.models import Unit, UnitSplit
from server.services.administration import seen_marks, split_view
from server.services.administration.mergers import administered
from server.services.administration.seen_marks import Marks, SeenDifference, listed
from server.services.administration.split_view import MadeSplit, SplitView
from server.services.organisation import split_faults, split_undo, unit_splits
from server.services.organisation.split_faults import NewPart, SplitPlan
from server.services.units.scope import ADMIN, Scope
from server.services.units.tree import among, subtree


def of_view(view: SplitView) -> Marks:
    """Return the marks of a preview.

    What is chosen in its form is no part of it, and neither is how many records the units below have: these go with
    their unit, however many, and in a campaign new ones come every minute.
    """
    return {
        **{name: str(getattr(view.stays, name)) for name in ("records", "planned", "seals", "totals")},
        "areas": listed([[part.code, part.name, part.short_name] for part in (view.plan.old, *view.plan.parts)]),
        "people": listed([[each.officer.id, each.roles, each.devices] for each in view.people]),
        "units": listed([[each.unit.id, each.unit.name, each.unit.parent_id] for each in view.below]),
        "confirmed": listed(view.confirmed),
        "locked": listed(view.locked),
    }


def of_made(made: MadeSplit) -> Marks:
    """Return the marks of a row: who and which units would come back."""
    roles, units = [list(role) for role in made.back.roles], made.back.units
    return {"back_people": listed(roles, made.back.people), "back_units": listed(units)}


PAGE: Final = 10
"""Splits that the page lists."""


@dataclass(frozen=True, slots=True)
class SplitAsked:
    """What somebody asks for: ids of units, or new ones. `heir`, `moves`, `below`, `empty` as in SplitPlan."""

    old_id: str
    parts: Sequence[NewPart | str]
    first_day: date
    heir: str = ""
    moves: Mapping[str, str] = field(default_factory=dict)
    below: Mapping[str, str] = field(default_factory=dict)
    empty: bool = False


def preview(session: Session, scope: Scope, asked: SplitAsked) -> SplitView:
    """Return what would happen. Raises Problem `not_found` for units that the officer does not administer."""
    return split_view.view(session, _plan(session, scope, asked))


def seen(view: SplitView) -> str:
    """Return what the form of a preview carries, so that it acts only on what it showed."""
    return seen_marks.text(of_view(view))


def changed(view: SplitView, seen: str) -> list[SeenDifference]:
    """Return what is not as it was seen."""
    return seen_marks.differences(seen, of_view(view))


def split(session: Session, scope: Scope, asked: SplitAsked, seen: str) -> UnitSplit:
    """Split as it was seen.

    Raises Problem `split_nobody`, `split_no_units`, `split_keeps_none`, `split_below_name` for what is to be chosen,
    or chosen otherwise, `split_moved` if anything is not as it was seen, `not_found`.
    """
    plan = _plan(session, scope, asked)

    def look() -> None:
        rights = Scope(session, scope.officer_id)  # as they are behind the locks
        refuse_if(changed(split_view.view(session, _plan(session, rights, asked)), seen), "split_moved")
        wrong = [code for code, _ in split_faults.faults(session, plan)]
        if wrong and all(code in split_faults.REFUSED for code in wrong):
            raise Problem(split_faults.REFUSED[wrong[0]])

    try:
        return unit_splits.split(session, plan, look)
    except ValueError as reason:
        raise Problem("split_moved") from reason


def lately(session: Session, scope: Scope, page: int = 1, also: str = "") -> ListPage[MadeSplit]:
    """Return a page of the splits of units that the officer administers, newest first.

    `also`: one that is on the page in any case.
    """
    tops = scope.tops([ADMIN])
    theirs = among(session, UnitSplit.unit_id, subtree(session, tops), tops)
    newest = select(UnitSplit).where(theirs).order_by(UnitSplit.at.desc(), UnitSplit.id)
    found = page_of(session, newest, page, PAGE).map(lambda row: row[0])
    mine = list(found.rows)
    if also and all(row.id != also for row in mine):
        mine += session.scalars(newest.where(UnitSplit.id == also))
    ids = {row.unit_id for row in mine} | {id_ for row in mine for id_ in row.part_ids}
    units = {unit.id: unit for unit in session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    return found.showing([_made(session, row, units) for row in mine])


def seen_made(made: MadeSplit) -> str:
    """Return what the form of a row carries, so that it takes back only what it showed."""
    return seen_marks.text(of_made(made))


def changed_made(made: MadeSplit, seen: str) -> list[SeenDifference]:
    """Return what is not as it was seen."""
    return seen_marks.differences(seen, of_made(made))


def take_back(session: Session, scope: Scope, split_id: str, seen: str) -> Unit:
    """Take a split back; return the old unit.

    Raises Problem `split_kept` if it is not possible any more, `split_back_moved` if anything is not as it was seen,
    `not_found`.
    """
    row = _administered_split(session, scope, split_id)

    def look() -> None:
        _administered_split(session, Scope(session, scope.officer_id), split_id)
        units = {id_: session.get_one(Unit, id_) for id_ in (row.unit_id, *row.part_ids)}
        made = _made(session, row, units)
        refuse_if(made.kept, "split_kept")
        refuse_if(changed_made(made, seen), "split_back_moved")

    try:
        split_undo.take_back(session, row, look)
    except ValueError as reason:
        raise Problem("split_back_moved") from reason
    return session.get_one(Unit, row.unit_id)


def _made(session: Session, row: UnitSplit, units: Mapping[str, Unit]) -> MadeSplit:
    parts = [units[id_] for id_ in row.part_ids]
    kept, back = split_undo.reason(session, row), split_undo.returning(session, row)
    return MadeSplit(row, units[row.unit_id], parts, kept, back)


def _administered_split(session: Session, scope: Scope, split_id: str) -> UnitSplit:
    row = required(session.get(UnitSplit, split_id))
    refuse_if(not all(scope.may_administer(unit) for unit in (row.unit_id, *row.part_ids)), "not_found")
    return row


def _plan(session: Session, scope: Scope, asked: SplitAsked) -> SplitPlan:
    old = administered(session, scope, asked.old_id)
    parts = [part if isinstance(part, NewPart) else administered(session, scope, part) for part in asked.parts]
    above = old.former_parent_id or old.parent_id
    refuse_if(
        above is not None and not scope.may_administer(above) and any(isinstance(part, NewPart) for part in parts),
        "not_found",
    )
    return SplitPlan(old, parts, asked.first_day, asked.heir, dict(asked.moves), dict(asked.below), asked.empty)
