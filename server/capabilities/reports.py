"""The report: preview and Word file."""

from __future__ import annotations

from server.desk.menu import MenuEntry
from server.desk.reports import report
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and their menu entry."""
    add.menu(MenuEntry("nav.report", "report.show", place=30, key="b"))
    add.pages(report.bp, under="nav.report")
