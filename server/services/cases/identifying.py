"""What the identification found: by a document, never by a press alone, and with two ways back.

A finding that was recorded by mistake is taken back; a new document opens the identification again. Nothing is deleted:
`CaseData.findings` keeps each with its document and how it ended, and help that was given stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.cases import acting
from server.services.cases.acting import Shown
from server.services.cases.data import IDENTIFIED, CaseData
from server.services.cases.lists import ANEW, BODIES, MISTAKES, OUTCOMES
from server.services.cases.making import day
from server.services.keyholders.vault import Vault

NUMBER_LENGTH: Final = 5
"""Digits of a document's number: a whole number and no more, so that no identity can be typed where it stands."""


@dataclass(frozen=True, slots=True)
class FindingPaper:
    """A document. `by`: who issued it, from the list. `number`: without its signs. `on`: its day."""

    by: str
    number: str
    on: str

    @property
    def is_named(self) -> bool:
        """It says by whom it is and its number."""
        return (
            self.by in BODIES
            and self.number.isdecimal()
            and self.number.isascii()
            and len(self.number) <= NUMBER_LENGTH
        )


def identify(session: Session, vault: Vault, officer_id: str, shown: Shown, outcome: str, paper: FindingPaper) -> None:
    """Record a finding: entitlements are computed anew, what was done stays.

    That somebody is no victim takes a document. That somebody is one only adds rights, so a day is enough.
    Raises Problem `case_act`, `case_paper`, `case_day`.
    """
    held = acting.opened(session, vault, officer_id, shown)
    data = held.data
    confirms = outcome == "confirmed"
    if outcome not in OUTCOMES or data.outcome or (confirms and not data.under_identification):
        raise Problem("case_act")
    if not paper.is_named and not (confirms and not paper.by and not paper.number):
        raise Problem("case_paper")
    on = day(paper.on, data.received).isoformat()
    found = {"outcome": outcome, "by": paper.by, "number": paper.number, "on": on, "was": data.category}
    data.findings.append(found)
    data.outcome, data.outcome_on = outcome, on
    if confirms:
        data.category = IDENTIFIED[data.category]
    acting.keep(session, vault, officer_id, held, "identified", outcome)


def take_back(session: Session, vault: Vault, officer_id: str, shown: Shown, why: str) -> None:
    """Take back a finding that was recorded by mistake: all is as before it. Raises Problem `case_act`."""
    held = acting.opened(session, vault, officer_id, shown)
    if why not in MISTAKES or not held.data.outcome:
        raise Problem("case_act")
    _end(held.data, {"ended": "mistake", "why": why})
    acting.keep(session, vault, officer_id, held, "unidentified", why)


def open_anew(session: Session, vault: Vault, officer_id: str, shown: Shown, why: str, paper: FindingPaper) -> None:
    """Open the identification again by a new document, not older than the finding.

    Raises Problem `case_act`, `case_paper`, `case_day`.
    """
    held = acting.opened(session, vault, officer_id, shown)
    if why not in ANEW or not held.data.outcome:
        raise Problem("case_act")
    if not paper.is_named:
        raise Problem("case_paper")
    on = day(paper.on, held.data.outcome_on).isoformat()
    _end(held.data, {"ended": "anew", "why": why, "new_by": paper.by, "new_number": paper.number, "new_on": on})
    acting.keep(session, vault, officer_id, held, "found_anew", why)


def _end(data: CaseData, how: dict[str, str]) -> None:
    """End the finding that holds. One of before, when findings were not kept, gets its line now."""
    if not data.findings or "ended" in data.findings[-1]:
        was = data.category
        if data.outcome == "confirmed":  # abroad or here is not known any more: who is here is entitled to more
            was = next(name for name, then in IDENTIFIED.items() if then == data.category)
        data.findings.append({"outcome": data.outcome, "by": "", "number": "", "on": data.outcome_on, "was": was})
    data.findings[-1] |= how
    data.category, data.outcome, data.outcome_on = data.findings[-1]["was"], "", ""
