"""The states of a report on its way to the signature, and the acts that lead from one to the next.

    draft --submit--> content --check--> form --check--> signing --sign--> signed --issue--> issued
      ^                  |                 |                |                |
      +------------------+----- back ------+----------------+----------------+     (each time with a reason)

Loa records what the office did: it draws no signature, no seal and no number.

>>> after(PaperState.DRAFT, PaperAct.SUBMIT).value, after(PaperState.SIGNED, PaperAct.BACK).value
('content', 'draft')
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from server.core.problem_details import Problem


class PaperState(StrEnum):
    """`content`: the head of division checks it. `form`: its form is checked. `signing`: it is with the leader."""

    DRAFT = "draft"
    CONTENT = "content"
    FORM = "form"
    SIGNING = "signing"
    SIGNED = "signed"
    ISSUED = "issued"


class PaperAct(StrEnum):
    """What somebody records. `make`: the report begins. `move`: it moves to newer figures. `file`: a signed PDF."""

    MAKE = "make"
    MOVE = "move"
    SUBMIT = "submit"
    CHECK_CONTENT = "check_content"
    CHECK_FORM = "check_form"
    SIGN = "sign"
    ISSUE = "issue"
    FILE = "file"
    BACK = "back"


TRANSITIONS: Final = {
    (PaperState.DRAFT, PaperAct.MOVE): PaperState.DRAFT,
    (PaperState.DRAFT, PaperAct.SUBMIT): PaperState.CONTENT,
    (PaperState.CONTENT, PaperAct.CHECK_CONTENT): PaperState.FORM,
    (PaperState.FORM, PaperAct.CHECK_FORM): PaperState.SIGNING,
    (PaperState.SIGNING, PaperAct.SIGN): PaperState.SIGNED,
    (PaperState.SIGNED, PaperAct.ISSUE): PaperState.ISSUED,
    (PaperState.ISSUED, PaperAct.FILE): PaperState.ISSUED,
    **{
        (state, PaperAct.BACK): PaperState.DRAFT
        for state in (PaperState.CONTENT, PaperState.FORM, PaperState.SIGNING, PaperState.SIGNED)
    },
}
"""All that is possible. What was issued is followed by another report, and never goes back."""
OF_DRAFTERS: Final = frozenset({PaperAct.MOVE, PaperAct.SUBMIT, PaperAct.CHECK_CONTENT})
"""Acts for officers who may lock the figures. Anybody with a role at the unit may record the others."""
CHECKS: Final = frozenset({PaperAct.CHECK_CONTENT, PaperAct.CHECK_FORM})
"""Checks: nobody checks what they presented."""
ON_CURRENT: Final = frozenset({PaperAct.SUBMIT, *CHECKS, PaperAct.SIGN})
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
