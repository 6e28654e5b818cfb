"""Figures: the table and its files, giving them in, sealing them, reporting that there is nothing."""

from __future__ import annotations

from server.desk.figures import giving, nil, seals, table
from server.desk.menu import MenuEntry
from server.registration import Registration
from server.services.figures import keeping


def register(add: Registration) -> None:
    """Add the pages with their menu entry, and the job."""
    add.jobs(lambda _app, jobs: keeping.register(jobs))
    add.menu(MenuEntry("nav.figures", "figures.show", place=20, key="s"))
    add.pages(table.bp, giving.bp, nil.bp, seals.bp, under="nav.figures")
