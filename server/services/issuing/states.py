"""The states of a report on its way to the signature, and the acts that lead from one to the next.

    draft --submit--> presented --approve--> approved --sign--> signed --issue--> issued
      ^                   |                     |                 |
      +-------------------+------- back --------+-----------------+     (each time with a reason)

Trình, Trả lại để sửa or Duyệt, Ghi nhận đã ký, Ghi nhận đã phát hành: Văn thư gives number and day after the signature.

Loa records what the office did: it draws no signature, no seal and no number.

>>> after(PaperState.DRAFT, PaperAct.SUBMIT).value, after(PaperState.SIGNED, PaperAct.BACK).value
('presented', 'draft')
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from server.core.problem_details import Problem


class PaperState(StrEnum):
    """`presented`: somebody else looks at content and form. `approved`: it is with the leader, to be signed."""

    DRAFT = "draft"
    PRESENTED = "presented"
    APPROVED = "approved"
    SIGNED = "signed"
    ISSUED = "issued"


class PaperAct(StrEnum):
    """What somebody records. `make`: the report begins. `move`: it moves to newer figures. `file`: a signed PDF."""

    MAKE = "make"
    MOVE = "move"
    SUBMIT = "submit"
    APPROVE = "approve"
    SIGN = "sign"
    ISSUE = "issue"
    FILE = "file"
    BACK = "back"


TRANSITIONS: Final = {
    (PaperState.DRAFT, PaperAct.MOVE): PaperState.DRAFT,
    (PaperState.DRAFT, PaperAct.SUBMIT): PaperState.PRESENTED,
    (PaperState.PRESENTED, PaperAct.APPROVE): PaperState.APPROVED,
    (PaperState.APPROVED, PaperAct.SIGN): PaperState.SIGNED,
    (PaperState.SIGNED, PaperAct.ISSUE): PaperState.ISSUED,
    (PaperState.ISSUED, PaperAct.FILE): PaperState.ISSUED,
    **{
        (state, PaperAct.BACK): PaperState.DRAFT
        for state in (PaperState.PRESENTED, PaperState.APPROVED, PaperState.SIGNED)
    },
}
"""All that is possible. What was issued is followed by another report, and never goes back."""
OF_DRAFTERS: Final = frozenset({PaperAct.MOVE, PaperAct.SUBMIT, PaperAct.APPROVE})
"""Acts for officers who may lock the figures. Anybody with a role at the unit may record the others."""
ON_CURRENT: Final = frozenset({PaperAct.SUBMIT, PaperAct.APPROVE, PaperAct.SIGN})
"""Acts that need the report to be of the figures that are locked now."""


def after(state: PaperState, act: PaperAct) -> PaperState:
    """Return the state after an act. Raises Problem `paper_step` if it is not possible."""
    found = TRANSITIONS.get((state, act))
    if found is None:
        raise Problem("paper_step")
    return found


def possible(state: PaperState) -> list[PaperAct]:
    """Return the acts that are possible in a state."""
    return [act for before, act in TRANSITIONS if before is state]
