"""The days of a schedule in a form: how often each that is over was aired, asked once (SPEC F-23)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from werkzeug.datastructures import MultiDict

from server.core.clock import today
from server.desk.formats import day as day_text
from sync.airings import to_ask
from sync.errors import Refused
from sync.protocol import TIMES_A_DAY
from sync.registry import Confirm, Kind
from sync.text import normal
from sync.values import Value

SHOWN: Final = "days.shown"
"""Says that the form that was sent had the days."""
ALL: Final = "days.all"
"""Ticked: the days left empty were aired as planned."""


DayInput = dict[str, Any]
"""One day: its input's name, how it is called, what is typed or stored, and what the page showed."""


def marker(kind: Kind) -> dict[str, Value]:
    """Return what each new record of this kind says of how its schedule counts (SPEC F-20)."""
    return {kind.confirm.when: True} if kind.confirm else {}


def draw(kind: Kind, values: Mapping[str, Value], form: MultiDict[str, str] | None = None) -> list[DayInput]:
    """Return the days that are over of a schedule that counts by the day; empty if there are none."""
    rule = kind.confirm
    if rule is None:
        return []
    found = []
    for each in _days(rule, values):
        name, stored = _name(each), values.get(rule.field(each))
        original = _text(stored)
        if form is not None and SHOWN in form:
            original = form.get(_original(each), original)
        text = form.get(name) if form is not None else None
        found.append(
            {
                "name": name,
                "label": day_text(each.isoformat()),
                "text": original if text is None else text,
                "original": original,
            }
        )
    return found


def read(kind: Kind, values: Mapping[str, Value], form: MultiDict[str, str]) -> dict[str, Value]:
    """Return the registers that differ from what was drawn. Raises Refused for what is no number of airings.

    What somebody else confirmed meanwhile stays.
    """
    rule, found = kind.confirm, dict[str, Value]()
    if rule is None or SHOWN not in form:
        return found
    schedule = values.get(rule.schedule)
    planned = schedule.get("times_a_day") if isinstance(schedule, dict) else None
    for each in _days(rule, values):
        name, typed = rule.field(each), normal(form.get(_name(each), ""))
        original = form.get(_original(each), "")
        if typed != original:
            found[name] = _times(name, typed) if typed else None
        elif not typed and ALL in form and values.get(name) is None:
            found[name] = planned
    return found


def to_be_asked(kind: Kind, values: Mapping[str, Value], form: MultiDict[str, str]) -> bool:
    """True once for a schedule of which days are over and not said, before the form had them."""
    rule = kind.confirm
    if rule is None or SHOWN in form:
        return False
    return any(values.get(rule.field(each)) is None for each in _days(rule, values))


def _days(rule: Confirm, values: Mapping[str, Value]) -> tuple[date, ...]:
    schedule = values.get(rule.schedule)
    by_day = values.get(rule.when) is True and isinstance(schedule, dict)
    return to_ask(schedule, today()) if by_day and isinstance(schedule, dict) else ()


def _name(each: date) -> str:
    return f"d.{each:%Y%m%d}"


def _original(each: date) -> str:
    return f"o.d.{each:%Y%m%d}"


def _text(stored: Value) -> str:
    return str(stored) if isinstance(stored, int) and not isinstance(stored, bool) else ""


def _times(name: str, typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or len(typed) > 4 or int(typed) > TIMES_A_DAY:
        raise Refused("bad_number", name)
    return int(typed)
