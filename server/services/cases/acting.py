"""What is done in a case: its table is saved as one, a law is chosen, somebody takes charge.

A case is closed once each benefit was provided or declined, or with a reason from the list for each other one.

A case goes to another unit or out of the province, is found to be of the same person as another, gets a new code.

What the identification found: by a document, never by a press alone, and with two ways back.

A finding that was recorded by mistake is taken back; a new document opens the identification again. Nothing is deleted:
`CaseData.findings` keeps each with its document and how it ended, and help that was given stands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from server.core.clock import today
from server.core.problem_details import Problem, refuse_if, required
from server.services.cases import case_log, codes, finding, restoring, rights, store
from server.services.cases.data import IDENTIFIED, CaseData
from server.services.cases.lists import ANEW, AWAY, BODIES, MISTAKES, NEXT, OUTCOMES, WHY_OPEN, WHY_UNASKED
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
    refuse_if(row.id not in {each.id for each in seen.benefits}, "case_act")
    past, state = data.lines.get(row.id, []), data.state(row.id)
    if row.value == state:
        refuse_if(not state, "case_act")  # a day, and nothing ticked
        earliest = past[-2][1] if len(past) > 1 else data.received
        past[-1] = [state, day(row.day, earliest).isoformat()]
        return f"{row.id}:{state}"
    refuse_if(row.value not in NEXT[state], "case_act")
    on = day(row.day or common, past[-1][1] if past else data.received)
    data.lines[row.id] = [*past, [row.value, on.isoformat()]]
    return f"{row.id}:{row.value}"


def _step(data: CaseData, seen: CaseView, row: TableRow, common: str) -> str:
    """A duty was done on a day; or it was not, and the tick was a mistake."""
    refuse_if(row.id not in {each.id for each in seen.steps}, "case_act")
    if row.value != DONE:
        refuse_if(row.day or not data.steps.pop(row.id, ""), "case_act")
        return f"{row.id}:undone"
    data.steps[row.id] = day(row.day or common, data.received).isoformat()
    return row.id


def _event(data: CaseData, seen: CaseView, row: TableRow, common: str) -> str:  # noqa: ARG001  # as the others
    """An event has its day, or none that is known yet. A day that was typed counts more than the tick."""
    refuse_if(row.id not in EVENTS[1:], "case_act")
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
    refuse_if(id_ not in {each["id"] for each in finding.view(session, held).choices}, "case_act")
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
    refuse_if(not held.data.is_open, "case_act")
    return held


def keep(session: Session, vault: Vault, officer_id: str, held: HeldCase, act: str, what: str) -> None:
    """Store a changed case and log the act."""
    store.save(session, vault, held)
    case_log.append(session, vault, act, officer_id, case=held.id, unit=held.data.unit, what=what)


def close(session: Session, vault: Vault, officer_id: str, shown: Shown, on: str, why_open: Mapping[str, str]) -> None:
    """Close a case. `why_open`: by benefit. Raises Problem `case_open` while one is open without a reason."""
    held = opened(session, vault, officer_id, shown)
    left = [line for line in finding.view(session, held).benefits if line.is_open]
    reasons = {line.id: why_open.get(line.id, "") for line in left}
    refuse_if(any(reasons[line.id] not in (WHY_OPEN if line.state else WHY_UNASKED) for line in left), "case_open")
    held.data.closed, held.data.why_open = day(on, held.data.received).isoformat(), reasons
    store.save(session, vault, held)
    case_log.append(session, vault, "closed", officer_id, case=held.id, unit=held.data.unit)


def reopen(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Open a closed case again."""
    held = store.hold(session, vault, officer_id, *shown)
    refuse_if(held.data.is_open, "case_act")
    held.data.closed, held.data.why_open, held.data.went = "", {}, ""
    store.save(session, vault, held)
    case_log.append(session, vault, "reopened", officer_id, case=held.id, unit=held.data.unit)


def hand_over(session: Session, vault: Vault, officer_id: str, shown: Shown, to: str) -> None:
    """Hand a case over to a unit where somebody has the right, or out of the province (`away`). Its code stays.

    It goes on counting where it was received. Raises Problem `case_act`.
    """
    held = opened(session, vault, officer_id, shown)
    was = held.data.unit
    if to == AWAY:
        held.data.went, held.data.closed = AWAY, today().isoformat()
    else:
        there = rights.holders(session, to)
        refuse_if(to == was or not there, "case_act")
        held.data.unit, held.data.officer = to, there[0][0]
    store.save(session, vault, held)
    case_log.append(session, vault, "handed_over", officer_id, case=held.id, unit=was, what=to)


def link(session: Session, vault: Vault, officer_id: str, shown: Shown, code: str) -> None:
    """Say that a case is of the same person as another, whose code the officer holds. The earlier one counts.

    Raises Problem `case_code` for a code that is none, `case_act` for the case itself or a linked one.
    """
    right = codes.typed(code)
    other = store.coded(session, vault, right) if right else None
    store.lock(session, sorted({shown[0], *([other.id] if other else ())}))
    held = opened(session, vault, officer_id, shown)
    other = required(store.coded(session, vault, right) if right else None, "case_code")
    refuse_if(
        other.id == held.id or held.data.counts_as or other.data.counts_as or held.data.same or other.data.same,
        "case_act",
    )
    first, second = sorted((held, other), key=lambda each: (each.data.received, each.id))
    second.data.counts_as = first.id
    first.data.same = [second.id]
    for each in (first, second):
        store.save(session, vault, each)
    for each in (held, other):  # a line of its own for each: what is kept of one must not name the other
        case_log.append(session, vault, "linked", officer_id, case=each.id, unit=each.data.unit)


def recode(session: Session, vault: Vault, officer_id: str, shown: Shown) -> None:
    """Give a case a new code, because its sheet was lost: the old one finds nothing any more, nor after a restore."""
    held = opened(session, vault, officer_id, shown)
    new = store.fresh_code(session, vault)
    restoring.note_void(session, vault, held.data.code, new)
    held.data.code = new
    store.save(session, vault, held)
    case_log.append(session, vault, "recoded", officer_id, case=held.id, unit=held.data.unit)


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
    held = opened(session, vault, officer_id, shown)
    data = held.data
    confirms = outcome == "confirmed"
    refuse_if(outcome not in OUTCOMES or data.outcome or (confirms and not data.under_identification), "case_act")
    refuse_if(not paper.is_named and not (confirms and not paper.by and not paper.number), "case_paper")
    on = day(paper.on, data.received).isoformat()
    found = {"outcome": outcome, "by": paper.by, "number": paper.number, "on": on, "was": data.category}
    data.findings.append(found)
    data.outcome, data.outcome_on = outcome, on
    if confirms:
        data.category = IDENTIFIED[data.category]
    keep(session, vault, officer_id, held, "identified", outcome)


def take_back(session: Session, vault: Vault, officer_id: str, shown: Shown, why: str) -> None:
    """Take back a finding that was recorded by mistake: all is as before it. Raises Problem `case_act`."""
    held = opened(session, vault, officer_id, shown)
    refuse_if(why not in MISTAKES or not held.data.outcome, "case_act")
    _end(held.data, {"ended": "mistake", "why": why})
    keep(session, vault, officer_id, held, "unidentified", why)


def open_anew(session: Session, vault: Vault, officer_id: str, shown: Shown, why: str, paper: FindingPaper) -> None:
    """Open the identification again by a new document, not older than the finding.

    Raises Problem `case_act`, `case_paper`, `case_day`.
    """
    held = opened(session, vault, officer_id, shown)
    refuse_if(why not in ANEW or not held.data.outcome, "case_act")
    refuse_if(not paper.is_named, "case_paper")
    on = day(paper.on, held.data.outcome_on).isoformat()
    _end(held.data, {"ended": "anew", "why": why, "new_by": paper.by, "new_number": paper.number, "new_on": on})
    keep(session, vault, officer_id, held, "found_anew", why)


def _end(data: CaseData, how: dict[str, str]) -> None:
    """End the finding that holds. One of before, when findings were not kept, gets its line now."""
    if not data.findings or "ended" in data.findings[-1]:
        was = data.category
        if data.outcome == "confirmed":  # abroad or here is not known any more: who is here is entitled to more
            was = next(name for name, then in IDENTIFIED.items() if then == data.category)
        data.findings.append({"outcome": data.outcome, "by": "", "number": "", "on": data.outcome_on, "was": was})
    data.findings[-1] |= how
    data.category, data.outcome, data.outcome_on = data.findings[-1]["was"], "", ""
