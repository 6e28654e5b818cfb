"""An earlier campaign as the previous period: as it stands now, as it was locked, or with what the signatory chose."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import PriorValue
from server.services.reports.snapshot.freezing import LockChoice
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import totals
from support.world.comparing import counted, earlier_campaign, line, page, take
from support.world.locking import lock
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.parametrize("frozen", [False, True])
def test_the_earlier_campaign_as_it_stands_or_as_it_was_locked(
    world: World, desk: MakeDesk, phone: MakePhone, frozen: bool
) -> None:
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10, nhanla=4)
    if frozen:
        lock(world)
        counted(desk, phone, xa1=100)
    world.campaign = now
    counted(desk, phone, xa1=21)
    one = desk("huyen")
    page(one, world)
    assert one.post(one.form("/earlier")).status_code == 303
    one.follow()
    assert ("số liệu đã khóa" if frozen else "số liệu đã duyệt hiện nay") in one.text
    take(one)
    assert line(one, "Băng rôn") == "chiếc|21|14|+7|+50%|"
    assert line(one, "Xã Chính Nghĩa") == "21|10|+11|+110%|"
    with world.app.app_context(), reading() as session:
        rows = session.execute(select(PriorValue.figure, PriorValue.amount))
        assert ("banners", 14) in [tuple(row) for row in rows]


@pytest.mark.slow
def test_the_base_is_the_amount_that_the_signatory_chose(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10)
    totals.state(world, "nhanla", "12289", banners=9)
    lock(world, choice=LockChoice(stands_in=True))
    world.campaign = now
    one = desk("huyen")
    page(one, world)
    one.post(one.form("/earlier"))
    one.follow()
    take(one)
    assert line(one, "Xã Nhân La").split("|")[1] == "9"
    assert line(one, "Băng rôn").split("|")[2] == "19"
