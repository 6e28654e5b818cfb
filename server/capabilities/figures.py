"""Figures: the table and its files, giving them in, sealing them, reporting that there is nothing."""

from __future__ import annotations

from server.desk.figures import giving, nil, seals, table
from server.desk.menu import MenuEntry
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and their menu entry."""
    add.menu(MenuEntry("nav.figures", "figures.show", place=20, key="s"))
    add.pages(table.bp, giving.bp, nil.bp, seals.bp, under="nav.figures")
