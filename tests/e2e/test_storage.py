"""Room on the phone: said before it ends; and a browser that takes all of it away (SPEC H-2)."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from support.browsers.officer import MakeOfficer
from support.world.province import Province

pytestmark = pytest.mark.slow
EVICTED = "indexeddb,cache_storage,service_workers"  # what Chromium takes where room is short
NOTED = "number => Object.values(localStorage).some(text => text.includes(number))"


@pytest.mark.costly
def test_data_that_the_browser_took_away_is_told_by_number_and_comes_back(
    province: Province, officer: MakeOfficer
) -> None:
    one = officer("xa1")
    one.broadcast("Tin đã gửi", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã gửi đủ")
    one.offline()
    one.broadcast("Tin chưa gửi", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    number = re.search(r"PT-\w+\.\d+", one.item("Tin chưa gửi").inner_text())
    assert number is not None
    one.expect_status("1 chờ gửi · 1 đã gửi đủ")
    one.page.wait_for_function(NOTED, arg=number[0])
    assert one.context is not None
    origin = {"origin": province.line.url, "storageTypes": EVICTED}
    # The page notices by itself that its database was closed, and finds nothing that it could be opened from again.
    with one.page.expect_event("requestfailed", lambda request: bool(request.is_navigation_request())):
        one.context.new_cdp_session(one.page).send("Storage.clearDataForOrigin", origin)
    # In a new tab: Chromium's own page for a site that cannot be reached loads it again by itself, at any moment.
    gone = one.page
    one.context.new_page()
    gone.close()
    one.offline(on=False)
    one.page.goto(f"{one.url}/app/")
    told = one.page.get_by_role("alert").filter(has_text="Trình duyệt đã xóa dữ liệu")
    expect(told).to_contain_text(number[0])
    one.enrol(province.world.code("xa1"))
    expect(one.item("Tin đã gửi")).to_be_visible()
    expect(told).to_contain_text(number[0])
    told.get_by_role("button", name="Đã hiểu").click()
    expect(told).to_have_count(0)


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/unsent.test.ts::one that was made anew under the same name")
def test_what_was_lost_between_two_forms_is_named(province: Province, officer: MakeOfficer) -> None:
    """From photo to photo no other screen is seen."""
    one = officer("xa1")
    one.offline()
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    for _ in range(2):
        page.get_by_role("button", name="Chụp", exact=True).click()
        expect(page.get_by_role("button", name="Bỏ ảnh này")).to_be_visible()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        page.get_by_role("group", name="Khẩu hiệu").locator("label").first.click()
        page.get_by_role("button", name="Lưu & chụp tiếp").click()
    expect(page.get_by_role("button", name="Chụp", exact=True)).to_be_visible()
    province.line.refuse()
    assert one.context is not None
    origin = {"origin": province.line.url, "storageTypes": "indexeddb"}
    one.context.new_cdp_session(page).send("Storage.clearDataForOrigin", origin)
    told = page.get_by_role("alert").filter(has_text="Chưa gửi đủ, có thể đã mất")
    expect(told).to_contain_text(re.compile(r"BR-\w+\.\d+, BR-\w+\.\d+"))
    expect(page.get_by_label("Mã 16 chữ số")).to_have_value("")


@pytest.mark.costly
def test_room_is_shown_and_said_before_it_ends(officer: MakeOfficer) -> None:
    """A newer Chromium always tells 10 GiB more than is used: the warning is of browsers that tell what there is."""
    one = officer("xa1")
    one.page.get_by_label("Tình trạng gửi/nhận").get_by_role("link").click()
    expect(one.page.get_by_role("region", name="Chỗ chứa trên máy")).to_contain_text("MB nếu máy còn chỗ")
    expect(one.page.get_by_text("Máy sắp hết chỗ")).to_have_count(0)
    one.page.add_init_script("navigator.storage.estimate = async () => ({ usage: 9e6, quota: 12e6 });")
    one.page.reload()
    expect(one.page.get_by_text("Máy sắp hết chỗ: còn chứa được khoảng 15 ảnh")).to_be_visible()
