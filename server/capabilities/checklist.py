"""The checklist of support for a returned victim."""

from __future__ import annotations

from server.desk.checklist import sheet
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the page."""
    add.pages(sheet.bp, under="nav.report")
