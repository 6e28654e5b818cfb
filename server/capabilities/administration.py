"""Administration: units and people from a spreadsheet, accounts, training days, mergers, splits."""

from __future__ import annotations

from server.desk.administration import accounts, class_door, devices, mergers, rosters, splits, trainings
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages under the entry of those who manage people, and the page of a class, for phones."""
    add.pages(rosters.bp, accounts.bp, mergers.bp, splits.bp, devices.bp, trainings.bp, under="nav.people")
    add.pages(class_door.bp, prefix="")
