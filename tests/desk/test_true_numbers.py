"""What lists and sentences of the desk say is so: of deleted records, narrowed lists, names, days and numbers."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from server.core.db import reading, writing
from server.desk import showing, words
from server.models import Campaign, Unit
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import set_status
from server.services.figures import seals
from server.services.units.scope import Scope
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.tour.colleagues import judge
from support.world.changes import leave, merge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

NO_MATCH = "Không có bản ghi nào khớp với điều kiện lọc."
NOTHING_LEFT = "Không còn bản ghi nào cần xử lý trong đợt này."


def conflict_tab(desk: Any) -> str | None:
    """The number on the tab of what two people edited; None where there is no tab."""
    desk.get("/desk/queue?state=all")
    found = re.search(r"Hai người cùng sửa\s*<span class=\"count\">([^<]*)<", desk.html)
    return found[1] if found else None


@pytest.mark.slow
@pytest.mark.parametrize("verdict", ["", "counted"])
def test_a_deleted_record_is_no_conflict_to_settle(
    world: World, desk: MakeDesk, phone: MakePhone, verdict: str
) -> None:
    """Whoever deleted it had seen both sides (S-7), and its page offers nothing to settle: it is in no count of those.

    Where it was counted it waits for the reviewer all the same (D-7).
    """
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=1)
    one.sync()
    if verdict:
        judge(world, record, verdict)
    one.sync(), two.sync()
    one.edit(record, quantity=5), two.edit(record, quantity=7)
    one.sync(), two.sync(), one.sync()
    district = desk("huyen")
    assert conflict_tab(district) == "1"
    one.delete(record)
    one.sync()
    assert conflict_tab(district) is None
    district.get("/desk/queue")
    assert ("Chính Nghĩa BR-1" in district.text) is bool(verdict)
    with world.app.app_context(), reading() as session:
        unit, campaign = session.get_one(Unit, world.units["12286"]), session.get_one(Campaign, world.campaign)
        sheet = seals.sheet(session, Scope(session, world.officers["xa1"]), unit, campaign)
    assert sheet is not None
    assert sheet.conflicts == 0


@pytest.mark.slow
def test_an_archived_campaign_needs_nobody_to_complete_anything(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """It takes no correction (SPEC L-5); who decides still may."""
    one = phone("xa1")
    returned = one.create(quantity=2)
    one.create(quantity=1)
    one.sync()
    judge(world, returned, "returned", "Ảnh mờ, đề nghị chụp lại.")
    for officer, needs in (("xa1", "Chính Nghĩa BR-1"), ("huyen", "Chính Nghĩa BR-2")):
        for status in ("open", "archived"):
            with world.app.app_context(), writing() as session:
                set_status(session, world.campaign, status)
            page = desk(officer)
            page.get(f"/desk/queue?campaign={world.campaign}")
            assert (needs in page.text) is (status == "open" or officer == "huyen")


@pytest.mark.slow
def test_a_narrowed_list_says_nothing_of_the_whole_campaign(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    one = phone("xa1")
    one.create(slogan="s1")
    one.sync()
    district = desk("huyen")
    for cut in ("kind=media", f"unit={world.units['12289']}"):
        district.get(f"/desk/queue?{cut}")
        assert NO_MATCH in district.text
        assert NOTHING_LEFT not in district.text
    officer = desk("nhanla")
    officer.get("/desk/queue")
    assert NOTHING_LEFT in officer.text


def test_an_empty_list_of_one_unit_names_it(world: World, desk: MakeDesk) -> None:
    district = desk("huyen")
    district.get(f"/desk/queue?unit={world.units['331']}&only=1")
    assert "Chỉ bản ghi của chính huyện Kim Động" in district.text
    district.get("/desk/queue?only=1")
    assert "Chỉ bản ghi của chính" not in district.text


@pytest.mark.parametrize("name", ["Tập dượt tháng 7", "TẬP DƯỢT: Ngày 30/7", "Ngày 30/7"])
def test_a_practice_campaign_says_so_once(world: World, desk: MakeDesk, name: str) -> None:
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.practice).name = name
    district = desk("huyen")
    for address in ("/desk/queue", "/desk/records/new"):
        district.get(address)
        option = re.search(rf'<option value="{world.practice}"[^>]*>([^<]*)<', district.html)
        assert option is not None
        assert option[1].upper().count("TẬP DƯỢT") == 1


def test_the_due_date_is_the_day_that_phones_say(world: World) -> None:
    """The last day that is in time, and not the first one that is too late."""
    with world.app.test_request_context():
        campaign = Campaign(due_before=date(2021, 8, 3), due_levels={"commune": "2021-08-01"})
        assert showing.due_text(campaign) == "cấp xã hết ngày 31/07/2021, hết ngày 02/08/2021"


def test_every_sentence_writes_its_numbers_alike(world: World) -> None:
    with world.app.test_request_context():
        assert words.t("restored.count", count=29125) == "Số bản ghi chưa trở lại đủ: 29.125"
        assert words.t("figures.sealed", sealed=1234, units="11.300") == "1.234/11.300 đã gửi số liệu"


def test_who_has_no_unit_any_more_is_not_told_that_there_is_no_campaign(world: World, desk: MakeDesk) -> None:
    """Their role ended, by a move or a merger (SPEC L-6, L-8); the campaign goes on."""
    leave(world, "xa1")
    one = desk("xa1")
    for page in ("/desk/queue", "/desk/figures", "/desk/figures/give", "/desk/report"):
        one.get(page)
        assert "Tài khoản này hiện không thuộc đơn vị nào" in one.text, page
        assert "chưa tham gia đợt nào" not in one.text


@pytest.mark.slow
def test_a_merged_unit_reports_no_more_and_has_no_people(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """SPEC L-6: its records stand under its name, which says what it was merged into; the rest is its successor's."""
    officer, district = phone("xa1"), desk("huyen")
    officer.create(quantity=5)
    officer.sync()
    merge(world, "12286", into="12289")
    old = world.units["12286"]
    district.get("/desk/queue?state=all")
    assert "Xã Chính Nghĩa đã sáp nhập vào xã Nhân La từ 20/07/2021" in district.text
    district.get(f"/desk/report?unit={old}")
    assert "Ủy ban nhân dân xã Nhân La báo cáo" in district.text
    assert "Ủy ban nhân dân xã Chính Nghĩa" not in district.text
    for page in ("/desk/report", "/desk/people?choose=1"):
        district.get(page)
        assert f'<option value="{old}"' not in district.html, page
    assert "nhan_la" in district.http.get(f"/desk/report/word?unit={old}&annexes=all").headers[
        "Content-Disposition"
    ].replace("-", "_")
