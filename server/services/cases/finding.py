"""The list of cases of one's units with what is due, and a case by the code on its paper.

What is overdue is seen by the case officers of the office that the law makes responsible, and by nobody else: the unit
that has the case, or the one above it whose task a line is. So the office above sees of a case that it does not have
its code, its unit and its own tasks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.problem_details import Problem, refuse_if, required
from server.models import KeyHolder, Unit
from server.services.cases import case_log, codes, rights, sealing, showing, store
from server.services.cases.showing import SOON_DAYS, CaseLine, CaseView
from server.services.cases.store import HeldCase
from server.services.checklist import rest_days, versions
from server.services.checklist.regimes import LineVersion
from server.services.checklist.rest_days import WorkCalendar
from server.services.keyholders.vault import Vault
from server.services.units.tree import links_above, path, subtree

LOOK_DAYS: Final = SOON_DAYS
"""Who did not look for so long is reminded to, whether anything is due or not. So nothing that was known is missed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What every case is seen by: the lines of the law with their versions, the days on which offices work, today."""

    versions: list[LineVersion]
    calendar: WorkCalendar
    today: date


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case of the list. `tasks`: those of the officer's own units. `mine`: the officer is the responsible one."""

    held: HeldCase
    view: CaseView
    tasks: tuple[CaseLine, ...]
    mine: bool

    def count(self, look: str) -> int:
        """How many tasks are due, or overdue."""
        return sum(line.look == look for line in self.tasks)

    @property
    def next_due(self) -> date | None:
        """The earliest day by which something is to be done."""
        return min((line.due for line in self.tasks if line.due), default=None)


@dataclass(frozen=True, slots=True)
class CaseList:
    """`cases`: of one's units, open ones first, by what is due. `below`: those of units below with a task of one's own.

    `unread`: how many cannot be opened with the keys there are.
    """

    cases: list[ListedCase]
    below: list[ListedCase]
    unread: int


class Responsible:
    """Which unit a task is of: that at the level which the law names, above the unit that has the case, or this one."""

    def __init__(self, session: Session, unit_ids: Iterable[str]) -> None:
        """Read the units above these."""
        self._parents = {id_: parent for id_, parent, _ in links_above(session, unit_ids)}
        rows = session.execute(select(Unit.id, Unit.level).where(Unit.id.in_(self._parents)))
        self._levels = {row.id: row.level for row in rows}

    def unit(self, view: CaseView, line: CaseLine) -> str:
        """Return the unit's id. Where no unit has that level, as since 2025 no district, it is who has the case."""
        has = view.data.unit
        chains = (path(start, self._parents) for start in (has, view.data.received_by)) if line.body else ()
        return next((id_ for chain in chains for id_ in chain if self._levels.get(id_) == line.body), has)

    def of(self, view: CaseView, units: set[str]) -> tuple[CaseLine, ...]:
        """Return the tasks of these units in a case."""
        return tuple(line for line in view.lines if line.due and self.unit(view, line) in units)


def listed(session: Session, vault: Vault, officer_id: str) -> CaseList:
    """Return the cases that the officer's units have now, and those of units below in which they have a task."""
    units = set(rights.handled(session, officer_id))
    held, unread = store.of_units(session, vault, units | set(subtree(session, units)))
    on = ground(session)
    who = Responsible(session, {unit for each in held for unit in (each.data.unit, each.data.received_by)})
    found, below = [], []
    for each in held:
        seen = view(session, each, on)
        one = ListedCase(each, seen, who.of(seen, units), each.data.officer == officer_id)
        if each.data.unit in units:
            found.append(one)
        elif one.tasks:
            below.append(one)
    found.sort(key=lambda one: (not one.held.data.is_open, str(one.next_due or "9"), one.held.data.received))
    below.sort(key=lambda one: str(one.next_due))
    return CaseList(found, below, unread)


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
    held = required(store.coded(session, vault, code) if code else None, "case_code")
    refuse_if(held.data.unit not in rights.handled(session, officer_id), "case_code")
    return held.id


def note_look(session: Session, vault: Vault, officer_id: str) -> None:
    """Keep for who is in that they looked today. Nothing is kept of what they saw, and nothing of anybody else."""
    row = session.get(KeyHolder, officer_id)
    said = {"looked": today().isoformat()}
    if row is not None and _noted(vault, row) != said:
        row.look = sealing.note(vault, _look_place(officer_id), said)


def should_look(session: Session, vault: Vault, officer_id: str) -> bool:
    """True for who has the right to cases and did not look for some days, whether there are cases or none."""
    row = session.get(KeyHolder, officer_id)
    looked = _noted(vault, row).get("looked", "") if row is not None else ""
    return str(looked) < (today() - timedelta(days=LOOK_DAYS)).isoformat()


def _noted(vault: Vault, row: KeyHolder) -> dict[str, Any]:
    """Return on which day they looked last; nothing if it is not known."""
    found: Any = None
    if row.look:
        try:
            found = sealing.noted(vault, _look_place(row.officer_id), row.look)
        except Problem:  # its key was retired: the next visit notes it anew
            found = None
    return found if isinstance(found, dict) else {}


def _look_place(officer_id: str) -> str:
    return f"key_holder:{officer_id}:look"


def note_wrong_code(vault: Vault, officer_id: str) -> None:
    """Log that a code was tried that is none of theirs. The code itself is not logged."""
    case_log.note_try(vault, "not_found", officer_id)
