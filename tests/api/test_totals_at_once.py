"""Totals without evidence while something else happens: sent twice, by two at once, as campaigns end, units merge."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from server.core.db import writing
from server.services.campaigns import lifecycle
from server.services.totals.entering import Statement
from support.world import totals
from support.world.changes import merge, status
from support.world.meanwhile import meanwhile
from support.world.totals import NHANLA, WHY, XA1, confirm, covered, refused, said, state, table
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_a_page_sent_twice_states_once(world: World) -> None:
    page = [Statement("banners", 3, 0)]
    for expected in (1, 0):
        with world.app.app_context(), writing() as session:
            assert totals.stated(session, world, "xa1", XA1, page) == expected
    assert len(said(world)["banners"].steps) == 1


def test_a_page_from_before_somebody_else_s_gets_a_sentence(world: World) -> None:
    state(world, "xa1", banners=3)
    assert refused(lambda: state(world, "xa2", banners=5, more={"shown": 0, "reason": WHY})) == "total_moved"
    state(world, "huyen", leaflets=100)
    page = totals.shown(world)
    state(world, "huyen", leaflets=200, more={"reason": WHY})
    assert refused(lambda: confirm(world, "xa1", page={"leaflets": page["leaflets"]})) == "total_moved"
    assert said(world)["leaflets"].awaits


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_who_state_at_once_one_gets_a_sentence(world: World) -> None:
    def first(session: Session) -> None:
        totals.stated(session, world, "xa1", XA1, [Statement("banners", 3, 0)])

    with meanwhile(world, first):
        assert refused(lambda: state(world, "xa2", banners=5, more={"shown": 0})) == "total_moved"
    assert [step.amount for step, _ in said(world)["banners"].steps] == [3]


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_campaign_that_is_archived_meanwhile(world: World) -> None:
    with meanwhile(world, lambda session: lifecycle.set_status(session, world.campaign, "archived")):
        assert refused(lambda: state(world, "xa1", banners=5)) == "archived"


def test_a_closed_campaign_still_takes_them_and_an_archived_one_does_not(world: World) -> None:
    status(world, "closed")
    state(world, "xa1", banners=3)
    status(world, "archived")
    assert refused(lambda: state(world, "xa1", leaflets=3)) == "archived"
    assert refused(lambda: confirm(world, "xa1")) == "archived"


@pytest.mark.databases("both")
def test_units_that_are_merged_keep_what_they_said(world: World) -> None:
    """It stays the old unit's, below its successor, whose people change it."""
    state(world, "nhanla", NHANLA, banners=3)
    state(world, "xa1", banners=4)
    merge(world, NHANLA, into=XA1)
    assert table(world).total.cells["banners"].unsupported == 7
    assert table(world, XA1).total.cells["banners"].unsupported == 7
    state(world, "xa1", NHANLA, banners=2, more={"reason": WHY})
    assert table(world).total.cells["banners"].unsupported == 6
    assert covered(world).units == 1
