"""Every word and number on the phone's screens is so: of the plan, of a record's state, of the last day."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.campaigns.lifecycle import set_status
from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import REASON, SLOGAN, Colleague, judge
from support.tour.day import day, go
from support.world.province import Province

pytestmark = pytest.mark.slow


def change(province: Province, **values: object) -> None:
    """Set columns of the campaign."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        for name, value in values.items():
            setattr(campaign, name, value)


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/sums.test.ts::counted, waiting, returned and unsent")
def test_counted_waiting_returned_and_unsent_stand_apart(province: Province, officer: MakeOfficer) -> None:
    """The bar is of what is counted; what was counted stays so while it is amended (SPEC D-5)."""
    change(province, expected=[{"figure": "banners", "amount": 5}])
    two = Colleague(province.world, "xa2")
    amended = two.banner(quantity=4)
    judge(province.world, amended, "counted")
    for number in (30, 1):
        two.banner(quantity=number)
    judge(province.world, two.banner(quantity=2), "returned", REASON)
    judge(province.world, two.banner(quantity=90), "not_counted", REASON)
    one = officer("xa1")
    one.send()
    plan = one.page.get_by_role("region", name="Kế hoạch và kết quả")
    expect(plan).to_contain_text("Băng rôn 4/5 chiếc 31 chờ duyệt · 2 đề nghị bổ sung", use_inner_text=True)
    one.offline()
    one.banner(SLOGAN)
    expect(plan).to_contain_text(
        "Băng rôn 4/5 chiếc 31 chờ duyệt · 2 đề nghị bổ sung · 1 chưa gửi", use_inner_text=True
    )
    go(one, "plan")
    bar = one.page.get_by_role("progressbar")
    assert bar.evaluate("(bar) => [bar.value, bar.max]") == [4, 5]
    one.home()
    two.phone.edit(amended, quantity=9)
    two.phone.sync()
    one.offline(on=False)
    one.send()
    expect(plan).to_contain_text("Băng rôn 4/5 chiếc 32 chờ duyệt · 2 đề nghị bổ sung", use_inner_text=True)
    go(one, "plan")
    expect(one.page.get_by_text("1 đã sửa sau duyệt")).to_be_visible()
    one.home()
    later = officer("xa2")  # it never saw the record as it was counted
    expect(later.page.get_by_role("region", name="Kế hoạch và kết quả")).to_contain_text(
        "Băng rôn 4/5 chiếc 32 chờ duyệt · 2 đề nghị bổ sung", use_inner_text=True
    )


@pytest.mark.costly
def test_on_the_last_day_it_says_so(province: Province, officer: MakeOfficer) -> None:
    shown = "/".join(reversed(day(0).split("-")[1:]))
    change(province, due_before=date.fromisoformat(day(1)))
    one = officer("xa1")
    expect(one.page.get_by_text("Hôm nay là ngày cuối")).to_be_visible()
    expect(one.page.get_by_text(f"hạn gửi: hết ngày {shown}")).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/view.test.ts::D-7: an own correction")
def test_what_is_not_sent_waits_for_no_review(officer: MakeOfficer, reviewer: Callable[[str], Reviewer]) -> None:
    """A resubmitted return says so on phone and desk, and not before it is sent."""
    one, district = officer("xa1"), reviewer("huyen")
    expect(one.status).to_have_text("Không có gì chờ gửi")
    one.offline()
    one.banner(SLOGAN)
    expect(one.item("BR-")).to_contain_text("Chưa gửi")
    expect(one.item("BR-")).not_to_contain_text("Chờ duyệt")
    one.offline(on=False)
    one.expect_status("1 đã gửi đủ")
    expect(one.item("BR-1")).to_contain_text("Chờ duyệt")
    district.open("BR-1")
    district.say("Đề nghị bổ sung", REASON)
    one.send()
    one.open_record("BR-1")
    one.offline()
    one.page.get_by_role("button", name="Sửa và gửi lại").click()
    one.fill("Số lượng", "7")
    one.save()
    expect(one.item("BR-1")).to_contain_text("Chưa gửi")
    expect(one.item("BR-1")).not_to_contain_text("chờ duyệt lại")
    one.offline(on=False)
    one.send()
    expect(one.item("BR-1")).to_contain_text("Đã bổ sung, chờ duyệt lại")
    district.queue("all")
    expect(district.page.get_by_role("link").filter(has_text="BR-1").first).to_contain_text("Đã bổ sung, chờ duyệt lại")


@pytest.mark.costly
def test_a_record_keeps_the_slogans_of_its_own_campaign(province: Province, officer: MakeOfficer) -> None:
    """Whatever campaign is chosen on the home screen: in the form, in its history, in a conflict."""
    one, two = officer("xa1"), Colleague(province.world, "xa2")
    change_practice(province)
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    one.open_record("BR-1")
    address = one.page.evaluate("() => location.hash")
    record = address.rsplit("/", 1)[1]
    two.phone.sync()
    one.offline()
    one.edit("BR-1", Số_lượng="3")
    two.phone.edit(record, slogan="s2", quantity=8)
    two.phone.sync()
    one.offline(on=False)
    one.send()
    one.page.get_by_label("Đợt hoạt động").select_option(label="Tập dượt")
    expect(one.page.get_by_text("TẬP DƯỢT").first).to_be_visible()
    go(one, address.removeprefix("#/"))
    history = one.page.get_by_role("group").filter(has_text="Lịch sử")
    history.get_by_text("Lịch sử").click()
    expect(history).to_contain_text("Khẩu hiệu: Phòng, chống mua bán người là trách nhiệm")
    expect(history).not_to_contain_text("Khẩu hiệu khác")
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    cards = one.page.get_by_role("group", name="Khẩu hiệu")
    # The chosen one stands alone; the others are behind one tap.
    expect(cards.get_by_role("radio")).to_have_count(1)
    expect(cards.get_by_role("radio", checked=True)).to_have_accessible_name(
        "Phòng, chống mua bán người là trách nhiệm của toàn xã hội"
    )
    cards.get_by_role("button", name="Chọn khẩu hiệu khác").click()
    expect(cards).to_contain_text(SLOGAN)
    expect(cards).not_to_contain_text("Khẩu hiệu khác")
    expect(cards.get_by_role("radio", checked=True)).to_have_count(1)


def change_practice(province: Province) -> None:
    """The other campaign has slogans of its own under the same ids."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        practice = session.get_one(Campaign, province.world.practice)
        practice.slogans = [{"id": f"s{nth}", "text": f"Khẩu hiệu khác {nth}"} for nth in (1, 2)]


@pytest.mark.costly
def test_an_archived_campaign_has_no_days_left_and_asks_nothing(province: Province, officer: MakeOfficer) -> None:
    """It takes nothing more (SPEC L-5): no days are counted, nothing is said to be still taken, nothing offered."""
    change(province, expected=[{"figure": "leaflets", "amount": 5}])
    two = Colleague(province.world, "xa2")
    record = two.banner(quantity=1, put_up_on=day(-30))
    one = officer("xa1")
    due = one.page.get_by_text("hạn gửi: hết ngày")
    expect(due).to_contain_text("Đã quá hạn, vẫn nhận")
    offered = one.page.get_by_role("button", name=re.compile("^(Ghi ngày tháo|Sửa|Xóa bản ghi|Không phát sinh)$"))
    expect(offered).to_have_count(1)
    with province.world.app.app_context(), writing() as session:
        set_status(session, province.world.campaign, "archived")
    one.send()
    one.page.get_by_label("Đợt hoạt động").select_option(province.world.campaign)
    expect(one.page.get_by_text("Đợt này đã lưu trữ")).to_be_visible()
    expect(due).to_have_text("hạn gửi: hết ngày 02/08")
    expect(one.item("BR-1")).to_be_visible()
    expect(offered).to_have_count(0)
    for address in ("plan", f"record/{record}"):
        go(one, address)
        expect(one.page.get_by_text(re.compile("Tờ rơi: chưa báo cáo|Ngày treo")).first).to_be_visible()
        expect(offered).to_have_count(0)


@pytest.mark.costly(soak=True, kept_by="pwa/src/core/sums.test.ts::what is no report")
def test_an_act_waits_for_no_review_and_is_no_record(province: Province, officer: MakeOfficer) -> None:
    """ "Không phát sinh" is said by the unit, and nobody decides on it (SPEC F-6)."""
    change(province, expected=[{"figure": "leaflets", "amount": 5}])
    one = officer("xa1")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    one.offline()
    go(one, "plan")
    one.page.get_by_role("button", name="Không phát sinh").click()
    expect(one.page.get_by_text("Tờ rơi: không phát sinh")).to_be_visible()
    go(one, "sync")
    waiting = one.page.get_by_role("region", name="Chưa gửi (1)")
    expect(waiting).to_contain_text("Kế hoạch")
    expect(waiting).not_to_contain_text("Chờ duyệt")
    one.offline(on=False)
    one.send()
    go(one, "officers")
    expect(one.page.get_by_role("listitem")).to_contain_text("Không có gì chờ gửi")
    go(one, "leave")
    one.page.get_by_role("button", name="Xóa dữ liệu khỏi máy này").click()
    expect(one.page.get_by_text("1 bản ghi cùng ảnh")).to_be_visible()


@pytest.mark.costly
def test_numbers_on_the_home_screen_are_of_all_there_are(province: Province, officer: MakeOfficer) -> None:
    """What hangs beyond a page of a list; what was returned, although two people edited it; nothing that is deleted."""
    two, three = Colleague(province.world, "xa2"), Colleague(province.world, "xa2")
    for _ in range(51):
        two.phone.create(slogan="s1", quantity=1, put_up_on=day(-30))
    returned = [two.phone.create(slogan="s1", quantity=-5) for _ in range(2)]
    gone = two.phone.create(slogan="s2", quantity=1)
    two.phone.sync()
    three.phone.sync()
    for record in (returned[0], gone):
        two.phone.edit(record, quantity=2)
        three.phone.edit(record, quantity=3)
    for colleague in (two, three, two):
        colleague.phone.sync()
    two.phone.delete(gone)
    two.phone.sync()
    for record in returned:
        judge(province.world, record, "returned", REASON)
    one = officer("xa1")
    expect(one.page.get_by_role("region", name="Treo lâu, cần xem để tháo (51)")).to_be_visible()
    expect(one.page.get_by_role("region", name="Hai người cùng sửa").get_by_role("listitem")).to_have_count(1)
    one.page.get_by_role("link", name="2 đề nghị bổ sung").click()
    expect(one.page.get_by_text("2 bản ghi", exact=True)).to_be_visible()
    go(one, f"record/{returned[1]}")
    expect(one.page.get_by_text("-5 chiếc (không cộng vào số liệu)", exact=True)).to_be_visible()
    go(one, f"record/{gone}")
    expect(one.page.get_by_role("button", name="Khôi phục")).to_be_visible()
    expect(one.page.get_by_text("Hai người cùng sửa")).to_have_count(0)
