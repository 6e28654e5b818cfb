"""The list of cases of one's units with what is due, and a case by the code on its paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.problem_details import Problem
from server.models import KeyHolder
from server.services.cases import case_log, codes, rights, sealing, showing, store
from server.services.cases.showing import SOON_DAYS, CaseView
from server.services.cases.store import HeldCase
from server.services.checklist import rest_days, versions
from server.services.checklist.regimes import LineVersion
from server.services.checklist.rest_days import WorkCalendar
from server.services.keyholders.vault import Vault


@dataclass(frozen=True, slots=True)
class Ground:
    """What every case is seen by: the lines of the law with their versions, the days on which offices work, today."""

    versions: list[LineVersion]
    calendar: WorkCalendar
    today: date


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case of the list. `mine`: the officer is the responsible one."""

    held: HeldCase
    view: CaseView
    mine: bool


@dataclass(frozen=True, slots=True)
class CaseList:
    """Open cases first, by what is due; `unread`: how many cannot be opened with the keys there are."""

    cases: list[ListedCase]
    unread: int


def listed(session: Session, vault: Vault, officer_id: str) -> CaseList:
    """Return the cases that the officer's units have now."""
    units = set(rights.handled(session, officer_id))
    held, unread = store.of_units(session, vault, units)
    on = ground(session)
    found = [
        ListedCase(each, view(session, each, on), each.data.officer == officer_id)
        for each in held
        if each.data.unit in units
    ]
    found.sort(key=lambda one: (not one.held.data.is_open, str(one.view.next_due or "9"), one.held.data.received))
    return CaseList(found, unread)


def ground(session: Session) -> Ground:
    """Read what every case is seen by, once for all cases of a page."""
    return Ground(versions.in_force(session), rest_days.calendar(session), today())


def view(session: Session, held: HeldCase, on: Ground | None = None) -> CaseView:
    """Return a case as it is today."""
    on = on or ground(session)
    return showing.view(held.data, on.versions, on.calendar, on.today)


def by_code(session: Session, vault: Vault, officer_id: str, text: str) -> str:
    """Return the id of a case of the officer's units by its code. Raises Problem `case_code`; logs a wrong try."""
    code = codes.typed(text)
    held = store.coded(session, vault, code) if code else None
    if held is None or held.data.unit not in rights.handled(session, officer_id):
        raise Problem("case_code")
    return held.id


def note_due(session: Session, vault: Vault, officer_id: str) -> None:
    """Keep for a holder from which day on something is due, so that the notice needs no key. Nothing else is kept."""
    row = session.get(KeyHolder, officer_id)
    days = [one.view.next_due for one in listed(session, vault, officer_id).cases if one.view.next_due]
    day = (min(days) - timedelta(days=SOON_DAYS)).isoformat() if days else ""
    if row is not None and day != _due(vault, row):
        row.due = sealing.note(vault, _due_place(officer_id), day)


def is_due(session: Session, vault: Vault, officer_id: str) -> bool:
    """True if something of the officer's units is due within a week, or overdue, by what was noted last.

    It opens no case: every page of the desk asks.
    """
    row = session.get(KeyHolder, officer_id)
    day = _due(vault, row) if row is not None else ""
    return bool(day) and day <= today().isoformat()


def _due(vault: Vault, row: KeyHolder) -> str:
    try:
        return str(sealing.noted(vault, _due_place(row.officer_id), row.due)) if row.due else ""
    except Problem:  # its key was retired: the next visit notes it anew
        return ""


def _due_place(officer_id: str) -> str:
    return f"key_holder:{officer_id}:due"


def note_wrong_code(vault: Vault, officer_id: str) -> None:
    """Log that a code was tried that is none of theirs. The code itself is not logged."""
    case_log.note_try(vault, "not_found", officer_id)
