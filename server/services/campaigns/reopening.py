"""Whether an archived campaign may run again: not once a unit with figures of its own in it was split (SPEC L-56).

A split is refused while such a campaign runs (L-54). Archived, it hinders none, and its figures stay those of the
areas before. Opened again, it would lose the records of units that went, or they would be in two locked reports.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.models import Campaign, LockStep, Unit, UnitSplit
from server.services.units.tree import apart, merged_into

_LOCK: Final = "lock"


def split_since(session: Session, campaign: Campaign) -> tuple[UnitSplit, Unit] | None:
    """Return the first split that keeps it archived, with the unit that was split; None if there is none."""
    if campaign.practice:
        return None
    since = select(UnitSplit).where(UnitSplit.at >= campaign.opened_at, UnitSplit.taken_back_at.is_(None))
    locked = _locked(session, campaign)
    for row in session.scalars(since.order_by(UnitSplit.at, UnitSplit.id)):
        old = session.get_one(Unit, row.unit_id)
        changed = apart(session, [str(old.former_parent_id or old.parent_id), *row.part_ids]) | {old.id}
        is_own = campaign.unit_id in changed | set(merged_into(session, [old.id]))
        if row.units_moved and (is_own or any(locked.get(unit, row.at) < row.at for unit in changed)):
            return row, old
    return None


def _locked(session: Session, campaign: Campaign) -> dict[str, int]:
    """Return when the units that hold their figures locked did so."""
    steps = select(LockStep.unit_id, LockStep.act, LockStep.at).where(LockStep.campaign_id == campaign.id)
    last = {unit: (act, at) for unit, act, at in session.execute(steps.order_by(LockStep.number))}
    return {unit: at for unit, (act, at) in last.items() if act == _LOCK}
