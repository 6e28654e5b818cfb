"""What became of a schedule, for a reviewer: plan and done, and the days that were confirmed (SPEC F-3, F-21)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from server.desk.formats import day
from server.desk.numerals import number
from server.desk.showing import progress_text
from server.desk.words import label, quantity, t, word
from server.services.figures.unconfirmed import progress_now
from server.services.review.dossier import Dossier
from sync.airings import hours_on
from sync.record import agreed
from sync.registry import Kind, Register

Confirmed = dict[str, Any]
"""One register of a record: its label, plan and done, how many days, and the days, equal neighbours on one line."""


def confirmed(it: Dossier) -> list[Confirmed]:
    """Return the confirmed days of a record; empty if its kind or its schedule does not confirm by the day."""
    rule = it.kind.confirm if it.kind else None
    if it.kind is None or rule is None:
        return []
    said, text = _days(it, rule.register), progress_text(it.kind, it.state)
    if not said and not text:
        return []
    found = progress_now(it.kind, agreed(it.state.all_sides))
    missing = len(set(found.open) - set(said)) if found else 0
    values = agreed(it.state.all_sides)
    hours = {each: ", ".join(hours_on(it.kind, values, each)) for each in said}
    return [_told(it.kind, rule.register, said, (text, hours), missing)]


def _days(it: Dossier, register: str) -> dict[date, int | None]:
    """Return each day with its number; None where two people entered different ones."""
    found: dict[date, int | None] = {}
    for name in it.fields:
        before, slash, part = name.partition("/")
        value, alike = it.state.value(name), len(it.state.sides(name)) == 1
        if slash and before == register and (value is not None or not alike):
            found[date.fromisoformat(part)] = value if isinstance(value, int) else None
    return dict(sorted(found.items()))


def _told(
    kind: Kind, name: str, said: Mapping[date, int | None], beside: tuple[str, Mapping[date, str]], missing: int
) -> Confirmed:
    """`beside`: the progress in words, and by day the times on air."""
    register, (text, hours) = kind.registers[name], beside
    sums = t("confirmed.sums", days=len(said)) if said or missing else ""
    if missing:
        sums += t("confirmed.missing", days=missing)
    return {
        "label": label(register.label),
        "progress": text,
        "sums": sums,
        "lines": list(_lines(register, said, hours)),
    }


def _lines(register: Register, said: Mapping[date, int | None], hours: Mapping[date, str]) -> Iterator[str]:
    """Yield a line for each run of consecutive days with the same number and times on air."""
    rows = [(each, value, hours.get(each, "")) for each, value in said.items()]
    for _, group in groupby(enumerate(rows), lambda at: (at[1][0] - timedelta(days=at[0]), *at[1][1:])):
        days = [row for _, row in group]
        first, last, value, at = days[0][0], days[-1][0], *days[0][1:]
        what = f"{_what(register, value)} ({at})" if at else _what(register, value)
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
