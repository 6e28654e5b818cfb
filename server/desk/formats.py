"""Format numbers, days, times and names as people in Việt Nam write them: 1.234, 30/07/2021 08:15, huyện Kim Động."""

from __future__ import annotations

from datetime import date

from flask import Flask

from server.core import cldr
from server.core.clock import local, today
from server.desk.numerals import number
from server.desk.words import quantity, t
from server.services.reports.letterheads import within
from server.serving.every_request import language
from sync.amount import Amount, Unread, read
from sync.values import is_date

DAY = "dd/MM/y"
TIME = "HH:mm"


def init_app(app: Flask) -> None:
    """Register these functions as template filters."""
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(moment)
    app.add_template_filter(quantity)
    app.add_template_filter(why_unread)
    app.add_template_filter(amid)
    app.add_template_filter(near_moment)


def why_unread(text: str, scale: int = 0) -> str:
    """Return what is wrong with a text that is no number of this scale (SPEC F-18); empty if nothing is."""
    try:
        read(text, scale)
    except Unread as unread:
        return _unread(text.strip(), unread.code, scale)
    return ""


def _unread(text: str, code: str, scale: int) -> str:
    if code == "two_readings":
        whole, _, behind = text.partition(",")
        decimal = Amount(int(whole + behind), len(behind))
        return t("unread.two_readings", text=text, whole=int(whole + behind), decimal=decimal)
    if code == "decimals" and scale:
        return t("unread.too_fine", text=text, n=scale)
    return t(f"unread.{code}", text=text, example="12,5" if scale else "1.200")


def megabytes(size: int) -> str:
    """Return a size in bytes as megabytes with one digit behind the comma, at least 0,1: 1,4 MB."""
    tenths = max(1, round(size / 100_000))
    whole, rest = divmod(tenths, 10)
    comma = "," if language() == "vi" else "."
    return f"{number(whole)}{comma}{rest} MB" if size else "0 MB"


def amid(name: str) -> str:
    """Return a unit's name for use within a sentence, with a small letter at its level: huyện Kim Động."""
    return within(name) if language() == "vi" else name


def day(value: date | str) -> str:
    """Return a day; a text that is not a day stays unchanged."""
    if isinstance(value, str):
        if not is_date(value):
            return value
        value = date.fromisoformat(value)
    return cldr.day(value, DAY, language())


def moment(at_ms: object) -> str:
    """Return a time in Việt Nam. A phone's clock may send anything, also times that no calendar has."""
    try:
        return cldr.moment(int(str(at_ms)), f"{DAY} {TIME}", language())
    except (ValueError, OverflowError, OSError):
        return t("moment.unreadable")


def clock(at_ms: int) -> str:
    """Return a time with the hour first, as in reports: 14:30 ngày 27/11/2026."""
    return t("moment.clock", time=_time(at_ms), day=day(local(at_ms).date()))


def near_day(value: date | int) -> str:
    """Return the day, given as a day or as ms; without its year if that is this year."""
    at = local(value).date() if isinstance(value, int) else value
    return cldr.day(at, "dd/MM", language()) if at.year == today().year else day(at)


def near_moment(at_ms: int) -> str:
    """Return a time, 27/11 14:30; with its year if that is not this year."""
    return f"{near_day(at_ms)} {_time(at_ms)}"


def _time(at_ms: int) -> str:
    return cldr.moment(at_ms, TIME, language())
