"""What a record adds to the figures of a report: computed, never stored (SPEC W-5, D-5, F-4, F-5, F-17).

The counting rule is in the kind's file and is printed under every table. Figures of units count a unit once if it has
any of another figure (SPEC F-8).

>>> days({"from": "2021-07-21", "to": "2021-07-30"})
10

A `Contribution` is one value for every surface that shows an amount (SPEC F-30 to F-32).

>>> one = Contribution({"scripts": 1}, {"scripts": {"tin so 1": 1}})
>>> (one + one).figures(), one.added_to(one)
({'scripts': 1}, {})
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import prod
from pathlib import Path
from typing import Any, Final

from sync.protocol import FIGURE_MAX
from sync.registry import KINDS, Figure, Kind
from sync.text import fold
from sync.values import Value, is_date

_FILE: Final = Path(__file__).parent / "unit_figures.json"


def _parse(row: dict[str, Any]) -> Figure:
    return Figure(row["code"], row["label"], row["unit"], row["rule"], terms=(), where={}, units_of=row["of"])


UNIT_FIGURES: Final = tuple(_parse(row) for row in json.loads(_FILE.read_text("utf-8")))


def every_figure() -> tuple[Figure, ...]:
    """All figures: first those that kinds feed, then those that count units."""
    return (*KINDS.figures(), *UNIT_FIGURES)


def days(schedule: Mapping[str, object]) -> int:
    """Number of dates in a schedule, both ends included; 0 if it ends before it begins."""
    first, last = schedule.get("from"), schedule.get("to")
    if not (is_date(first) and is_date(last)):
        return 0
    return max(0, (date.fromisoformat(str(last)) - date.fromisoformat(str(first))).days + 1)


def _term(path: str, values: Mapping[str, Value]) -> int:
    name, _, part = path.partition(".")
    if part == "*":
        return usable(sum(_term(each, values) for each in values if each.startswith(f"{name}/")))
    value: object = values.get(name)
    if part and isinstance(value, dict):
        value = days(value) if part == "days" else value.get(part)
    return usable(value) if isinstance(value, int) and not isinstance(value, bool) else 0


def _first(term: Mapping[str, int], values: Mapping[str, Value]) -> int:
    """F-17: the first of these fields that holds a value, times its factor."""
    for path, factor in term.items():
        if path.endswith(".*") or values.get(path.partition(".")[0]) is not None:
            return _term(path, values) * factor
    return 0


def usable(digits: int, scale: int = 0) -> int:
    """D-8: the amount; 0 if it is negative or too large, a typing slip that stays as written but adds nothing."""
    return digits if 0 <= digits <= FIGURE_MAX * 10**scale else 0


def _matches(figure: Figure, values: Mapping[str, Value]) -> bool:
    return matches(figure.where, values)


def matches(where: Mapping[str, Any], values: Mapping[str, Value]) -> bool:
    """True for a record of these values if each field that `where` names has the value, or one of the values (F-11)."""
    for name, wanted in where.items():  # asked of each figure of each record: a loop is a third of `all`
        value = values.get(name)
        if isinstance(wanted, list):
            if not any(_is(value, choice) for choice in wanted):
                return False
        elif not _is(value, wanted):
            return False
    return True


def _is(value: Value, wanted: object) -> bool:
    return type(value) is type(wanted) and value == wanted  # in Python True equals 1


def key(figure: Figure, values: Mapping[str, Value]) -> str:
    """F-5: the value that a record counts as in a figure of distinct values; "" for none."""
    if not _matches(figure, values):
        return ""
    texts = (values.get(name) for name in figure.distinct)
    return next((fold(text) for text in texts if isinstance(text, str) and text), "")


def contribution(figure: Figure, values: Mapping[str, Value]) -> int:
    """The amount that one record adds to one entry of a figure, as digits at the figure's scale."""
    if not _matches(figure, values):
        return 0
    if figure.distinct:
        return 1 if key(figure, values) else 0
    return usable(prod(_first(term, values) for term in figure.terms), figure.scale)


def says(kind: Kind, values: Mapping[str, Value]) -> frozenset[str]:
    """F-33: the figures that one record says something of, if only that it is 0."""
    return frozenset(figure.code for figure in kind.figures if _says(figure, values))


def _says(figure: Figure, values: Mapping[str, Value]) -> bool:
    if not matches(_asked(figure), values):
        return False
    if figure.distinct:
        return bool(key(figure, values))
    return all(_is_term_given(term, values) for term in figure.terms)


def _asked(figure: Figure) -> Mapping[str, object]:
    """`where`; an entry that counts records takes "no" for an answer, too: then it says 0."""
    if figure.terms or figure.distinct or not figure.where:
        return figure.where
    return {name: [True, False] if wanted is True else wanted for name, wanted in figure.where.items()}


def _is_term_given(term: Mapping[str, int], values: Mapping[str, Value]) -> bool:
    """True if the first of these fields that holds a value (F-17) holds an amount that counts."""
    for path in term:
        if path.endswith(".*") or values.get(path.partition(".")[0]) is not None:
            return _is_given(path, values)
    return False


def _is_given(path: str, values: Mapping[str, Value]) -> bool:
    """True if the field holds an amount that counts; absent, or a typing slip (D-8), it says nothing."""
    name, _, part = path.partition(".")
    if part == "*":
        return any(_is_given(each, values) for each in values if each.startswith(f"{name}/"))
    value: object = values.get(name)
    if part:
        if not isinstance(value, dict):
            return False
        value = days(value) or None if part == "days" else value.get(part)
    return isinstance(value, int) and not isinstance(value, bool) and usable(value) == value


@dataclass(frozen=True, slots=True)
class Contribution:
    """By figure: a sum, and of figures that count different values, how many records have each value.

    Contributions are added and subtracted record by record, so an act is what it counts minus what was counted before.
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: Kind, values: Mapping[str, Value]) -> Contribution:
        """The contribution of one record; entries of one figure add up (F-4, F-5)."""
        amounts = {figure.code: 0 for figure in kind.figures}
        found: dict[str, dict[str, int]] = {}
        for figure in kind.figures:
            amounts[figure.code] += contribution(figure, values)
            if figure.distinct and (value := key(figure, values)):
                found[figure.code] = {value: 1}
        return cls(amounts, found)

    def __add__(self, other: Contribution) -> Contribution:
        """Both together."""
        return self._with(other, 1)

    def __sub__(self, other: Contribution) -> Contribution:
        """This one without the other."""
        return self._with(other, -1)

    def _with(self, other: Contribution, sign: int) -> Contribution:
        values = dict(self.values)
        for code, theirs in other.values.items():
            values[code] = _added(values.get(code, {}), theirs, sign)
        return Contribution(_added(self.amounts, other.amounts, sign), values)

    def figures(self) -> dict[str, int]:
        """The amount of each figure. Different values count once each."""
        return {**self.amounts, **{code: sum(n > 0 for n in found.values()) for code, found in self.values.items()}}

    def added_to(self, counted: Contribution) -> dict[str, int]:
        """What this adds to figures that already count `counted`: the figures that differ (F-31)."""
        before, after = counted.figures(), (counted + self).figures()
        changed = {code: amount - before.get(code, 0) for code, amount in after.items()}
        return {code: amount for code, amount in changed.items() if amount}


def together(parts: Iterable[Contribution]) -> Contribution:
    """The contribution of several records, or acts. Sums in place: an act may be on a thousand records."""
    amounts: dict[str, int] = {}
    values: dict[str, dict[str, int]] = {}
    for part in parts:
        _add(amounts, part.amounts, 1)
        for code, theirs in part.values.items():
            _add(values.setdefault(code, {}), theirs, 1)
    return Contribution(amounts, values)


def shares(parts: Iterable[Contribution]) -> list[dict[str, int]]:
    """What each part adds to the figures of those before it, so that the shares add up to all together (F-32)."""
    before, found = Contribution(), []
    for part in parts:
        found.append(part.added_to(before))
        before += part
    return found


def _added(mine: Mapping[str, int], theirs: Mapping[str, int], sign: int) -> dict[str, int]:
    added = dict(mine)
    _add(added, theirs, sign)
    return added


def _add(sums: dict[str, int], more: Mapping[str, int], sign: int) -> None:
    for name, amount in more.items():
        sums[name] = sums.get(name, 0) + sign * amount
