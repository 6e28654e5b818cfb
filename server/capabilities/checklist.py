"""The checklist of support for a returned victim, and the versions of its table."""

from __future__ import annotations

from server.desk.checklist import sheet, table
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages."""
    add.pages(sheet.bp, table.bp, under="nav.report")
