"""Two change the same at once: who waited goes on from what the other did. On PostgreSQL, for SQLite has one writer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import Stream, Unit
from server.services.campaigns import lifecycle
from server.services.organisation import unit_changes
from server.services.organisation.unit_changes import UnitRow
from support.clients.phone import MakePhone
from support.world.changes import lines, merge, seal, shown, status
from support.world.meanwhile import meanwhile
from support.world.world import World, campaign

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
NEW = UnitRow("99999", "Xã Mới", "Mới", "commune")


def comes(world: World) -> Callable[[Session], None]:
    """A commune comes into being."""

    def add(session: Session) -> None:
        parent = session.get_one(Unit, world.units["331"])
        world.units["99999"] = unit_changes.add_unit(session, NEW, parent, date(2021, 7, 1)).id

    return add


def test_who_archives_while_another_reopens_ends_it_anew(world: World) -> None:
    """L-17: the line is where the campaign ended the second time."""
    status(world, "closed")
    with meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "open")):
        status(world, "archived")
    assert lines(world) == (None, 0)
    status(world, "closed")
    assert lines(world) == (None, 0)


def test_a_unit_that_joins_while_the_campaign_is_closed_is_behind_its_end(world: World) -> None:
    """L-17: whichever of the two is first."""
    with meanwhile(world, comes(world)):
        status(world, "closed")
    assert lines(world, "99999") == (None, 0)


def test_a_unit_that_joins_while_a_campaign_is_opened_takes_part(world: World) -> None:
    """C-1: it has a stream."""
    with meanwhile(world, comes(world)), world.app.app_context(), writing() as session:
        opened = lifecycle.open_campaign(session, world.units["33"], campaign()).id
    with world.app.app_context(), reading() as session:
        here = select(Stream.id).where(Stream.unit_id == world.units["99999"], Stream.campaign_id == opened)
        assert session.scalar(here) is not None


def test_nothing_is_sealed_once_the_campaign_was_archived(world: World, phone: MakePhone) -> None:
    """L-2: who archives it was first."""
    one = phone("xa1")
    one.create(quantity=1)
    one.sync()
    page = shown(world, "xa1")
    with (
        meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "archived")),
        pytest.raises(Problem) as told,
    ):
        seal(world, "xa1", page=page)
    assert (told.value.code, lines(world)[0]) == ("archived", None)


def test_two_units_are_not_merged_into_each_other(world: World) -> None:
    """L-6: the tree stays one."""

    def first(session: Session) -> None:
        into, old = (session.get_one(Unit, world.units[code]) for code in ("12286", "12289"))
        unit_changes.merge(session, [old], into, date(2021, 7, 20))

    with meanwhile(world, first), pytest.raises(ValueError, match="merged"):
        merge(world, "12286", into="12289")
