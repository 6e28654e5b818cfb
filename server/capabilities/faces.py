"""Faces: photos marked before they leave the review, the rule of a campaign, and what a purge removes."""

from __future__ import annotations

from server.desk.faces import marking
from server.registration import Registration
from server.services.faces import marks
from server.services.recovery.purges import ERASERS


def register(add: Registration) -> None:
    """Add the forms, which are parts of a record's and a campaign's page, and have marks go with their record."""
    add.pages(marking.bp, under="nav.queue")
    ERASERS.add("faces", marks.erase)
