"""A case as its page and its sheet show it: every benefit and duty with its state, and what is to be done by when.

Silence loses no benefit. What nobody asked about is a task, and so is what was begun and then rested. Where the day
from which a limit counts is not known, the task is to tell the person of the right, never to question them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from server.services.cases.data import CaseData
from server.services.checklist import deadlines, regimes
from server.services.checklist.deadlines import LimitEnd
from server.services.checklist.regimes import LineVersion, RegimeRow
from server.services.checklist.rest_days import WorkCalendar

SOON_DAYS: Final = 7
DUE, OVERDUE = "due", "overdue"
ASK_DAYS: Final = 3
"""Until when the person is to be informed of a benefit, from the reception or the finding that gave the right to it.

Neither law says it, so this is our choice: both give the office that receives a person three days for the first steps
(Law 66/2011 Article 24; Law 53/2024 Article 27), and telling of the rights is the first of them. Where a law comes to
say it, its line has a limit of the kind `inform`, and that one holds.
"""
QUIET_DAYS: Final = 30
"""After so many days what was begun and rests is a task again. Our choice: nobody is pressed, no right is forgotten."""
TASKS: Final = ("inform", "again", "help", "answer", "do")
INFORM, AGAIN, HELP, ANSWER, DO = TASKS
"""Tasks: tell of the right; tell of it again; see to what is needed; see what became of the application; a duty."""
_RANKS: Final = {"informed": 0, "needed": 1, "declined": 2, "applied": 2, "provided": 3}
_RESTS: Final = {"informed": AGAIN, "needed": HELP, "applied": ANSWER}


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A benefit or a duty of a case. `row`: None for one that is no longer entitled to and was begun.

    `state` with its day; `past`: the days of its states. `task` with `due`, by when; empty and None if
    nothing is to be done. `lasts`: the last day of the benefit itself. `look`: `due` within a week, `overdue`, or none.
    `unknown`: somebody said that the day from which its limits count is not known yet.
    """

    id: str
    what: str
    row: RegimeRow | None
    state: str
    day: str
    past: dict[str, str]
    ends: tuple[LimitEnd, ...]
    task: str
    due: date | None
    lasts: date | None
    look: str
    unknown: bool

    @property
    def is_open(self) -> bool:
        """Not yet provided, nor declined."""
        return self.row is not None and self.state not in ("provided", "declined")

    @property
    def body(self) -> str:
        """The level of the office whose task it is; empty: whoever has the case. They inform the person."""
        return self.row.body if self.row and self.task in (DO, ANSWER) else ""


@dataclass(frozen=True, slots=True)
class CaseView:
    """`law`: its name; empty if no law has the category on that day. `choices`: the laws to choose from, if any.

    `events`: those from which limits of its lines count, and those that were recorded.
    """

    data: CaseData
    law: str
    benefits: tuple[CaseLine, ...]
    steps: tuple[CaseLine, ...]
    events: tuple[str, ...]
    notes: Sequence[str]
    choices: Sequence[Any] = ()

    @property
    def lines(self) -> tuple[CaseLine, ...]:
        """Benefits and duties."""
        return (*self.benefits, *self.steps)

    @property
    def asks_law(self) -> bool:
        """Nobody said yet under which of two laws the person is supported."""
        return bool(self.choices) and not self.data.law


def view(data: CaseData, versions: Iterable[LineVersion], calendar: WorkCalendar, today: date) -> CaseView:
    """Return the case on a day. Who is found to be no victim is entitled to nothing more; what was done stays."""
    held = list(versions)
    sheet = regimes.sheet(data.category, data.received_on, held, data.law)
    ended = data.outcome == "not_victim"
    benefits = sheet.benefits if sheet and not ended else ()
    steps = sheet.steps if sheet and not ended else ()
    names = {each.id: each.what for each in regimes.benefits_on(data.received_on, held, data.law)}
    since = _entitled_since(data, held)
    shown = [_benefit(row, data, calendar, today, since.get(row.id, data.received_on)) for row in benefits]
    entitled = {row.id for row in benefits}
    done = [_ended(id_, names.get(id_, id_), data) for id_ in data.lines if id_ not in entitled]
    counts = {row.event for row in (*benefits, *steps)} | set(data.events)
    return CaseView(
        data,
        sheet.law if sheet else "",
        (*shown, *done),
        tuple(_step(row, data, calendar, today) for row in steps),
        tuple(event for event in regimes.EVENTS[1:] if event in counts),
        sheet.notes if sheet else (),
        regimes.choices(data.received_on, today) if data.is_open else (),
    )


def _entitled_since(data: CaseData, versions: Sequence[LineVersion]) -> dict[str, date]:
    """Return the days of benefits to which only the finding gave the right."""
    found = data.findings[-1] if data.findings and data.outcome == "confirmed" else None
    if found is None:
        return {}
    before = regimes.sheet(found["was"], data.received_on, versions, data.law)
    had = {row.id for row in before.benefits} if before else set()
    after = regimes.sheet(data.category, data.received_on, versions, data.law)
    return {row.id: date.fromisoformat(found["on"]) for row in after.benefits if row.id not in had} if after else {}


def _benefit(row: RegimeRow, data: CaseData, calendar: WorkCalendar, today: date, since: date) -> CaseLine:
    state = data.state(row.id)
    ends = deadlines.ends(row, data.known_events, calendar)
    task, due = _task(data, row.id, state, ends, since) if data.is_open else ("", None)
    lasts = min((each.last for each in ends if each.last and each.limit.kind == "lasts"), default=None)
    past = _past(data, row.id)
    unknown = data.unknown(row.event)
    look = _look(due, today)
    return CaseLine(row.id, row.what, row, state, past.get(state, ""), past, ends, task, due, lasts, look, unknown)


def _task(data: CaseData, id_: str, state: str, ends: Sequence[LimitEnd], since: date) -> tuple[str, date | None]:
    """Return what is to be done for a benefit and by when: the law's limit, or an earlier day of ours."""
    if state and state not in _RESTS:
        return "", None
    by_law = [each.last for each in ends if each.last and each.limit.kind in ("apply", "do")]
    if not state:
        inform_by = [each.last for each in ends if each.last and each.limit.kind == "inform"]
        return INFORM, min([*(inform_by or [since + timedelta(days=ASK_DAYS)]), *by_law])
    rests = date.fromisoformat(data.lines[id_][-1][1]) + timedelta(days=QUIET_DAYS)
    return _RESTS[state], min([rests, *(by_law if state != "applied" else ())])


def _past(data: CaseData, id_: str) -> dict[str, str]:
    """Return the ticks of a benefit with their days. A step back takes away what came after it."""
    found: dict[str, str] = {}
    for state, on in data.lines.get(id_, []):
        found = {before: day for before, day in found.items() if _RANKS[before] <= _RANKS[state]}
        found[state] = on
    return found


def _ended(id_: str, what: str, data: CaseData) -> CaseLine:
    past = _past(data, id_)
    state = data.state(id_)
    return CaseLine(id_, what, None, state, past.get(state, ""), past, (), "", None, None, "", unknown=False)


def _step(row: RegimeRow, data: CaseData, calendar: WorkCalendar, today: date) -> CaseLine:
    """A duty without a limit is due on the day of its event."""
    day = data.steps.get(row.id, "")
    ends = deadlines.ends(row, data.known_events, calendar)
    last = min((each.last for each in ends if each.last), default=data.known_events.get(row.event))
    due = last if not day and data.is_open else None
    state = "provided" if day else ""
    look, unknown = _look(due, today), data.unknown(row.event)
    return CaseLine(row.id, row.what, row, state, day, {}, ends, DO if due else "", due, None, look, unknown)


def _look(due: date | None, today: date) -> str:
    if due is None or due > today + timedelta(days=SOON_DAYS):
        return ""
    return OVERDUE if due < today else DUE
