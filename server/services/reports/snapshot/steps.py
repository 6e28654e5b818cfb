"""The states of a level's figures: the acts that lead from one to the next, and the steps so far.

>>> after(LockState.OPEN, LockAct.LOCK).value, after(LockState.LOCKED, LockAct.UNLOCK).value
('locked', 'unlocked')
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import read_once
from server.core.problem_details import required
from server.models import LockStep, Officer, Unit
from server.services.units import deputies
from server.services.units.scope import Scope
from server.services.units.tree import subtree

_LAST: Final = LockStep.is_last()


class LockState(StrEnum):
    """`unlocked`: was locked, and somebody above wants it done again."""

    OPEN = "open"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class LockAct(StrEnum):
    """What somebody does to it. `ask`: the unit asks to have them opened again, also where a level above has locked.

    `reopen`: the top unit does so, with an end; after it they are locked as they were.
    """

    LOCK = "lock"
    UNLOCK = "unlock"
    ASK = "ask"
    REOPEN = "reopen"


TRANSITIONS: Final = {
    (LockState.OPEN, LockAct.LOCK): LockState.LOCKED,
    (LockState.UNLOCKED, LockAct.LOCK): LockState.LOCKED,
    (LockState.LOCKED, LockAct.UNLOCK): LockState.UNLOCKED,
    (LockState.LOCKED, LockAct.ASK): LockState.LOCKED,
    (LockState.LOCKED, LockAct.REOPEN): LockState.UNLOCKED,
    (LockState.UNLOCKED, LockAct.REOPEN): LockState.UNLOCKED,
}
"""All that is possible. Everything else means that somebody else was faster.

A reopening gives another end to one that lasts; one that a level above unlocked has no end, and gets none.
"""


def after(state: LockState, act: LockAct) -> LockState:
    """Return the state after an act. Raises Problem `lock_moved` if it is not possible."""
    return required(TRANSITIONS.get((state, act)), "lock_moved")


def reached_by(step: LockStep | None) -> LockState:
    """Return the state that the last step led to; `open` without one. A reopening that ended leaves it locked."""
    if step is None:
        return LockState.OPEN
    return LockState.LOCKED if step.leaves_locked else LockState.UNLOCKED


# What was done to a level's figures so far: the steps, the present state, and locks further up.
@dataclass(frozen=True, slots=True)
class LockHistory:
    """The steps of a unit in a campaign, oldest first, each with the name of the person who took it."""

    steps: list[tuple[LockStep, str]]

    @property
    def number(self) -> int:
        """The number of the last step; 0 if there is none."""
        return self.steps[-1][0].number if self.steps else 0

    @property
    def state(self) -> LockState:
        """The present state."""
        return reached_by(self.steps[-1][0] if self.steps else None)

    @property
    def is_locked(self) -> bool:
        """True while the figures are locked."""
        return self.state is LockState.LOCKED

    @property
    def last(self) -> tuple[LockStep, str] | None:
        """The last step that led to the present state."""
        acts = (LockAct.LOCK,) if self.is_locked else (LockAct.UNLOCK, LockAct.REOPEN)
        return next((each for each in reversed(self.steps) if each[0].act in acts), None)

    @property
    def reopened(self) -> LockStep | None:
        """The reopening that lasts."""
        last = self.steps[-1][0] if self.steps and not self.is_locked else None
        return last if last is not None and last.act == LockAct.REOPEN else None

    @property
    def asked(self) -> tuple[LockStep, str] | None:
        """The request to open them again that nobody has answered."""
        last = self.steps[-1] if self.steps else None
        return last if last is not None and last[0].act == LockAct.ASK else None

    @property
    def freezes(self) -> list[str]:
        """Ids of what was frozen, oldest first."""
        return [step.freeze_id for step, _ in self.steps if step.freeze_id]


def history(session: Session, unit_id: str, campaign_id: str) -> LockHistory:
    """The steps of one unit in a campaign."""
    query = select(LockStep, deputies.said_name(LockStep.officer_id, LockStep.at, LockStep.unit_id)).join(
        Officer, Officer.id == LockStep.officer_id
    )
    theirs = query.where(LockStep.unit_id == unit_id, LockStep.campaign_id == campaign_id).order_by(LockStep.number)
    rows = read_once(session, ("steps", unit_id, campaign_id), lambda: session.execute(theirs).all())
    return LockHistory([(step, name) for step, name in rows])


def locked(session: Session, unit_ids: Collection[str], campaign_id: str) -> dict[str, LockStep]:
    """Those of these units whose figures are locked now, each with its last step."""
    if not unit_ids:
        return {}
    here = LockStep.campaign_id == campaign_id, LockStep.unit_id.in_(unit_ids), _LAST
    found = session.scalars(select(LockStep).where(*here))
    return {step.unit_id: step for step in found if reached_by(step) is LockState.LOCKED}


def asking_below(session: Session, unit_id: str, campaign_id: str) -> list[tuple[LockStep, Unit]]:
    """Return the requests of a unit and those below it that nobody has answered, the oldest first."""
    ask = LockStep.campaign_id == campaign_id, LockStep.act == LockAct.ASK.value
    asked = set(session.scalars(select(LockStep.unit_id).where(*ask)))
    if not asked:
        return []
    open_ones = [step for step in locked(session, asked, campaign_id).values() if step.act == LockAct.ASK]
    below = set(subtree(session, [unit_id])) if open_ones else set()
    theirs = sorted((step for step in open_ones if step.unit_id in below), key=lambda each: each.at)
    return [(step, session.get_one(Unit, step.unit_id)) for step in theirs]


def locked_above(session: Session, scope: Scope, unit_id: str, campaign_id: str) -> Unit | None:
    """The nearest unit above whose figures are locked: this one's are part of them.

    Not a unit that was merged: nobody can unlock its figures any more, and its successor locks its own.
    """
    above = scope.chain(unit_id)[1:]
    held = locked(session, above, campaign_id) if above else {}
    standing = (unit for id_ in above if id_ in held and (unit := session.get_one(Unit, id_)).merged_at is None)
    return next(standing, None)
