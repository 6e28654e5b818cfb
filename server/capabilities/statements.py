"""Statements of units: the page for money and documents, and what they add to a report."""

from __future__ import annotations

from server.desk.statements import statements
from server.registration import Registration
from server.services.reports.additions import ADDITIONS
from server.services.reports.text import stated


def register(add: Registration) -> None:
    """Add the page and the part of the report."""
    add.pages(statements.bp, under="nav.figures")
    ADDITIONS.add("statements", stated.ADDITION, place=10)
