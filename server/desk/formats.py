"""Format numbers, days, times and names as people in Việt Nam write them: 1.234, 30/07/2021 08:15, huyện Kim Động."""

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
    """Register these functions as template filters."""
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(quantity)
    app.add_template_filter(amid)
    app.add_template_filter(near_moment)


def quantity(value: int, unit: Mapping[str, str]) -> str:
    """Return a number with its unit: 3 chiếc. English units are plurals, and get a singular: 1 piece."""
    name = label(unit)
    if value == 1 and language() == "en":
        name = f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")
    return f"{number(value)} {name}"


def amid(name: str) -> str:
    """Return a unit's name for use within a sentence, with a small letter at its level: huyện Kim Động."""
    return within(name) if language() == "vi" else name


def day(value: date | str) -> str:
    """Return a day; a text that is not a day stays unchanged."""
    if isinstance(value, str):
        if not is_date(value):
            return value
        value = date.fromisoformat(value)
    return f"{value:%d/%m/%Y}"


def moment(at_ms: object) -> str:
    """Return a time in Việt Nam. A phone's clock may send anything, also times that no calendar has."""
    try:
        return f"{local(int(str(at_ms))):%d/%m/%Y %H:%M}"
    except (ValueError, OverflowError, OSError):
        return t("moment.unreadable")


def clock(at_ms: int) -> str:
    """Return a time with the hour first, as in reports: 14:30 ngày 27/11/2026."""
    return t("moment.clock", time=f"{local(at_ms):%H:%M}", day=day(local(at_ms).date()))


def near_day(value: date | int) -> str:
    """Return the day, given as a day or as ms; without its year if that is this year."""
    at = local(value).date() if isinstance(value, int) else value
    return f"{at:%d/%m}" if at.year == today().year else f"{at:%d/%m/%Y}"


def near_moment(at_ms: int) -> str:
    """Return a time, 27/11 14:30; with its year if that is not this year."""
    return f"{near_day(at_ms)} {local(at_ms):%H:%M}"
