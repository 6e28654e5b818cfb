"""The previous period of units that were merged: the sum of the old ones, or nothing where only a part is known."""

from __future__ import annotations

import pytest

from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.changes import merge
from support.world.comparing import counted, line, page, paste, take
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.databases("both")
def test_a_merged_unit_has_the_sum_or_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    merge(world, "12289", into="12286")
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17|14|+3|+21,4%|"
    assert line(one, "Băng rôn") == "chiếc|17|14|+3|+21,4%|"
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\n")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17||||cùng kỳ chỉ có một phần (1/2 đơn vị)"
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\n", as_of="2021-07-25")
    take(one)
    assert line(one, "Xã Chính Nghĩa") == "17|10|+7|+70%|", "merged before the period ended: the row is the whole"


@pytest.mark.slow
def test_a_merger_after_the_taking_is_followed(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    counted(desk, phone, xa1=12, nhanla=5)
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\n")
    take(one)
    merge(world, "12289", into="12286")
    page(one, world)
    assert line(one, "Xã Chính Nghĩa") == "17|14|+3|+21,4%|"


def test_a_merger_across_districts_leaves_no_figure_above(world: World, desk: MakeDesk) -> None:
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nHuyện Kim Động\t14\nHuyện Phù Cừ\t6\n", unit="33")
    take(one)
    assert line(one, "Huyện Kim Động").split("|")[1] == "14"
    merge(world, "12289", into="12397")
    page(one, world, "33")
    for name in ("Huyện Kim Động", "Huyện Phù Cừ"):
        assert line(one, name).endswith("cùng kỳ chỉ có một phần địa bàn"), name
        assert line(one, name).split("|")[1] == ""
    assert line(one, "Băng rôn").split("|")[2] == "20", "the province is as large as before"


def test_communes_of_a_merged_district_are_in_its_successor_s_sum(world: World, desk: MakeDesk) -> None:
    merge(world, "333", into="331")
    one = desk("tinh")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nNhân La\t4\nĐình Cao\t6\n", unit="33")
    take(one)
    assert line(one, "Huyện Kim Động").split("|")[1] == "20"


def test_one_part_of_an_old_unit_leaves_the_new_one_blank(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    paste(one, world, "Đơn vị\tBăng rôn\nChính Nghĩa\t10\nXã Cũ\t4\n")
    one.follow()
    one.post(one.form("/place"), **{"at.2": "Xã Chính Nghĩa", "part.2": "1"})
    take(one)
    assert "cùng kỳ chỉ có một phần" in line(one, "Xã Chính Nghĩa")
