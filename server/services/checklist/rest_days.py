"""Days on which offices work: Monday to Friday, without public holidays, as the province's own days change it.

Holidays come from the package `holidays`, which has Tết, days in lieu and exchanged Saturdays year by year. What was
decided later, or by the province alone, is entered here as a day that rests or a day that works.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Final

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.clock import now_ms
from server.core.problem_details import refuse_if
from server.models import RestDay
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.units.scope import Scope

SATURDAY: Final = 5
FIRST_YEAR, LAST_YEAR = 2010, 2100


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """`own`: days of the province's own, True where offices work."""

    own: Mapping[date, bool] = field(default_factory=dict)

    def works(self, day: date) -> bool:
        """True if offices work on that day."""
        return self.own.get(day, day.weekday() < SATURDAY and not holiday(day))

    def after(self, day: date, working_days: int) -> date:
        """Return the last of so many working days after a day, which itself does not count."""
        left = working_days
        while left:
            day += timedelta(days=1)
            left -= self.works(day)
        return day


@cache
def _holidays(year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays("VN", years=year))


def holiday(day: date) -> str:
    """Return the name of a public holiday; empty if the day is none."""
    return _holidays(day.year).get(day, "")


def calendar(session: Session) -> WorkCalendar:
    """Return the calendar with the province's own days."""
    return WorkCalendar({row.day: row.works for row in session.scalars(select(RestDay))})


def listed(session: Session) -> list[RestDay]:
    """Return the province's own days, the latest first."""
    return list(session.scalars(select(RestDay).order_by(RestDay.day.desc())))


def change(session: Session, scope: Scope, day: date, *, works: bool | None) -> None:
    """Let a day be a working day or a day of rest; None: as the calendar says. By a chief administrator only."""
    refuse_if(not scope.is_chief(), "not_found")
    refuse_if(not FIRST_YEAR <= day.year <= LAST_YEAR, "rest_day")
    row = session.get(RestDay, day)
    if works is None and row is not None:
        session.delete(row)
    elif works is not None and row is None:
        session.add(RestDay(day=day, works=works, officer_id=scope.officer_id, at=now_ms()))
    elif works is not None and row is not None:
        row.works, row.officer_id, row.at = works, scope.officer_id, now_ms()
    session.flush()
    status = "usual" if works is None else "works" if works else "rests"
    log.append(session, Act.REST_DAY_CHANGED, ("day", day.isoformat()), new={"status": status})
