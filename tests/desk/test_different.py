"""Scripts: different ones are counted, and one that two units share is one for the unit above (SPEC F-5)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign, TallyKey
from server.services.figures import loading
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

SCRIPTS = "Tin, bài phát thanh"


def scripts(desk: Any, path: str = "/desk/figures?tab=all") -> dict[str, str]:
    desk.get(path)
    return {unit: row.get(SCRIPTS, "–") for unit, row in desk.figures().items()}


def count(desk: MakeDesk, username: str, *records: str) -> None:
    one = desk(username)
    for record in records:
        one.get(f"/desk/records/{record}")
        assert one.post(one.form("/decide"), verdict="counted").status_code == 303


@pytest.mark.slow
@pytest.mark.costly
def test_a_shared_script_counts_once_above(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    near, next_door, far = phone("xa1"), phone("nhanla", "12289"), phone("dinhcao", "12397")
    one = near.create("broadcast", script="Nhận diện thủ đoạn", programme="own")
    two = near.create("broadcast", script="nhận diện  THỦ ĐOẠN", programme="own")
    three = next_door.create("broadcast", script="Nhận diện thủ đoạn", programme="own")
    four = next_door.create("broadcast", script_file="f" * 16, script="Nhận diện thủ đoạn", programme="own")
    far.create("broadcast", script="Nhận diện thủ đoạn", programme="own")
    far.create("broadcast", script="Của đài huyện", programme="relay")
    near.sync(), next_door.sync(), far.sync()
    count(desk, "huyen", one, two, three, four)
    assert scripts(desk("tinh")) == {
        "Tổng cộng": "2",
        "Cấp tỉnh thực hiện": "–",
        "Huyện Kim Động": "2",
        "Huyện Phù Cừ": "0 +1 chờ duyệt",
    }
    district = desk("huyen")
    assert scripts(district)["Xã Chính Nghĩa"] == "1"
    assert scripts(district)["Xã Nhân La"] == "2"
    district.get(f"/desk/queue?figure=scripts&bucket=counted&unit={world.units['12286']}")
    assert "Các bản ghi tạo nên số liệu “Tin, bài phát thanh”, đã duyệt: 1 tin, bài" in district.text
    assert district.html.count('class="record"') == 2


def test_what_waits_is_what_it_would_add(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """F-32: a script that is counted already, here or in another unit, adds nothing; nor does a unit that has 111."""
    near, next_door = phone("xa1"), phone("nhanla", "12289")
    told = {"programme": "own", "hotline": True}
    one = near.create("broadcast", script="Tin số 1", **told)
    near.create("broadcast", script="tin  SỐ 1", **told)
    near.create("broadcast", script="Tin số 2", **told)
    next_door.create("broadcast", script="Tin số 1", **told)
    near.sync(), next_door.sync()
    count(desk, "huyen", one)
    district = desk("huyen")
    shown = scripts(district)
    assert (shown["Tổng cộng"], shown["Xã Chính Nghĩa"], shown["Xã Nhân La"]) == (
        "1 +1 chờ duyệt",
        "1 +1 chờ duyệt",
        "0 +1 chờ duyệt",
    )
    units = {unit: row["Đơn vị có tuyên truyền 111"] for unit, row in district.figures().items()}
    assert (units["Tổng cộng"], units["Xã Chính Nghĩa"]) == ("1 +1 chờ duyệt", "1")
    district.get("/desk/queue?figure=scripts&bucket=waiting")
    assert "Các bản ghi tạo nên số liệu “Tin, bài phát thanh”, chờ duyệt: 1 tin, bài" in district.text
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        cell = loading.load(session, Scope(session, world.officers["huyen"]), campaign, world.units["331"]).total.cells
        assert (cell["scripts"].included, cell["scripts"].waiting) == (2, 1)


@pytest.mark.slow
def test_what_was_renamed_deleted_or_withdrawn_is_counted_no_more(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    one = officer.create("broadcast", script="A", programme="own")
    two = officer.create("broadcast", script="A", programme="own")
    officer.sync()
    reviewer = desk("huyen")
    assert scripts(reviewer)["Xã Chính Nghĩa"] == "0 +1 chờ duyệt"
    officer.edit(one, script="B")
    officer.sync()
    assert scripts(reviewer)["Xã Chính Nghĩa"] == "0 +2 chờ duyệt"
    officer.delete(two)
    officer.sync()
    count(desk, "huyen", one)
    assert scripts(reviewer)["Xã Chính Nghĩa"] == "1"
    reviewer.get(f"/desk/records/{one}")
    reviewer.post(reviewer.form("/withdraw"))
    officer.edit(one, programme="relay")
    officer.sync()
    assert scripts(reviewer)["Xã Chính Nghĩa"] == "–", "a relay says nothing of scripts of one's own"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(TallyKey)).all() == []
