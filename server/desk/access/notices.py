"""Notices on every page of the desk about ways in: guessed enrolment codes, the officer's new devices."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.desk.guard import Me
from server.desk.page import Notice
from server.services.access import code_door
from server.services.organisation import new_devices


def _wrong_codes(session: Session, me: Me, _many: object) -> int | None:
    """For those who manage people: how many wrong codes were tried, while they are many."""
    return (me.manages and code_door.alarm(session)) or None


def _new_devices(session: Session, me: Me, _some: object) -> list[Any] | None:
    """The officer's devices that nobody confirmed yet."""
    return new_devices.unconfirmed(session, me.id) or None


WRONG_CODES = Notice("desk/access/wrong_codes_notice.html", _wrong_codes, code_door.IS_ALARMING)
NEW_DEVICES = Notice("desk/access/new_devices_notice.html", _new_devices, new_devices.HAS_UNCONFIRMED)
