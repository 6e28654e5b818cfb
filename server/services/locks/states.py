"""The states of a level's figures, and the acts that lead from one to the next.

    open --lock--> locked --unlock--> unlocked --lock--> locked ...

>>> after(LockState.OPEN, LockAct.LOCK).value, after(LockState.LOCKED, LockAct.UNLOCK).value
('locked', 'unlocked')
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from server.core.problem_details import Problem


class LockState(StrEnum):
    """`unlocked`: was locked, and somebody above wants it done again."""

    OPEN = "open"
    LOCKED = "locked"
    UNLOCKED = "unlocked"


class LockAct(StrEnum):
    """What somebody does to it."""

    LOCK = "lock"
    UNLOCK = "unlock"


TRANSITIONS: Final = {
    (LockState.OPEN, LockAct.LOCK): LockState.LOCKED,
    (LockState.UNLOCKED, LockAct.LOCK): LockState.LOCKED,
    (LockState.LOCKED, LockAct.UNLOCK): LockState.UNLOCKED,
}
"""All that is possible. Everything else means that somebody else was faster."""


def after(state: LockState, act: LockAct) -> LockState:
    """Return the state after an act. Raises Problem `lock_moved` if it is not possible."""
    found = TRANSITIONS.get((state, act))
    if found is None:
        raise Problem("lock_moved")
    return found


def reached_by(act: str | None) -> LockState:
    """Return the state that the last act led to; `open` without one."""
    if act is None:
        return LockState.OPEN
    return LockState.LOCKED if act == LockAct.LOCK else LockState.UNLOCKED
