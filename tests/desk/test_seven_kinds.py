"""What the seven kinds brought to the desk: ticks in words, files by title, days confirmed one by one."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.core.clock import today
from server.core.db import reading, writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.services.records.stored import writes_of
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

EVENT = {
    "f.form": "rally",
    "f.name": "Mít tinh hưởng ứng",
    "f.held_on": "30/7/2021",
    "f.attendances": "1.200",
    "f.co_organisers.police": "yes",
    "f.co_organisers.women": "yes",
    "submit": "1",
}


@pytest.fixture
def script(world: World, tmp_path: Path) -> str:
    """A script that the campaign gives."""
    path = tmp_path / "script"
    path.write_text("Kính thưa bà con!\n", "utf-8")
    with world.app.app_context(), writing() as session:
        row = session.get_one(Campaign, world.campaign)
        return files.add(session, installed(world.app).blobs, row, NewFile("script", "Bài số 1", path)).id


def last_set(world: World, record: str) -> dict[str, Any]:
    with world.app.app_context(), reading() as session:
        return dict(writes_of(session, [record])[record][-1].set)


def test_ticks_are_boxes_in_the_form_and_words_on_the_page(world: World, desk: MakeDesk) -> None:
    """F-9."""
    one = desk("huyen")
    one.get("/desk/records/new?kind=event")
    assert one.post(one.form("/desk/records/new"), **EVENT).status_code == 303
    record = one.location.rpartition("/")[2]
    assert last_set(world, record)["co_organisers"] == {"police": True, "women": True}
    one.follow()
    assert "Đơn vị phối hợp Công an, Hội Phụ nữ" in one.text
    assert "Lượt người tham dự 1.200 lượt người" in one.text
    one.get(f"/desk/records/{record}/edit")
    form = one.form("/edit")
    assert form.values["f.co_organisers.police"] == form.values["f.co_organisers.women"] == ["yes"]
    assert one.post(form).status_code == 303
    assert len(last_set(world, record)) > 1  # nothing changed, nothing written
    one.post(form, **{"f.co_organisers.police": None, "f.co_organisers.women": None})
    assert last_set(world, record) == {"co_organisers": None}


def test_a_tick_of_a_newer_kind_stays(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create("event", co_organisers={"veterans": True, "police": True})
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "Đơn vị phối hợp Công an, veterans" in one.text
    one.get(f"/desk/records/{record}/edit")
    one.post(one.form("/edit"), **{"f.co_organisers.school": "yes"})
    assert last_set(world, record) == {"co_organisers": {"police": True, "school": True, "veterans": True}}


def test_a_chosen_script_brings_its_title_and_opens(world: World, desk: MakeDesk, script: str) -> None:
    """F-2."""
    one = desk("huyen")
    one.get("/desk/records/new?kind=broadcast")
    sent = {
        "f.schedule.from": "21/7/2021",
        "f.schedule.to": "30/7/2021",
        "f.schedule.times_a_day": "2",
        "days.shown": "1",
    }
    form = one.form("/desk/records/new")
    assert form.values["f.script_file"] == [""]
    one.post(form, **sent, **{"f.script_file": script, "f.minutes": "5", "submit": "1"})
    record = one.location.rpartition("/")[2]
    assert {name: last_set(world, record)[name] for name in ("script_file", "script")} == {
        "script_file": script,
        "script": "Bài số 1",
    }
    one.follow()
    assert one.text.count("Bài số 1") > 1
    assert f'href="/desk/files/{script}"' in one.html
    assert one.get(f"/desk/files/{script}") == "Kính thưa bà con!\n"
    for who, path in (("huyen", "a" * 16), ("", script)):
        other = desk(who)
        other.get(f"/desk/files/{path}")
        assert other.status == (404 if who else 303)


def test_a_file_the_campaign_does_not_have_is_shown_as_it_is(desk: MakeDesk, phone: MakePhone) -> None:
    """F-2."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create("banner", design="file000000000001")
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert "Mẫu băng rôn file000000000001" in one.text


def test_confirmed_days_are_a_short_list_and_what_is_open_is_said(desk: MakeDesk, phone: MakePhone) -> None:
    """F-3."""
    officer, one = phone("xa1"), desk("huyen")
    start = today() - timedelta(days=9)

    def at(number: int) -> date:
        return start + timedelta(days=number)

    said = {f"aired/{at(number):%Y%m%d}": times for number, times in enumerate((2, 2, 2, 0, 3))}
    schedule = {"from": start.isoformat(), "to": at(30).isoformat(), "times_a_day": 2}
    record = officer.create(
        "broadcast", script="Bài số 1", schedule=schedule, standing=True, minutes=5, programme="own", **said
    )
    officer.sync()
    one.get(f"/desk/records/{record}")
    assert (
        "Số lượt phát ngày đã phát 9 / dự kiến 62 lượt . Đã xác nhận 5 ngày; "
        "còn 4 ngày trong lịch chưa xác nhận "
        f"{at(0):%d/%m/%Y} – {at(2):%d/%m/%Y}: mỗi ngày 2 lượt {at(3):%d/%m/%Y}: không phát {at(4):%d/%m/%Y}: 3 lượt"
    ) in one.text
    assert f"Số lượt phát ngày {at(4):%d/%m/%Y}: 3 lượt" in one.text  # in the history
    one.get("/desk/figures")
    row = one.figures()["Xã Chính Nghĩa"]
    assert (row["Lượt phát"], row["Thời lượng phát"]) == ("0 +9 chờ duyệt", "0 +45 chờ duyệt")


def test_two_people_may_confirm_one_day_differently_and_settle_it(desk: MakeDesk, phone: MakePhone) -> None:
    officer, other, one = phone("xa1"), phone("xa2"), desk("huyen")
    record = officer.create("broadcast", script="Bài số 1", standing=True, programme="own")
    officer.sync(), other.sync()
    day, next_day = "aired/20210721", "aired/20210722"
    first: dict[str, Any] = {day: 2}
    officer.edit(record, **first), other.edit(record, **{**first, day: 3, next_day: 1})
    officer.sync(), other.sync()
    one.get(f"/desk/records/{record}")
    assert "Đã xác nhận 2 ngày 21/07/2021: Hai người cùng sửa 22/07/2021: 1 lượt" in one.text
    form = one.form("/settle")
    sides = one.html.split(f'name="side.{day}" value="')
    assert one.post(form, **{f"side.{day}": sides[1][:16]}).status_code == 303
    one.follow()
    assert "Đã xác nhận 2 ngày" in one.text
    assert "Hai người cùng sửa" not in one.text
