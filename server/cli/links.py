"""Texts in which the shell hands out secrets: each is printed once and stored hashed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync.protocol import CODE_DAYS, LINK_HOURS

if TYPE_CHECKING:
    from server.services.access.devices import Enrolled
    from server.settings import Settings


def welcome_text(settings: Settings, token: str) -> str:
    """Return the text with a one-time link to the desk."""
    link = f"{settings.public_url}/desk/welcome/{token}"
    return f"Open this link within {LINK_HOURS} hours and choose a password; it works once:\n  {link}"


def code_text(settings: Settings, code: str, days: int = CODE_DAYS) -> str:
    """Return the text with an enrolment code, grouped for reading over the telephone."""
    from sync.code import grouped

    address = f"{settings.public_url}/app/"
    return f"{grouped(code)}  (to type into the app at {address}, within {days} day{'s' * (days > 1)}, once)"


def token_text(enrolled: Enrolled) -> str:
    """Return the text with the token of a device that is a program."""
    return f"Device {enrolled.device.id}. Its token, shown only now:\n  {enrolled.token}"
