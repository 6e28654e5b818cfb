"""Which campaign a page shows that is asked for none: one that has begun, before one that is only published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from server.core.clock import today
from server.core.db import reading, writing
from server.models import Campaign
from server.services.campaigns.lifecycle import NewCampaign, open_campaign
from support.world.world import World

pytestmark = pytest.mark.sqlite_first


def test_next_year_s_campaign_takes_no_page_before_it_begins(world: World, desk: Callable[..., Any]) -> None:
    first = today() + timedelta(days=30)
    with world.app.app_context(), reading() as session:
        now = session.get_one(Campaign, world.campaign).name
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
