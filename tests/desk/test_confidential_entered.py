"""Totals of victims as they are entered: what cannot be is refused, and of two at once one is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign, SealedAnnex, SealedTotals, Unit
from server.services.confidential import freezing, totals, viewing
from server.services.confidential.totals import VictimTotals
from support.clients.desk import MakeDesk
from support.world.annexes import FREEZE, TOTALS, enter, page
from support.world.changes import status
from support.world.confidential import appoint, proven, vault
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


@pytest.fixture(autouse=True)
def _officers(world: World) -> None:
    appoint(world)


@pytest.mark.parametrize(
    "counts",
    [
        {}, {"received": "0", "supported": "0"}, {"received": "1", "nil": "1"}, {"received": "-1", "supported": "1"},
        {"received": "1,5"}, {"received": "1.5"}, {"supported": "2", "r.medical": "3"}, {"received": "100001"},
        {"received": "một"},
    ],
)  # fmt: skip
@pytest.mark.databases("sqlite")
def test_what_cannot_be_is_refused_and_nothing_is_stored(world: World, desk: MakeDesk, counts: dict[str, str]) -> None:
    one = proven(world, desk(), "mat_xa")
    assert enter(one, world, "12286", **counts).status_code == 422
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(SealedTotals.id)) is None


def test_nothing_is_frozen_while_nothing_is_known(world: World, desk: MakeDesk) -> None:
    """The page offers it then to nobody; who sends it still is refused."""
    one = page(proven(world, desk(), "mat_xa"), world, "12286")
    assert not one.has_form(FREEZE)
    with world.app.app_context(), reading() as session:
        unit, campaign = session.get_one(Unit, world.units["12286"]), session.get_one(Campaign, world.campaign)
        seen = freezing.mark(viewing.read(session, vault(world), campaign, unit))
    one.post(replace(one.form(TOTALS), action=FREEZE), yes="1", mark=seen)
    assert one.status == CODES["annex_empty"].status
    assert CODES["annex_empty"].vi in one.text
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(SealedAnnex.id)) is None


def test_a_regime_that_is_not_listed_is_not_taken(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    enter(one, world, "12286", received="1", supported="1", **{"r.Nguyễn Văn A": "1", "r.medical": "1"})
    with world.app.app_context(), reading() as session:
        found = totals.entered(session, vault(world), world.campaign, world.units["12286"])
    assert found is not None
    assert found.totals == VictimTotals(1, 1, {"medical": 1})


@pytest.mark.databases("both")
@pytest.mark.costly
def test_two_at_once_and_an_archived_campaign(world: World, desk: MakeDesk) -> None:
    one = proven(world, desk(), "mat_xa")
    form = page(one, world, "12286").form(TOTALS)
    assert one.post(form, received="1", supported="1").status_code == 303
    assert one.post(form, received="9", supported="9").status_code == 409
    again = page(one, world, "12286").form(FREEZE)
    assert one.post(again).status_code == 303, "without a yes nothing happens"
    assert one.post(again, yes="1").status_code == 303
    assert one.post(again, yes="1").status_code == 409
    late = page(one, world, "12286").form(TOTALS)
    status(world, "archived")
    assert one.post(late, received="2", supported="2").status_code == 422
    assert not page(one, world, "12286").has_form(TOTALS)
