"""Administration: units and people from a spreadsheet, accounts, training days, mergers, splits."""

from __future__ import annotations

from server.desk.administration import (
    accounts,
    adding,
    class_door,
    devices,
    mergers,
    rosters,
    splits,
    taking_back,
    trainings,
    unit_changes,
)
from server.desk.guard import Me
from server.desk.menu import MANAGE, MenuEntry
from server.registration import Registration
from server.services.administration import taking_back as taken_back


def _manages(me: Me, _seen: object) -> bool:
    return me.manages


def _administers(me: Me, _seen: object) -> bool:
    return me.administers


def register(add: Registration) -> None:
    """Add the pages and their menu entries, the page of a class, for phones, and a job."""
    add.menu(MenuEntry("devices.title", "devices.show", place=41, shown=_manages, group=MANAGE))
    add.menu(MenuEntry("training.title", "trainings.show", place=42, shown=_manages, group=MANAGE))
    add.menu(MenuEntry("adding.title", "adding.show", place=43, shown=_administers, group=MANAGE))
    add.menu(MenuEntry("unit_changes.title", "unit_changes.show", place=44, shown=_administers, group=MANAGE))
    add.jobs(lambda _app, jobs: taken_back.register(jobs))
    add.pages(adding.bp, rosters.bp, accounts.bp, trainings.bp, devices.bp, taking_back.bp, under="nav.people")
    add.pages(mergers.bp, splits.bp, unit_changes.bp, under="nav.people")
    add.pages(class_door.bp, prefix="")
