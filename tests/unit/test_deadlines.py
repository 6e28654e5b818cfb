"""Time limits: each from its own event, in days or working days, past holidays and the province's own days."""

from __future__ import annotations

from datetime import date

import pytest

from server.services.checklist import deadlines, regimes
from server.services.checklist.regimes import TimeLimit
from server.services.checklist.rest_days import WorkCalendar

USUAL = WorkCalendar()


def last(most: int, unit: str, start: str, calendar: WorkCalendar = USUAL) -> str:
    return deadlines.last_day(TimeLimit("trong", most, unit, "do"), date.fromisoformat(start), calendar).isoformat()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("most", "unit", "start", "ends"),
    [
        (3, "working_days", "2021-07-28", "2021-08-02"),  # Wednesday: Thursday, Friday, Monday
        (3, "working_days", "2021-07-31", "2021-08-04"),  # begins on a Saturday
        (3, "working_days", "2021-09-01", "2021-09-08"),  # Independence Day is two days since 2021, then a week-end
        (5, "working_days", "2021-02-09", "2021-02-23"),  # Tết
        (3, "working_days", "2025-04-29", "2025-05-07"),  # 30/4, 1/5 and Friday 2/5, exchanged for a Saturday
        (1, "working_days", "2025-04-25", "2025-04-28"),  # the exchanged Saturday is not known as a working day
        (60, "days", "2021-07-28", "2021-09-26"),
        (3, "days", "2025-08-30", "2025-09-02"),  # not moved past a holiday: the early day is safe
        (12, "months", "2021-07-28", "2022-07-28"),
        (1, "months", "2024-01-31", "2024-02-29"),
        (12, "months", "2024-02-29", "2025-02-28"),
    ],
)
def test_a_limit_ends(most: int, unit: str, start: str, ends: str) -> None:
    assert last(most, unit, start) == ends


def test_the_province_has_days_of_its_own() -> None:
    own = WorkCalendar({date(2021, 7, 29): False, date(2021, 7, 31): True})
    assert last(3, "working_days", "2021-07-28", own) == "2021-08-02"
    assert last(2, "working_days", "2021-07-28", own) == "2021-07-31"


def test_each_limit_counts_from_its_own_event() -> None:
    found = regimes.sheet("victim", date(2021, 7, 28))
    assert found is not None
    events = {"received": date(2021, 7, 28), "file_complete": date(2021, 8, 5)}
    lasts = {row.id: deadlines.ends(row, events, USUAL) for row in (*found.benefits, *found.steps)}
    assert [each.last for each in lasts["essential"]] == [date(2021, 9, 26)]
    assert [each.last for each in lasts["commune"]] == [date(2021, 8, 10)]
    assert [each.last for each in lasts["initial"]] == [None], "nobody certified the victim yet"
