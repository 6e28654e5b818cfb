"""Locked figures: the pages, the line above figures and report, and what a purge erases in what was frozen."""

from __future__ import annotations

from server.desk.locks import frozen, lock
from server.desk.locks.panel import LOCK_LINE
from server.desk.panels import PANELS
from server.registration import Registration
from server.services.recovery.purges import ERASERS
from server.services.reports.snapshot import freeze_documents


def register(add: Registration) -> None:
    """Add the pages and the parts for others."""
    add.pages(lock.bp, under="nav.figures")
    add.pages(frozen.bp, under="nav.report")
    PANELS.add("locks", LOCK_LINE)
    ERASERS.add("locks", freeze_documents.erase)
