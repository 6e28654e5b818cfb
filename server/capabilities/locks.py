"""Locked figures: a level locks them for its report, and what a purge does to what was frozen."""

from __future__ import annotations

from server.registration import Registration
from server.services.locks import erasing
from server.services.recovery.purges import ERASERS


def register(_add: Registration) -> None:
    """Add what a purge erases in freezes."""
    ERASERS.add("locks", erasing.erase)
