"""Texts in which the shell hands out secrets: each is printed once and stored hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.core.shell_words import t, tn
from sync.protocol import CODE_DAYS, LINK_HOURS

if TYPE_CHECKING:
    from server.services.access.devices import Enrolled
    from server.settings import Settings


def welcome_text(settings: Settings, token: str) -> str:
    """Return the text with a one-time link to the desk."""
    link = f"{settings.public_url}/desk/welcome/{token}"
    said = t("Open this link within {hours} hours and choose a password; it works once:", hours=LINK_HOURS)
    return f"{said}\n  {link}"


def code_text(settings: Settings, code: str, days: int = CODE_DAYS) -> str:
    """Return the text with an enrolment code, grouped for reading over the telephone."""
    from sync.code import grouped

    address = f"{settings.public_url}/app/"
    said = tn(
        "to type into the app at {address}, within {n} day, once",
        "to type into the app at {address}, within {n} days, once",
        days,
        address=address,
    )
    return f"{grouped(code)}  ({said})"


def token_text(enrolled: Enrolled) -> str:
    """Return the text with the token of a device that is a program."""
    return f"{t('Device {id}. Its token, shown only now:', id=enrolled.device.id)}\n  {enrolled.token}"
