"""Numbers, days, moments, names as people in Việt Nam write them: 1.234, 30/07/2021 08:15, số liệu huyện Kim Động."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import Flask

from server.core.clock import local, today
from server.core.language import language
from server.desk.numerals import number
from server.desk.words import label, t
from server.services.reports.names import within
from sync.values import is_date


def init_app(app: Flask) -> None:
    """Templates use these as filters."""
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(quantity)
    app.add_template_filter(amid)
    app.add_template_filter(near_moment)


def quantity(value: int, unit: Mapping[str, str]) -> str:
    """A number with its unit: 3 chiếc. The kinds' English units are plurals, and one of them is none: 1 piece."""
    name = label(unit)
    if value == 1 and language() == "en":
        name = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return f"{number(value)} {name}"


def amid(name: str) -> str:
    """The name of a unit within a sentence: the word for its level small, huyện Kim Động."""
    return within(name) if language() == "vi" else name


def day(value: date | str) -> str:
    """A day; a text that is none stays as it is."""
    if isinstance(value, str):
        if not is_date(value):
            return value
        value = date.fromisoformat(value)
    return f"{value:%d/%m/%Y}"


def moment(at_ms: object) -> str:
    """A moment in Việt Nam. A phone's clock may say anything, also what no calendar holds."""
    try:
        return f"{local(int(str(at_ms))):%d/%m/%Y %H:%M}"
    except (ValueError, OverflowError, OSError):
        return t("moment.unreadable")


def clock(at_ms: int) -> str:
    """A moment with the time first, as reports have it: 14:30 ngày 27/11/2026."""
    return t("moment.clock", time=f"{local(at_ms):%H:%M}", day=day(local(at_ms).date()))


def near_day(value: date | int) -> str:
    """A day, given as such or by a moment in it; the year is left out where it is this one."""
    at = local(value).date() if isinstance(value, int) else value
    return f"{at:%d/%m}" if at.year == today().year else f"{at:%d/%m/%Y}"


def near_moment(at_ms: int) -> str:
    """A moment, 27/11 14:30; with its year where that is another one."""
    return f"{near_day(at_ms)} {local(at_ms):%H:%M}"
