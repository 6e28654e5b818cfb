"""The day of an officer: seven kinds by their least taps, what the day asks, the plan, what is nothing to report."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import set_status
from support.browsers.browser import Browser
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import Reviewer
from support.installation.databases import Engine
from support.installation.served import served
from support.tour.colleagues import Colleague, judge
from support.world.province import Province
from support.world.world import world as make_world
from sync.registry import KINDS_DIR

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def day(ahead: int) -> date:
    """So many days from today, which in Viet Nam began seven hours earlier."""
    return (datetime.now(UTC) + timedelta(days=ahead, hours=7)).date()


@pytest.fixture
def airings_expected(province: Province) -> None:
    """The campaign expects 20 airings of each commune."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.expected = [{"figure": "airings", "amount": 20}]


@pytest.mark.costly
def test_a_day_with_all_seven_kinds_and_no_signal(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    for number in (1, 2):
        one.broadcast(f"Tin số {number}", "2021-07-21", "2021-07-30", 2, 15)
        one.save()
    one.record("Pa nô", {}, photo=True, taps=[SLOGAN])
    one.record("Tờ rơi", {"Tên tài liệu": "Gọi 111", "Số lượng đã phát": "200"})
    one.record("Tuyên truyền lưu động", {"Tuyến đường": "Trục đường xã"}, photo=True)
    said = {"Tên hội nghị": "Ngày hội toàn dân", "Lượt người tham dự": "80"}
    one.record("Hội nghị", said, photo=True, taps=["Hội nghị, hội thảo", "Công an", "Hội Phụ nữ"])
    one.record("Tin bài", {"Tên bài": "Cảnh giác với việc nhẹ lương cao"}, taps=["Bài đăng mạng xã hội"])
    # The two most used are large and red, in their order; the others stay open once they were.
    kinds = one.page.get_by_role("navigation", name="Ghi việc mới").get_by_role("button")
    expect(kinds.nth(0)).to_have_text("Băng rôn")
    expect(kinds.nth(1)).to_have_text("Phát thanh")
    expect(kinds.and_(one.page.locator(".primary"))).to_have_count(2)
    expect(kinds).to_have_count(8)
    # Some of today; all there is stands on a page of its own.
    expect(one.page.get_by_role("region", name="Hôm nay", exact=True).get_by_role("listitem")).to_have_count(3)
    one.page.get_by_role("link", name="Tất cả bản ghi").click()
    expect(one.page.get_by_text("8 bản ghi", exact=True)).to_be_visible()
    one.home()
    one.offline(on=False)
    one.expect_status("8 đã gửi đủ")
    one.open_record("Ngày hội toàn dân")
    expect(one.page.get_by_text("Công an, Hội Phụ nữ", exact=True)).to_be_visible()


@pytest.mark.costly
def test_what_came_back_is_one_line_with_its_reason_and_moves_no_button(
    province: Province, officer: MakeOfficer
) -> None:
    colleague, one = Colleague(province.world, "xa2"), officer("xa1")
    records = [colleague.banner(quantity=number) for number in (1, 2, 3)]
    returned = one.page.get_by_role("region", name="Đề nghị bổ sung")
    every = one.page.get_by_role("link", name=re.compile("[0-9] đề nghị bổ sung"))
    nav = one.page.get_by_role("navigation", name="Ghi việc mới")
    place = nav.bounding_box()
    for count, record in enumerate(records, 1):
        judge(province.world, record, "returned", f"Kính gửi đồng chí, {'ảnh bị nhòe. ' * 20}")
        one.send()
        expect(returned.get_by_role("listitem")).to_have_count(1)
        expect(every).to_have_count(int(count > 1))
        expect(returned).to_contain_text("Ảnh bị nhòe.")
        expect(returned).not_to_contain_text("Kính gửi")
        assert nav.bounding_box() == place
        line = returned.bounding_box()
        assert line is not None
        assert line["height"] < 110, "two lines of what it is and its number, two of the reason"
        expect(nav).to_be_in_viewport(ratio=1)
    every.click()
    expect(one.page.get_by_role("combobox", name="Tình trạng")).to_have_value("returned")
    expect(one.page.get_by_text("3 bản ghi", exact=True)).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/due.test.ts::a standing schedule")
def test_a_standing_schedule_is_confirmed_by_day_and_a_missed_week_at_once(officer: MakeOfficer) -> None:
    """Two officers confirm other days of one record, offline: no conflict, and all of it counts."""
    one, two = officer("xa1"), officer("xa2")
    one.broadcast("Bản tin sáng", day(-9).isoformat(), day(5).isoformat(), 2, 15)
    expect(one.page.get_by_text("Dự kiến 30 lượt, 450 phút")).to_be_visible()
    one.save()
    one.expect_status("1 đã gửi đủ")
    two.send()
    for phone in (one, two):
        phone.offline()
    asked = one.page.get_by_role("region", name="Hôm nay đã phát?")
    expect(asked).to_contain_text("còn 9 ngày chưa xác nhận")
    asked.get_by_role("button", name="Đã phát 2 lượt").click()
    expect(asked).to_have_count(0)
    two.open_record("Bản tin sáng")
    missed = two.page.get_by_role("group").filter(has_text="0/7 ngày")
    days = missed.get_by_role("combobox")
    assert [days.nth(at).input_value() for at in range(7)] == [""] * 7, "nothing is chosen beforehand"
    expect(missed.get_by_role("button", name="Lưu các ngày đã chọn")).to_have_count(0)
    missed.get_by_role("button", name="Cả tuần đã phát").click()
    missed.get_by_label(f"{day(-7):%d/%m/%Y}").select_option("Không phát")
    missed.get_by_role("button", name="Lưu các ngày đã chọn").click()
    week = two.page.get_by_role("group").filter(has_text="7/7 ngày")
    week.locator("summary").click()
    days = week.get_by_role("combobox")
    assert sorted(days.nth(at).input_value() for at in range(7)) == ["0", *["2"] * 6]
    expect(two.page.get_by_text("Đã phát 12 / dự kiến 30 lượt")).to_be_visible()
    expect(two.page.get_by_text("Lượt phát 12 lượt · Thời lượng phát 180 phút")).to_be_visible()
    for phone in (one, two):
        phone.offline(on=False)
        phone.send()
    one.send()
    one.open_record("Bản tin sáng")
    expect(one.page.get_by_text("Lượt phát 14 lượt · Thời lượng phát 210 phút")).to_be_visible()
    expect(one.page.get_by_text("Hai người cùng sửa")).to_have_count(0)
    # Undone by editing: that day was aired after all.
    week = one.page.get_by_role("group").filter(has_text="7/7 ngày")
    week.locator("summary").click()
    week.get_by_label(f"{day(-7):%d/%m/%Y}").select_option("2 lượt")
    week.get_by_role("button", name="Lưu các ngày đã chọn").click()
    expect(one.page.get_by_text("Lượt phát 16 lượt · Thời lượng phát 240 phút")).to_be_visible()


@pytest.mark.usefixtures("airings_expected")
def test_a_new_schedule_is_saved_at_once_and_a_day_to_come_waits_with_its_reason(
    officer: MakeOfficer,
) -> None:
    """F-20 to F-22: until next week, without a question. Then the phone runs a day ahead: plan, message, reason."""
    one = officer("xa1")
    one.broadcast("Bản tin tối", day(0).isoformat(), day(7).isoformat(), 3, 15)
    expect(one.page.get_by_text("chưa đến")).to_have_count(0)
    one.save()
    one.page.get_by_role("region", name="Hôm nay đã phát?").get_by_role("button", name="Đã phát 3 lượt").click()
    one.send()
    plan = one.page.get_by_role("region", name="Kế hoạch và kết quả")
    expect(plan).to_contain_text("Lượt phát 0/20 lượt")
    expect(plan).to_contain_text("đã phát 3 / dự kiến 24 lượt · 3 chờ duyệt")
    one.offline()
    one.page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=1))
    one.page.reload()
    one.page.get_by_role("region", name="Hôm nay đã phát?").get_by_role("button", name="Đã phát 3 lượt").click()
    one.offline(on=False)
    one.page.get_by_label("Tình trạng gửi/nhận").get_by_role("link").click()
    one.page.get_by_role("button", name="Gửi/nhận ngay").click()
    item = one.page.get_by_role("listitem").filter(has_text="Bản tin tối")
    expect(item).to_contain_text(f"Số lượt phát ngày {day(1):%d/%m/%Y}: Ngày này chưa đến nên chưa xác nhận được")
    one.page.goto(one.page.url.split("#")[0] + "#/summary")
    expect(one.page.get_by_role("textbox")).to_have_value(
        re.compile(r"lượt phát: đã phát 6 / dự kiến 24 lượt \(6 chờ duyệt\)")
    )


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/due.test.ts::what was put up")
def test_a_banner_that_hangs_for_long_is_taken_down_by_one_tap(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    up = one.page.get_by_role("region", name=re.compile("Treo lâu"))
    expect(up).to_have_count(0)
    one.edit(SLOGAN, Ngày_treo=day(-15).isoformat())
    expect(up).to_contain_text(f"Treo từ ngày {day(-15):%d/%m/%Y}")
    up.get_by_role("button", name="Ghi ngày tháo").click()
    expect(up).to_have_count(0)
    one.open_record(SLOGAN)
    expect(one.page.get_by_role("definition").filter(has_text=f"{day(0):%d/%m/%Y}")).to_be_visible()
    expect(one.page.get_by_role("button", name="Ghi ngày tháo")).to_have_count(0)


@pytest.mark.costly
def test_what_comes_after_the_end_is_late_on_both_sides_and_an_archived_campaign_is_only_read(
    province: Province, officer: MakeOfficer, reviewer: Callable[[str], Reviewer]
) -> None:
    """L-1, L-4, L-5."""
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin gửi sau", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    expect(one.item("Tin gửi sau")).not_to_contain_text("Gửi sau khi đợt kết thúc")
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.campaign, "closed")
    one.offline(on=False)
    one.expect_status("1 đã gửi đủ")
    expect(one.item("Tin gửi sau")).to_contain_text("Gửi sau khi đợt kết thúc")
    expect(one.page.get_by_text("Đợt này đã kết thúc.")).to_be_visible()
    district = reviewer("huyen")
    district.queue()
    expect(district.page.get_by_role("link").filter(has_text="PT-1")).to_contain_text("Gửi sau khi đợt kết thúc")
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.campaign, "archived")
    one.page.get_by_label("Tình trạng gửi/nhận").get_by_role("link").click()
    one.page.get_by_role("button", name="Gửi/nhận ngay").click()
    one.page.get_by_role("link", name=re.compile("Trang đầu")).click()
    one.page.get_by_label("Đợt hoạt động").select_option(province.world.campaign)
    expect(one.page.get_by_text("Đợt này đã lưu trữ")).to_be_visible()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_have_count(0)
    expect(one.item("Tin gửi sau")).to_be_visible()


FLAGS = {
    "kind": "flags",
    "prefix": "CP",
    "order": 80,
    "label": {"vi": "Cờ phướn", "en": "Flags"},
    "title": "street",
    "fields": [
        {"name": "street", "type": "text", "label": {"vi": "Tuyến đường", "en": "Street"}, "required": True},
        {"name": "quantity", "type": "integer", "label": {"vi": "Số lượng", "en": "Quantity"}, "required": True},
    ],
    "photos": {"required": False, "max": 3},
    "figures": [
        {
            "code": "flags",
            "label": {"vi": "Cờ phướn", "en": "Flags"},
            "unit": {"vi": "chiếc", "en": "pieces"},
            "rule": {"vi": "Cộng số lượng.", "en": "Sum."},
            "product": ["quantity"],
        }
    ],
}


@pytest.mark.costly(soak=True, kept_by="tests/desk/test_new_kind.py::test_phones_are_told_and_send_it")
def test_a_new_kind_is_one_file(browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path) -> None:
    """A button, a form, a place in the list, sent and counted, with no line of code."""
    copy = tmp_path / "later" / "sync"
    shutil.copytree(KINDS_DIR.parent, copy)
    (copy / "kinds" / "flags.json").write_text(json.dumps(FLAGS), "utf-8")
    url = database_engine("sqlite").fresh()
    with (
        make_world(url, tmp_path / "data") as world,
        served(url, tmp_path / "data", PYTHONPATH=str(copy.parent)) as server,
    ):
        one = Officer(browser, tmp_path / "phone", server.url).open()
        try:
            one.enrol(world.code("xa1"))
            one.record("Cờ phướn", {"Tuyến đường": "Đường 39A", "Số lượng": "40"})
            one.expect_status("1 đã gửi đủ")
            expect(one.item("Đường 39A")).to_contain_text("Cờ phướn CP-1")
        finally:
            one.close()
