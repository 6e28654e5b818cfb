"""What a record adds to the figures of a report: computed, never stored (SPEC W-5, D-5, F-4, F-5, F-17).

The counting rule is in the kind's file and is printed under every table.

>>> days({"from": "2021-07-21", "to": "2021-07-30"})
10
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import prod

from sync.protocol import FIGURE_MAX
from sync.registry import Figure
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
    return all(_is_one_of(values.get(name), wanted) for name, wanted in figure.where.items())


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
