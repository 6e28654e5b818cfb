"""Records that are written at the desk."""

from __future__ import annotations

from server.desk.recording import computer_photos, edits
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the forms; the way to them is above the list of results."""
    add.pages(edits.bp, computer_photos.bp, under="nav.queue")
