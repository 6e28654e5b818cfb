"""What a record adds to the figures of a report: computed, never stored (SPEC W-5, D-5, F-4, F-5, F-17).

The counting rule is in the kind's file and is printed under every table.

>>> days({"from": "2021-07-21", "to": "2021-07-30"})
10
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import islice
from math import prod
from typing import Any

from sync.protocol import FIGURE_MAX
from sync.registry import Figure, Kind
from sync.text import fold
from sync.values import Value, is_date


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
    return all(_is_one_of(values.get(name), wanted) for name, wanted in where.items())


def _is_one_of(value: Value, wanted: object) -> bool:
    choices = wanted if isinstance(wanted, list) else [wanted]
    return any(type(value) is type(choice) and value == choice for choice in choices)  # in Python True equals 1


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
    if not all(_is_one_of(values.get(name), wanted) for name, wanted in _asked(figure).items()):
        return False
    if figure.distinct:
        return bool(key(figure, values))
    return all(_is_term_given(term, values) for term in figure.terms)


def _asked(figure: Figure) -> Mapping[str, object]:
    """`where`; an entry that counts records takes "no" for an answer, too: then it says 0."""
    if figure.terms or figure.distinct:
        return figure.where
    return {name: [True, False] if wanted is True else wanted for name, wanted in figure.where.items()}


def _is_term_given(term: Mapping[str, int], values: Mapping[str, Value]) -> bool:
    """True if the first of these fields that holds a value (F-17) holds an amount that counts."""
    filled = (path for path in term if path.endswith(".*") or values.get(path.partition(".")[0]) is not None)
    return any(_is_given(path, values) for path in islice(filled, 1))


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
