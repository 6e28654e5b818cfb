"""What is done in a case: its table is saved as one, a law is chosen, somebody takes charge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.services.cases import case_log, finding, store
from server.services.cases.data import CaseData
from server.services.cases.lists import NEXT
from server.services.cases.making import day
from server.services.cases.showing import CaseView
from server.services.cases.store import HeldCase
from server.services.checklist.regimes import EVENTS
from server.services.keyholders.vault import Vault

Shown = tuple[str, int]
"""(id of the case, its number on the page)."""
LINE, STEP, EVENT = "line", "step", "event"
"""Parts of the table."""
DONE, UNKNOWN = "done", "unknown"
"""Ticks of a duty, and of an event whose day is not known yet."""
PARTS: Final = (EVENT, LINE, STEP)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the table as it was sent. `value`: its tick. `day`: a typed one. `was`: its `state_of` on the page."""

    part: str
    id: str
    value: str
    day: str
    was: str

    @property
    def changed(self) -> bool:
        """Somebody ticked or typed something in it."""
        if self.part == EVENT:
            was_unknown = self.was == UNKNOWN
            return (self.day, self.value == UNKNOWN) != ("" if was_unknown else self.was, was_unknown)
        return self.value != self.was.partition(" ")[0] or bool(self.day)


def state_of(data: CaseData, part: str, id_: str) -> str:
    """Return what the case says of a row, to compare it with what a page showed: a tick with its day, or a day."""
    if part == EVENT:
        return data.events.get(id_, "") or (UNKNOWN if id_ in data.events else "")
    if part == STEP:
        return f"{DONE} {data.steps[id_]}" if data.steps.get(id_) else ""
    return " ".join(data.lines[id_][-1]) if data.lines.get(id_) else ""


def table(session: Session, vault: Vault, officer_id: str, shown: Shown, rows: Sequence[TableRow], common: str) -> None:
    """Save what was changed in the table, all of it or nothing. `common`: the day of what was ticked without its own.

    A day that was typed beside an unchanged tick mends the day of before. Raises Problem `case_moved`; `case_day`,
    `case_act` with the rows that are wrong as its field, `part.id` with blanks between.
    """
    held = opened(session, vault, officer_id, shown)
    changed = sorted((row for row in rows if row.changed), key=lambda row: PARTS.index(row.part))
    seen, faults, acts = finding.view(session, held), dict[str, str](), list[tuple[str, str]]()
    for row in changed:
        try:
            acts.append((row.part, _CHANGES[row.part](held.data, seen, row, common)))
        except Problem as refused:
            faults[f"{row.part}.{row.id}"] = refused.code
    if faults:
        raise Problem(next(iter(faults.values())), " ".join(faults))
    if not acts:
        return
    store.save(session, vault, held)
    for act, what in acts:
        case_log.append(session, vault, act, officer_id, case=held.id, unit=held.data.unit, what=what)


def _line(data: CaseData, seen: CaseView, row: TableRow, common: str) -> str:
    """A benefit moves on, on a day not before the last one; or the day of its state is mended."""
    if row.id not in {each.id for each in seen.benefits}:
        raise Problem("case_act")
    past, state = data.lines.get(row.id, []), data.state(row.id)
    if row.value == state:
        if not state:
            raise Problem("case_act")  # a day, and nothing ticked
        earliest = past[-2][1] if len(past) > 1 else data.received
        past[-1] = [state, day(row.day, earliest).isoformat()]
        return f"{row.id}:{state}"
    if row.value not in NEXT[state]:
        raise Problem("case_act")
    on = day(row.day or common, past[-1][1] if past else data.received)
    data.lines[row.id] = [*past, [row.value, on.isoformat()]]
    return f"{row.id}:{row.value}"


def _step(data: CaseData, seen: CaseView, row: TableRow, common: str) -> str:
    """A duty was done on a day; or it was not, and the tick was a mistake."""
    if row.id not in {each.id for each in seen.steps}:
        raise Problem("case_act")
    if row.value != DONE:
        if row.day or not data.steps.pop(row.id, ""):
            raise Problem("case_act")
        return f"{row.id}:undone"
    data.steps[row.id] = day(row.day or common, data.received).isoformat()
    return row.id


def _event(data: CaseData, seen: CaseView, row: TableRow, common: str) -> str:  # noqa: ARG001  # as the others
    """An event has its day, or none that is known yet. A day that was typed counts more than the tick."""
    if row.id not in EVENTS[1:]:
        raise Problem("case_act")
    if row.day and row.day != row.was:
        earliest = "" if row.id == "returned" else data.received  # who came home alone is received later
        data.events[row.id] = day(row.day, earliest).isoformat()
        return row.id
    if row.value == UNKNOWN:
        data.events[row.id] = ""
        return f"{row.id}:{UNKNOWN}"
    data.events.pop(row.id, None)
    return f"{row.id}:none"


_CHANGES: Final = {LINE: _line, STEP: _step, EVENT: _event}


def law(session: Session, vault: Vault, officer_id: str, shown: Shown, id_: str) -> None:
    """Say under which law a person is supported whose case is open across two. Raises Problem `case_act`."""
    held = opened(session, vault, officer_id, shown)
    if id_ not in {each["id"] for each in finding.view(session, held).choices}:
        raise Problem("case_act")
    held.data.law = id_
    keep(session, vault, officer_id, held, "law", id_)


def take_charge(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Become the responsible officer of a case."""
    held = opened(session, vault, officer_id, shown)
    held.data.officer = officer_id
    keep(session, vault, officer_id, held, "taken_charge", "")


def opened(session: Session, vault: Vault, officer_id: str, shown: Shown) -> HeldCase:
    """Return a case that is open, to change it. Raises Problem `not_found`, `case_moved`, `case_act`."""
    held = store.hold(session, vault, officer_id, *shown)
    if not held.data.is_open:
        raise Problem("case_act")
    return held


def keep(session: Session, vault: Vault, officer_id: str, held: HeldCase, act: str, what: str) -> None:
    """Store a changed case and log the act."""
    store.save(session, vault, held)
    case_log.append(session, vault, act, officer_id, case=held.id, unit=held.data.unit, what=what)
