"""What a schedule plans, and what was confirmed of it day by day (SPEC F-20 to F-23).

Amounts come from `figures.py` alone. Here is what a person reads beside them: planned and aired apart, and the days
that nobody confirmed yet.

>>> from sync.registry import KINDS
>>> schedule = {"from": "2021-07-21", "to": "2021-07-30", "times_a_day": 2}
>>> values = {"standing": True, "schedule": schedule, "aired/20210721": 2}
>>> found = progress(KINDS["broadcast"], values, date(2021, 7, 23))
>>> (found.done, found.planned, found.unconfirmed)
(2, 20, 4)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sync.figures import days, usable
from sync.protocol import SCHEDULE_DAYS
from sync.registry import Kind
from sync.values import Value, is_date

_MARK: Final = r"(?::|giờ|[hg](?![a-zà-ỹ]))"
_CLOCK: Final = re.compile(
    rf"(?<![0-9:])([01]?[0-9]|2[0-3])\s*{_MARK}(?:([0-5][0-9])(?![hg])|\s+([0-5][0-9])(?!\s*{_MARK}))?(?![0-9])"
)
"""The one of figures.ts. A number behind a blank is the minutes, unless it is itself a time: `5h 17h` are two."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A schedule's airings. `by_day`: only confirmed days count; else each planned airing does (F-20)."""

    by_day: bool
    planned: int
    done: int
    times_a_day: int
    open: tuple[date, ...]
    """Days that have come and that nobody confirmed. None of them counts."""

    @property
    def unconfirmed(self) -> int:
        """The airings that were planned for the open days."""
        return usable(len(self.open) * self.times_a_day)


def progress(kind: Kind | None, values: Mapping[str, Value], until: date) -> Progress | None:
    """Return what became of a record's schedule up to a day; None if it has none that is confirmed by the day."""
    rule = kind.confirm if kind else None
    schedule = values.get(rule.schedule) if rule else None
    if rule is None or not isinstance(schedule, dict):
        return None
    times = _whole(schedule.get("times_a_day"))
    planned = usable(days(schedule) * times)
    if values.get(rule.when) is not True:
        return Progress(by_day=False, planned=planned, done=planned, times_a_day=times, open=())
    said = {name: value for name, value in values.items() if name.startswith(f"{rule.register}/")}
    missing = tuple(day for day in days_until(schedule, until) if not _is_whole(said.get(rule.field(day))))
    done = usable(sum(_whole(value) for value in said.values()))
    return Progress(by_day=True, planned=planned, done=done, times_a_day=times, open=missing)


def clocks(text: str) -> tuple[str, ...]:
    """Return the times of day that a text names, in order, once each (SPEC F-41).

    >>> clocks("5h30 và 17 giờ, 17:00")
    ('05:30', '17:00')
    """
    found = _CLOCK.findall(text.lower())
    return tuple(sorted({f"{int(hour):02}:{minute or later or '00'}" for hour, minute, later in found}))


def hours_on(kind: Kind, values: Mapping[str, Value], day: date) -> tuple[str, ...]:
    """Return the time of day of each airing of a day; empty where they are not known (SPEC F-41)."""
    rule = kind.confirm
    if rule is None or not rule.at:
        return ()
    done = values.get(rule.field(day))
    if values.get(rule.when) is not True:
        schedule = values.get(rule.schedule)
        done = schedule.get("times_a_day") if isinstance(schedule, dict) else None
    for said in (values.get(f"{rule.at}/{day:%Y%m%d}"), values.get(rule.hours)):
        found = clocks(said) if isinstance(said, str) else ()
        if found and len(found) == done:
            return found
    return ()


def days_until(schedule: Mapping[str, object], until: date) -> Iterator[date]:
    """Yield the days of a schedule up to `until`, the first SCHEDULE_DAYS of them at most."""
    first, last = schedule.get("from"), schedule.get("to")
    if is_date(first) and is_date(last):
        start = date.fromisoformat(str(first))
        end = min(date.fromisoformat(str(last)), until)
        for nth in range(min((end - start).days + 1, SCHEDULE_DAYS)):
            yield start + timedelta(days=nth)


def to_ask(schedule: Mapping[str, object], today: date) -> tuple[date, ...]:
    """F-23: the days that a form asks for. Today is one only if the schedule ends with it: it may still be aired."""
    ends_today = schedule.get("to") == today.isoformat()
    return tuple(days_until(schedule, today if ends_today else today - timedelta(days=1)))


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole(value: object) -> int:
    return usable(value) if isinstance(value, int) and not isinstance(value, bool) else 0
