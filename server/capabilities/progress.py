"""Who is behind: the first page of the desk, the matrix of planned and done, the board before the deadline."""

from __future__ import annotations

from server.desk.menu import MenuEntry
from server.desk.progress import board, plan, start
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and their menu entry."""
    add.menu(MenuEntry("nav.progress", "board.show", place=32, key="t"))
    add.pages(start.bp)
    add.pages(board.bp, under="nav.progress")
    add.pages(plan.bp, under="nav.figures")
