"""The days of a standing schedule that were confirmed, as a list for a reviewer (SPEC F-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from server.core.clock import today
from server.desk.formats import day, quantity
from server.desk.numerals import number
from server.desk.words import label, t, word
from server.services.review.dossier import Dossier
from sync.registry import Kind, Register
from sync.values import is_date


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One register of a record: its label, how many days, and the days, equal neighbours on one line."""

    label: str
    sums: str
    lines: list[str]


def confirmed(it: Dossier) -> list[Confirmed]:
    """Return the confirmed days of a record; empty if its kind or its schedule does not confirm by the day."""
    rule = it.kind.source.get("confirm") if it.kind else None
    if it.kind is None or rule is None:
        return []
    said = _days(it, rule["register"])
    if not said and it.state.value(rule["when"]) is not True:
        return []
    return [_told(it.kind, rule["register"], said, _due(it.state.value(rule["schedule"])))]


def _days(it: Dossier, register: str) -> dict[date, int | None]:
    """Return each day with its number; None where two people entered different ones."""
    found: dict[date, int | None] = {}
    for name in it.fields:
        before, slash, part = name.partition("/")
        value, alike = it.state.value(name), len(it.state.sides(name)) == 1
        if slash and before == register and (value is not None or not alike):
            found[date.fromisoformat(part)] = value if isinstance(value, int) else None
    return dict(sorted(found.items()))


def _due(schedule: Any) -> set[date]:
    """Return the days of the schedule that are past; today may still be aired."""
    ends = [schedule.get(part) for part in ("from", "to")] if isinstance(schedule, Mapping) else []
    if not ends or not all(is_date(end) for end in ends):
        return set()
    first, last = (date.fromisoformat(str(end)) for end in ends)
    last = min(last, today() - timedelta(days=1), first + timedelta(days=366))
    return {first + timedelta(days=number) for number in range((last - first).days + 1)}


def _told(kind: Kind, name: str, said: Mapping[date, int | None], due: set[date]) -> Confirmed:
    register = kind.registers[name]
    sums = t("confirmed.sums", days=len(said))
    if missing := len(due - set(said)):
        sums += t("confirmed.missing", days=missing)
    return Confirmed(label(register.label), sums, list(_lines(register, said)))


def _lines(register: Register, said: Mapping[date, int | None]) -> Iterator[str]:
    """Yield a line for each run of consecutive days with the same number."""
    rows = list(said.items())
    for _, group in groupby(enumerate(rows), lambda at: (at[1][0] - timedelta(days=at[0]), at[1][1])):
        days = [row for _, row in group]
        first, last, value = days[0][0], days[-1][0], days[0][1]
        what = _what(register, value)
        if first == last:
            yield f"{day(first)}: {what}"
        else:
            yield t("confirmed.row", first=day(first), last=day(last), what=what)


def _what(register: Register, value: int | None) -> str:
    if value is None:
        return word("marks", "conflict")
    return _quantity(register, value) if value else t("confirmed.none")


def _quantity(register: Register, value: int) -> str:
    return quantity(value, register.unit) if register.unit else number(value)
