"""A restore that nobody announced is noticed, once and by whom it may be (SPEC B-1)."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Restoration
from server.serving.installation import installed
from support.clients.teller import banner
from support.installation.restored import Hub
from support.world.changes import leave

HOUR_MS = 60 * 60 * 1000


@pytest.mark.slow
def test_only_a_phone_that_knows_the_last_restore_tells_of_another(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-1: the second phone, a lost answer, and one that comes a month later announce nothing anew."""
    phones = [hub.phone("xa1"), hub.phone("xa2")]
    phones[0].create(quantity=1)
    for phone in phones:
        phone.sync()
    hub.back_up()
    phones[0].create(quantity=2)
    for phone in phones:
        phone.sync()
    put_back()
    phones[0].sync()
    age(hub)
    for _ in range(3):
        phones[1].sync(("lost", 1))
    phones[1].sync()
    assert len(hub.told()) == 1


@pytest.mark.slow
def test_who_lost_the_unit_before_anybody_was_heard_gives_it_away(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-12: by the cursor of a stream that is told no more; nobody else saw what was lost."""
    one = hub.phone("xa1")
    record = one.create(quantity=1)
    one.sync()
    hub.back_up()
    one.edit(record, quantity=2)
    one.sync()
    put_back()
    leave(hub.world, "xa1")
    one.sync()
    assert hub.told() == [one.restored]


def test_an_app_that_is_told_no_news_gives_it_away_too(hub: Hub, put_back: Callable[[], None]) -> None:
    """B-1, V-1: its cursors come back as they were sent."""
    one = hub.teller("xa1")
    one.sync()
    hub.back_up()
    one.ask(banner(hub.world.units["12286"], hub.world.campaign, quantity=1))
    one.sync()
    put_back()
    assert [one.ask(app=0)["restored"]] == hub.told()


def test_a_unit_that_was_lost_is_no_restore(hub: Hub) -> None:
    """B-1: the hub knows the cursors of what it tells no more."""
    one = hub.phone("xa1")
    one.create(quantity=1)
    one.sync()
    leave(hub.world, "xa1")
    one.sync()
    assert hub.told() == []


def age(hub: Hub) -> None:
    """An hour goes by: for the rows, and for what is noted beside the database."""
    with hub.world.app.app_context(), writing() as session:
        session.execute(update(Restoration).values(at=Restoration.at - HOUR_MS))
    noted = installed(hub.world.app).settings.revocations_file
    if noted.exists():
        lines = [json.loads(line) for line in noted.read_text("utf-8").splitlines()]
        noted.write_text("".join(json.dumps(line | {"at": line["at"] - HOUR_MS}) + "\n" for line in lines), "utf-8")
    for each in hub.told():
        assert each < now_ms() - 3_000_000
