"""Records that are written at the desk."""

from __future__ import annotations

from server.desk.menu import MenuEntry
from server.desk.recording import computer_photos, edits
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the forms and their menu entry."""
    add.menu(MenuEntry("nav.new", "edits.new", place=60, shown=lambda me, _notices: me.writes))
    add.pages(edits.bp, under="nav.new")
    add.pages(computer_photos.bp, under="nav.queue")
