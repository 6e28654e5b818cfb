"""The previous period: its pages, and what it adds to a report."""

from __future__ import annotations

from server.desk.comparison import comparison, prior_drafts
from server.registration import Registration
from server.services.comparison import account
from server.services.reports import additions
from server.services.reports.additions import ADDITIONS


def register(add: Registration) -> None:
    """Add the pages and the part of the report."""
    add.pages(comparison.bp, prior_drafts.bp, under="nav.figures")
    ADDITIONS.add("comparison", account.ADDITION, place=20)
    additions.EARLIER.add("comparison", account.amounts)
