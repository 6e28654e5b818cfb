"""What a record adds to the figures of a report: computed, never stored (SPEC W-5, D-5).

The counting rule is in the kind's file and is printed under every table.

>>> days({"from": "2021-07-21", "to": "2021-07-30"})
10
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import prod

from sync.protocol import FIGURE_MAX
from sync.registry import Figure, Kind
from sync.values import Value, is_date


def days(schedule: Mapping[str, object]) -> int:
    """Dates of a schedule, both ends counted; 0 where it ends before it begins."""
    first, last = schedule.get("from"), schedule.get("to")
    if not (is_date(first) and is_date(last)):
        return 0
    return max(0, (date.fromisoformat(str(last)) - date.fromisoformat(str(first))).days + 1)


def _term(path: str, values: Mapping[str, Value]) -> int:
    name, _, part = path.partition(".")
    value: object = values.get(name)
    if part and isinstance(value, dict):
        value = days(value) if part == "days" else value.get(part)
    return usable(value) if isinstance(value, int) and not isinstance(value, bool) else 0


def usable(amount: int) -> int:
    """D-8: below nothing or beyond any commune is a slip of the thumb, kept as written and counted as nothing."""
    return amount if 0 <= amount <= FIGURE_MAX else 0


def contribution(figure: Figure, values: Mapping[str, Value]) -> int:
    """What one record adds to one figure."""
    if any(values.get(name) != wanted for name, wanted in figure.where.items()):
        return 0
    return usable(prod(_term(path, values) for path in figure.product))


def contributions(kind: Kind, values: Mapping[str, Value]) -> dict[str, int]:
    """What one record adds to each figure its kind feeds."""
    return {figure.code: contribution(figure, values) for figure in kind.figures}
