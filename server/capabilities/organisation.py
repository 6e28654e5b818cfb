"""People and units."""

from __future__ import annotations

from server.cli.unit import unit
from server.desk import units
from server.desk.menu import MANAGE, MenuEntry
from server.desk.organisation import factors, handovers, people
from server.registration import Registration


def register(add: Registration) -> None:
    """Add the pages, the menu entries of those who manage people, and the command."""
    add.menu(
        MenuEntry("nav.people", "people.show", place=40, shown=lambda me, _notices: me.manages, group=MANAGE, key="c")
    )
    add.pages(people.bp, factors.bp, handovers.bp, under="nav.people")
    add.pages(units.bp)
    add.command(unit)
