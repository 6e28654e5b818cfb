"""What an officer sees at 360 x 640: what to press without scrolling, no drafts of nothing, errors in words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.officer import Officer
from support.reviewer import Reviewer

pytestmark = pytest.mark.browser
MakeOfficer = Callable[[str], Officer]
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def test_a_returned_photo_is_marked_and_the_big_buttons_stay_in_sight(
    officer: MakeOfficer, reviewer: Callable[[str], Reviewer]
) -> None:
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã xác nhận")
    district = reviewer("huyen")
    district.open("BR-1")
    district.say("Đề nghị bổ sung", "Ảnh bị nhòe", "Ảnh")
    two.send()
    for name in ("Băng rôn", "Phát thanh"):
        expect(two.page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    returned = two.page.get_by_role("region", name="Đề nghị bổ sung")
    expect(returned).to_contain_text("Ảnh bị nhòe")
    # A photo that another phone took: from the hub, and from this phone from then on.
    expect(returned.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    two.offline()
    two.page.reload()
    expect(returned.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    two.open_record(SLOGAN)
    expect(two.page.get_by_role("img", name="Ảnh chưa xem được trên máy này")).to_be_visible()
    expect(two.page.get_by_text("Cần xem lại ảnh")).to_be_visible()
    two.page.get_by_role("button", name="Sửa và gửi lại").click()
    expect(two.page.get_by_role("region", name="Ảnh")).to_contain_text("Cần xem lại ảnh")
    expect(two.page.get_by_text("Cần xem: Ảnh")).to_be_visible()
    two.fill("Ghi chú", "đã chụp lại")
    expect(two.page.get_by_text("Đã sửa: Ghi chú.")).to_be_visible()


def test_a_form_that_was_only_looked_at_leaves_no_draft(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã xác nhận")
    drafts = one.page.get_by_role("region", name="Đang ghi dở")
    one.open_record("Tin số 1")
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    expect(one.page.get_by_role("button", name="Lưu", exact=True)).to_be_visible()
    one.page.go_back()
    one.home()
    expect(one.item("Tin số 1")).to_be_visible()
    expect(drafts).to_have_count(0)
    one.open_record("Tin số 1")
    one.page.get_by_role("button", name="Sửa", exact=True).click()
    one.fill("Thời lượng", "10")
    one.home()
    expect(drafts.get_by_role("link", name="Ghi tiếp: Phát thanh PT-1")).to_be_visible()
    one.page.get_by_label("Đợt hoạt động").select_option(label="Tập dượt")
    expect(one.page.get_by_text("TẬP DƯỢT").first).to_be_visible()
    expect(drafts).to_have_count(0)


def test_an_unknown_address_goes_home(officer: MakeOfficer) -> None:
    one = officer("xa1")
    for address in ("nope", "constructor", "%"):
        one.page.evaluate("(address) => { location.hash = '/' + address }", address)
        one.page.wait_for_url(re.compile(r"#/$"))
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
