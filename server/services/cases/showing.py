"""A case as its page and its sheet show it: every benefit and duty with its state, and when its time limit ends."""

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


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A benefit or a duty of a case. `row`: None for one that is no longer entitled to and was begun.

    `state` with its day; `due`: when something must be done for it, None if nothing, or if its event has no date;
    `lasts`: the last day of the benefit itself. `look`: `due` within a week, `overdue`, or empty.
    """

    id: str
    what: str
    row: RegimeRow | None
    state: str
    day: str
    ends: tuple[LimitEnd, ...]
    due: date | None
    lasts: date | None
    look: str

    @property
    def waits_for_event(self) -> bool:
        """A time limit has no end, because nobody recorded yet when it begins."""
        return self.state != "provided" and any(each.last is None for each in self.ends)

    @property
    def is_open(self) -> bool:
        """Not yet provided, nor declined."""
        return self.row is not None and self.state not in ("provided", "declined")


@dataclass(frozen=True, slots=True)
class CaseView:
    """`law`: its name; empty if no law has the category on that day. `choices`: the laws to choose from, if any."""

    data: CaseData
    law: str
    benefits: tuple[CaseLine, ...]
    steps: tuple[CaseLine, ...]
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

    def count(self, look: str) -> int:
        """How many lines are due, or overdue."""
        return sum(line.look == look for line in self.lines)

    @property
    def next_due(self) -> date | None:
        """The earliest day by which something is to be done."""
        return min((line.due for line in self.lines if line.due), default=None)


def view(data: CaseData, versions: Iterable[LineVersion], calendar: WorkCalendar, today: date) -> CaseView:
    """Return the case on a day. Who is found to be no victim is entitled to nothing more; what was done stays."""
    held = list(versions)
    sheet = regimes.sheet(data.category, data.received_on, held, data.law)
    ended = data.outcome == "not_victim"
    benefits = sheet.benefits if sheet and not ended else ()
    steps = sheet.steps if sheet and not ended else ()
    names = {each.id: each.what for each in regimes.benefits_on(data.received_on, held, data.law)}
    entitled = {row.id for row in benefits}
    done = [_line(None, id_, names.get(id_, id_), data, calendar, today) for id_ in data.lines if id_ not in entitled]
    return CaseView(
        data,
        sheet.law if sheet else "",
        (*(_line(row, row.id, row.what, data, calendar, today) for row in benefits), *done),
        tuple(_step(row, data, calendar, today) for row in steps),
        sheet.notes if sheet else (),
        regimes.choices(data.received_on, today) if data.is_open else (),
    )


def _line(row: RegimeRow | None, id_: str, what: str, data: CaseData, calendar: WorkCalendar, today: date) -> CaseLine:
    state = data.state(id_)
    ends = deadlines.ends(row, data.known_events, calendar) if row else ()
    waits = row is not None and data.is_open and state in ("", "needed")
    due = min((each.last for each in ends if each.last and each.limit.kind != "lasts"), default=None) if waits else None
    lasts = min((each.last for each in ends if each.last and each.limit.kind == "lasts"), default=None)
    day = data.lines[id_][-1][1] if state else ""
    return CaseLine(id_, what, row, state, day, ends, due, lasts, _look(due, today))


def _step(row: RegimeRow, data: CaseData, calendar: WorkCalendar, today: date) -> CaseLine:
    """A duty without a limit is due on the day of its event."""
    day = data.steps.get(row.id, "")
    ends = deadlines.ends(row, data.known_events, calendar)
    last = min((each.last for each in ends if each.last), default=data.known_events.get(row.event))
    due = last if not day and data.is_open else None
    return CaseLine(row.id, row.what, row, "provided" if day else "", day, ends, due, None, _look(due, today))


def _look(due: date | None, today: date) -> str:
    if due is None or due > today + timedelta(days=SOON_DAYS):
        return ""
    return OVERDUE if due < today else DUE
