"""The previous period of units that share an old area: blank, but for their own figures; the level above is whole."""

from __future__ import annotations

from datetime import date

import pytest

from server.core.db import writing
from server.models import Unit, UnitSplit
from server.services.organisation import split_undo, unit_changes
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import split
from support.world.comparing import counted, earlier_campaign, line, page, paste, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

PARTED = "cùng kỳ chỉ có một phần địa bàn"


@pytest.mark.slow
def test_units_that_share_an_area_are_blank_and_the_level_above_is_whole(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """L-53, split before the figures were taken: the row names the unit as it was."""
    counted(desk, phone, xa1=12, nhanla=5)
    split(world, "12286", "12287=Xã Tân Lập")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == f"12||||{PARTED}"
    assert line(one, "Xã Tân Lập").split("|")[1:] == ["", "", "", PARTED]
    assert line(one, "Xã Nhân La") == "5|4|+1|+25%|"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_split_after_the_taking_is_followed_and_taking_it_back_too(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    row = split(world, "12286", "12287=Xã Tân Lập", "12289")
    page(one, world)
    for name in ("Xã Chính Nghĩa", "Xã Tân Lập", "Xã Nhân La"):
        assert line(one, name).split("|")[1:] == ["", "", "", PARTED], name
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    with world.app.app_context(), writing() as session:
        split_undo.take_back(session, session.get_one(UnitSplit, row))
    page(one, world)
    assert line(one, "Xã Chính Nghĩa") == "12|10|+2|+20%|"
    assert line(one, "Xã Nhân La") == "5|4|+1|+25%|"


@pytest.mark.slow
def test_what_was_divided_and_joined_again_has_the_sum(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A unit ends, its area goes to two; then one of these is merged into the other."""
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    split(world, "12286", "12287=Xã Tân Lập", "12289", heir="12287")
    paste(one, world, "Đơn vị\tBăng rôn\nXã Chính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Tân Lập").split("|")[:2] == ["12", ""], "the successor counts the old unit's records"
    assert line(one, "Xã Nhân La") == f"5||||{PARTED}"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    with world.app.app_context(), writing() as session:
        new, stays = session.get_one(Unit, world.units["12287"]), session.get_one(Unit, world.units["12289"])
        unit_changes.merge(session, [new], stays, date(2021, 7, 25))
    page(one, world)
    assert line(one, "Xã Nhân La") == "17|14|+3|+21,4%|"


def test_a_figure_of_a_new_unit_s_own_area_is_its_own(world: World, desk: MakeDesk) -> None:
    split(world, "12286", "12287=Xã Tân Lập", "12288=Xã Tân Hòa", heir="12288")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nTân Lập\t3\nTân Hòa\t7\nNhân La\t4\n")
    take(one)
    assert [line(one, name).split("|")[1] for name in ("Xã Tân Lập", "Xã Tân Hòa")] == ["3", "7"]
    assert line(one, "Băng rôn").split("|")[2] == "14"


def test_a_split_across_districts_leaves_them_blank_and_the_province_whole(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nHuyện Kim Động\t14\nHuyện Phù Cừ\t6\n", unit="33")
    take(one)
    split(world, "12289", "12397")
    page(one, world, "33")
    for name in ("Huyện Kim Động", "Huyện Phù Cừ"):
        assert line(one, name).endswith(PARTED), name
    assert line(one, "Băng rôn").split("|")[2] == "20"


@pytest.mark.slow
def test_an_earlier_campaign_tells_nothing_of_a_part(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """Its records are of the whole area; the level above has them all."""
    now, world.campaign = world.campaign, earlier_campaign(world)
    counted(desk, phone, xa1=10, nhanla=4)
    world.campaign = now
    split(world, "12286", "12287=Xã Tân Lập")
    one = desk("huyen")
    page(one, world)
    one.post(one.form("/earlier"))
    take(one)
    assert line(one, "Xã Chính Nghĩa").endswith(PARTED)
    assert line(one, "Xã Nhân La").split("|")[1] == "4"
    assert line(one, "Băng rôn").split("|")[2] == "14"


DISTRICTS = "Huyện Kim Động\t14\nHuyện Phù Cừ\t6\n"
COMMUNES = "Xã Chính Nghĩa\t9\nXã Nhân La\t4\nXã Đình Cao\t6\n"


@pytest.mark.databases("both")
@pytest.mark.parametrize(
    ("given", "after", "figures"),
    [
        (COMMUNES, False, {"Huyện Kim Động": "9", "Huyện Kim Bắc": "4", "Băng rôn": "19"}),
        (DISTRICTS + COMMUNES, False, {"Huyện Kim Động": "9", "Huyện Kim Bắc": "4", "Băng rôn": "20"}),
        (DISTRICTS, False, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "20"}),
        (COMMUNES, True, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "19"}),
        (DISTRICTS, True, {"Huyện Kim Động": "", "Huyện Kim Bắc": "", "Băng rôn": "20"}),
    ],
)
def test_a_district_that_was_split_is_the_sum_of_its_communes_or_blank(
    world: World, desk: MakeDesk, *, given: str, after: bool, figures: dict[str, str]
) -> None:
    """L-53, L-54: what was taken before is of another area; the province is as large as before in any case."""
    one = desk("tinh")
    for now in (False, True):
        if now is after:
            split(world, "331", "332=Huyện Kim Bắc", below={"12289": "332"})
        else:
            paste(one, world, f"Đơn vị\tBăng rôn\n{given}", unit="33")
            take(one)
    page(one, world, "33")
    columns = {name: 2 if name == "Băng rôn" else 1 for name in figures}
    assert {name: line(one, name).split("|")[at] for name, at in columns.items()} == figures
