"""Totals without evidence: their pages, and the line above figures and report that leads there."""

from __future__ import annotations

from server.desk.panels import PANELS
from server.desk.totals import pasted, silent, totals
from server.desk.totals.panel import TOTALS_LINE
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and the line."""
    add.pages(totals.bp, pasted.bp, silent.bp, under="nav.progress")
    PANELS.add("totals", TOTALS_LINE)
