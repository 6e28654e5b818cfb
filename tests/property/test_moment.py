"""Putting a Moment back leaves the whole database as it was then: that is what the histories take for a restore."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from property.restored import Restored

from server.core.db import writing
from support.clients.shipped import PhoneHost
from support.installation.databases import ENGINES, Engine
from support.installation.machine import Machine
from support.world.world import world


@pytest.mark.slow
@pytest.mark.parametrize("name", ENGINES)
def test_everything_is_as_it_was(
    name: str, database_engine: Callable[[str], Engine], phones: PhoneHost, tmp_path: Path
) -> None:
    """Compared by the database's own list of tables and not by the application's."""
    machine = Machine(database_engine(name).fresh(), tmp_path / "data")
    with world(machine.url, machine.data_dir) as made:
        Restored.world, Restored.host, Restored.ids = made, phones, itertools.count(1)
        one = Restored()
        one.begin(communes=3, campaigns=2)
        _a_day(one)
        one.back_up_the_hub()
        then = machine.rows()
        _a_day(one)
        assert {table for table, rows in machine.rows().items() if rows != then[table]} >= {"write", "device", "push"}
        with made.app.app_context(), writing() as session:
            one.taken[0].moment.put_back(session)
        assert machine.rows() == then


def _a_day(one: Restored) -> None:
    """A little of everything that writes to the hub."""
    for who in range(3):
        one.create(who=who, pick=who, word="a")
        one.take_a_photo(who=who, pick=0, number=0, keep=True)
        one.sync(who=who)
        one.save_a_rescue_file(who=who)
    for pick in range(3):
        one.write_at_the_desk(pick=pick, name="note", word="b")
        one.judge(pick=pick, verdict="returned")
        one.hand_in_a_rescue_file(pick=pick)
    one.purge(pick=0)
    one.seal(who=2, pick=1)
    one.move(who=1, pick=2, stays=False)
    one.leave(who=0, pick=0)
    one.merge(pick=0, with_people=True)
    one.open_a_campaign()
    one.enrol_anew(who=0)
    one.end_or_reopen(pick=0, status="closed")
    one.sync(who=0)
