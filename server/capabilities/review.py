"""Review: the queue, search and results, a record, decisions, conflicts."""

from __future__ import annotations

from server.desk.menu import MenuEntry
from server.desk.review import decisions, fast, queue, record, results, settling
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages and their menu entry."""
    add.menu(MenuEntry("nav.queue", "queue.show", place=10))
    add.pages(queue.bp, record.bp, decisions.bp, settling.bp, fast.bp, results.bp, under="nav.queue")
