"""When a time limit ends: from its own event on, in days, working days or months, as the law says.

The day of the event does not count. A month ends on the day of the same number, or on the last of a shorter month. A
limit in calendar days that ends on a day of rest is not moved on: the earlier day is safe, whatever the law allows.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from server.services.checklist.regimes import RegimeRow, TimeLimit
from server.services.checklist.rest_days import WorkCalendar


@dataclass(frozen=True, slots=True)
class LimitEnd:
    """A limit of a line. `last`: its last day; None while its event has no date."""

    limit: TimeLimit
    last: date | None


def ends(row: RegimeRow, events: Mapping[str, date], calendar: WorkCalendar) -> tuple[LimitEnd, ...]:
    """Return when the limits of a line end. `events`: the dates that are known, by event."""
    start = events.get(row.event)
    return tuple(LimitEnd(each, last_day(each, start, calendar) if start else None) for each in row.time_limits)


def last_day(limit: TimeLimit, start: date, calendar: WorkCalendar) -> date:
    """Return the last day of a limit that began on this day."""
    if limit.unit == "working_days":
        return calendar.after(start, limit.most)
    if limit.unit == "months":
        return _months_after(start, limit.most)
    return start + timedelta(days=limit.most)


def _months_after(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
