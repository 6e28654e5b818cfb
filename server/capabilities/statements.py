"""Statements of units: the page for money and documents, and what they add to a report."""

from __future__ import annotations

from server.desk.statements import statements
from server.registration import Registration
from server.services.reports import ADDITIONS
from server.services.statements import account


def register(add: Registration) -> None:
    """Add the page and the part of the report."""
    add.pages(statements.bp, under="nav.figures")
    ADDITIONS.add("statements", account.ADDITION, place=10)
