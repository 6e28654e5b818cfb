"""Which campaign a page shows that is asked for none: the nearest, and never one that has ended before one to come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from server.core.clock import today
from server.core.db import reading, writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from server.services.figures.road import road
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_next_year_s_campaign_takes_no_page_before_it_begins(world: World, desk: Callable[..., Any]) -> None:
    first = today() + timedelta(days=30)
    with world.app.app_context(), reading() as session:
        now = session.get_one(Campaign, world.campaign).name
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).due_before = today() + timedelta(days=3)
    with world.app.app_context(), writing() as session:
        new = NewCampaign(
            name="Đợt năm sau",
            starts_on=first,
            ends_on=first + timedelta(days=30),
            due_before=first + timedelta(days=33),
            hotline="111",
            slogans=["Chung tay"],
        )
        open_campaign(session, world.units["33"], new)
    one = desk("huyen")
    for path in ("/desk/figures", "/desk/", "/desk/queue"):
        page = one.get(path)
        assert page.index(f">{now}") < page.index(">Đợt năm sau")


def test_a_campaign_that_has_ended_takes_no_page_from_one_to_come(world: World, desk: Callable[..., Any]) -> None:
    day = today()
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        over = session.get_one(Campaign, world.campaign)
        over.starts_on, over.ends_on, over.due_before = (day - timedelta(days=n) for n in (60, 30, 27))
        for name, days in (("Đợt xa", 90), ("Đợt gần", 20)):
            first = day + timedelta(days=days)
            last, due = first + timedelta(days=30), first + timedelta(days=33)
            open_campaign(session, world.units["33"], NewCampaign(name, first, last, due, "111", ["Chung tay"]))
        name = over.name
    one = desk("huyen")
    for path in ("/desk/figures", "/desk/", "/desk/queue"):
        page = one.get(path)
        assert page.index(">Đợt gần") < page.index(">Đợt xa") < page.index(f">{name}")
    with world.app.app_context(), reading() as session:
        way = road(session, world.units["33"])
        assert way is not None
        assert way.campaign.name == "Đợt gần"
