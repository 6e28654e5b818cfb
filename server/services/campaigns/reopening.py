"""Whether an archived campaign may run again: not once a unit with figures of its own in it was split (SPEC L-56).

A split is refused while such a campaign runs (L-54). Archived, it hinders none, and its figures stay those of the
areas before. Opened again, it would lose the records of units that went, or they would be in two locked reports.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.bulk import one_of
from server.models import Campaign, LockStep, Unit, UnitSplit
from server.services.units.tree import links_above, path

_LOCK: Final = "lock"


def split_since(session: Session, campaign: Campaign) -> tuple[UnitSplit, Unit] | None:
    """Return the first split that keeps it archived, with the unit that was split; None if there is none."""
    if campaign.practice:
        return None
    since = select(UnitSplit).where(UnitSplit.at >= campaign.opened_at, UnitSplit.taken_back_at.is_(None))
    rows = [row for row in session.scalars(since.order_by(UnitSplit.at, UnitSplit.id)) if row.units_moved]
    locked = _locked(session, campaign) if rows else {}
    for nth, row in enumerate(rows):
        changed = _changed(session, row, rows[nth + 1 :])
        is_own = campaign.unit_id in changed or _was_merged(session, campaign.unit_id, row)
        if is_own or any(locked.get(unit, row.at) < row.at for unit in changed):
            return row, session.get_one(Unit, row.unit_id)
    return None


def _changed(session: Session, row: UnitSplit, later: Iterable[UnitSplit]) -> set[str]:
    """Return the unit, its parts and those above that were not above all of them then, whatever the tree is today."""
    moved: dict[str, str] = {}
    for each in later:
        for unit, before, _ in each.units_moved:
            moved.setdefault(unit, before)
    units = [row.unit_id, *row.part_ids]
    parents = _parents(session, units, row.at, moved)
    paths = [set(path(unit, parents)) for unit in units]
    return set[str]().union(*paths) - paths[0].intersection(*paths)


def _parents(session: Session, units: Iterable[str], at: int, moved: Mapping[str, str]) -> dict[str, str | None]:
    """Return what these units and those above them had above them before `at`; `moved`: of those that went since."""
    found: dict[str, str | None] = {}
    wanted = set(units)
    while wanted:
        rows = select(Unit.id, Unit.parent_id, Unit.former_parent_id, Unit.merged_at).where(one_of(Unit.id, wanted))
        for id_, parent, former, merged_at in session.execute(rows):
            found[id_] = moved.get(id_) or (former if merged_at is not None and merged_at >= at else parent)
        wanted = {parent for parent in found.values() if parent} - found.keys()
    return found


def _was_merged(session: Session, unit_id: str, row: UnitSplit) -> bool:
    """True if it had been merged into the unit before that was split, directly or through another."""
    links = {id_: (parent, merged_at) for id_, parent, merged_at in links_above(session, [unit_id])}
    here: str | None = unit_id
    while here is not None and here != row.unit_id:
        parent, merged_at = links[here]
        here = parent if merged_at is not None and merged_at < row.at else None
    return here is not None


def _locked(session: Session, campaign: Campaign) -> dict[str, int]:
    """Return when the units that hold their figures locked did so, whatever was asked for or opened since."""
    steps = select(LockStep).where(LockStep.campaign_id == campaign.id).order_by(LockStep.number)
    last: dict[str, LockStep] = {}
    at: dict[str, int] = {}
    for step in session.scalars(steps):
        last[step.unit_id] = step
        if step.act == _LOCK:
            at[step.unit_id] = step.at
    return {unit: at[unit] for unit, step in last.items() if step.leaves_locked}
