"""What a form shows to be looked at is asked before it is saved, never in the way; the answer reaches the desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import MakeReviewer
from support.jobs import inline
from support.world.province import Province

pytestmark = pytest.mark.slow
SAID = "Số phát (1.200) lớn hơn số nhận (1.000). Đề nghị kiểm tra."
KEPT = "Cán bộ đã xác nhận giữ số này (1.200 / 1.000)"


def leaflet(one: Officer) -> Page:
    """Fill in a leaflet of which more was handed out than received, and tap save."""
    page = one.page
    one.kind("Tờ rơi").click()
    one.fill("Tên tài liệu", "Tờ rơi 111")
    one.fill("Số lượng đã phát", "1200")
    one.fill("Số lượng được cấp", "1000")
    page.get_by_role("button", name="Lưu", exact=True).click()
    return page


def test_more_than_received_is_asked_kept_and_stands_at_the_desk(
    province: Province, officer: MakeOfficer, reviewer: MakeReviewer
) -> None:
    """F-28, F-29: without a network, with the keyboard, through a kill."""
    one = officer("xa1")
    province.line.refuse()
    one.offline()
    page = leaflet(one)
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text(SAID)
    expect(page.get_by_role("button", name="Sửa", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    expect(page.get_by_label(re.compile("Số lượng đã phát"))).to_be_focused()
    expect(page.get_by_text("Số phát (1.200) lớn hơn số nhận (1.000).")).to_be_visible()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(sheet).to_contain_text(SAID)
    one.kill()
    one.open()
    page = one.page
    expect(page.get_by_label(re.compile("Số lượng đã phát"))).to_have_value("1200")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text(SAID)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    one.open_record("Tờ rơi 111")
    expect(page.get_by_text("Số lượng đã phát: 1.200; Số lượng được cấp: 1.000").first).to_be_visible()
    assert "kept/" not in page.get_by_role("article").inner_text()
    page.get_by_role("button", name="Sửa", exact=True).click()
    one.fill("Tên tài liệu", "Tờ rơi 111, đợt 2")
    one.save()  # the numbers were answered
    province.line.restore()
    one.offline(on=False)
    one.home()
    one.expect_status("1 đã gửi đủ")

    inline.done(province.world, "hints.refresh")
    district = reviewer("huyen")
    district.queue()
    expect(district.page.get_by_text(KEPT)).to_be_visible()
    district.open("Chính Nghĩa TR-1")
    hints = district.page.get_by_role("region", name="Điểm cần lưu ý")
    expect(hints).to_contain_text("Số phát (1.200) lớn hơn số nhận (1.000).")
    expect(hints).to_contain_text(f"{KEPT} · Cán bộ 1 xã Chính Nghĩa")
    expect(hints).to_contain_text("Cần xem")


def test_a_changed_number_asks_again_and_a_mended_one_does_not(officer: MakeOfficer) -> None:
    """F-28."""
    one = officer("xa1")
    page = leaflet(one)
    page.get_by_role("button", name="Giữ số này").click()
    expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    one.open_record("Tờ rơi 111")
    page.get_by_role("button", name="Sửa", exact=True).click()
    one.fill("Số lượng đã phát", "1300")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("Số phát (1.300) lớn hơn số nhận (1.000).")
    page.get_by_role("dialog").get_by_role("button", name="Sửa", exact=True).click()
    one.fill("Số lượng đã phát", "900")
    one.save()


def test_the_same_leaflet_twice_is_asked_with_the_other_ones_number(officer: MakeOfficer) -> None:
    """F-27: beside what the phone holds."""
    one = officer("xa1")
    page = one.page
    for times in range(2):
        one.kind("Tờ rơi").click()
        one.fill("Tên tài liệu", "Tờ rơi 111")
        one.fill("Số lượng đã phát", "10")
        if times:
            page.get_by_role("button", name="Lưu", exact=True).click()
            sheet = page.get_by_role("dialog")
            expect(sheet).to_contain_text("Tài liệu này đã ghi phát cùng ngày")
            expect(sheet).to_contain_text("TR-")
            sheet.get_by_role("button", name="Giữ như đã ghi").click()
            expect(page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
        else:
            one.save()
