"""Numbers, days and moments as people in Việt Nam write them: 1.234, 30/07/2021, 30/07/2021 08:15."""

from __future__ import annotations

from datetime import date

from flask import Flask

from server.clock import local
from server.desk.words import t
from server.language import language
from sync.values import is_date


def init_app(app: Flask) -> None:
    """Templates use these as filters."""
    app.add_template_filter(number)
    app.add_template_filter(day)
    app.add_template_filter(moment)


def number(value: int) -> str:
    """Thousands parted as the language does."""
    text = f"{value:,}"
    return text if language() == "en" else text.replace(",", ".")


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
