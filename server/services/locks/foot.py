"""The line at the foot of a document that names its freeze."""

from __future__ import annotations

from typing import Final

from server.core.clock import local
from server.models import Freeze
from server.services.locks.naming import spoken
from server.services.reports import clock, official_day, text

SHORT_HASH: Final = 16
"""Hex digits of the hash that are printed."""


def foot(row: Freeze) -> str:
    """Return the line: id, moment and the beginning of the hash."""
    at = local(row.at)
    moment = {"time": clock(at), "day": official_day(at.date())}
    return text("frozen", id=spoken(row.id), hash=row.sha256[:SHORT_HASH], **moment)
