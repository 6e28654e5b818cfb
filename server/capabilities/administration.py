"""Administration: units and people from a spreadsheet, accounts, training days, mergers, splits."""

from __future__ import annotations

from server.desk.administration import accounts, class_door, devices, mergers, rosters, splits, taking_back, trainings
from server.registration import Registration
from server.services.administration import taking_back as taken_back


def register(add: Registration) -> None:
    """Add the pages under the entry of those who manage people, the page of a class, for phones, and a job."""
    add.jobs(lambda _app, jobs: taken_back.register(jobs))
    add.pages(rosters.bp, accounts.bp, mergers.bp, splits.bp, trainings.bp, under="nav.people")
    add.pages(devices.bp, taking_back.bp, under="nav.people")
    add.pages(class_door.bp, prefix="")
