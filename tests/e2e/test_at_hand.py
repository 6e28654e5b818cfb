"""A form leads to what is missing, a photo opens large, and large text covers nothing that is to be pressed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from support.browsers.officer import MakeOfficer
from support.tour.colleagues import SLOGAN
from support.tour.day import go
from support.world.province import Province

pytestmark = pytest.mark.slow
IN_SIGHT = """(one) => {
    const { top, bottom } = one.getBoundingClientRect();
    const at = document.elementFromPoint(innerWidth / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2);
    return top >= 0 && bottom <= innerHeight && one.closest(".field, fieldset, div").contains(at);
}"""
OLD_CONNECTION = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const rows = indexedDB.deleteDatabase(name);
    await new Promise((done) => { rows.onsuccess = done; });
    const old = indexedDB.open(name, 1);
    await new Promise((done) => { old.onsuccess = done; });
    window.held = old.result;
}"""
"""A page of an app before this one, which lets go of nothing."""


def font(page: Page, size: int) -> None:
    """The size of text that is set in the browser."""
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": size}})


@pytest.mark.costly
def test_a_failed_save_leads_to_the_first_missing_field(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Phát thanh").click()
    page.get_by_label("Tin, bài phát").fill("Tin số 1")
    page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
    page.get_by_role("button", name="Lưu", exact=True).click()
    first = page.get_by_label("Số lượt mỗi ngày")
    expect(first).to_be_focused()
    assert first.evaluate(IN_SIGHT)
    expect(page.get_by_role("group", name="Lịch phát")).to_contain_text("Chưa điền đủ lịch phát")
    page.get_by_label("Tin, bài phát").fill("")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_label("Tin, bài phát")).to_be_focused()
    expect(page.get_by_text("Chưa điền tin, bài phát")).to_be_visible()
    one.home()
    # A banner without a photo and a slogan: the photo comes first, then the slogan.
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("button", name="Chụp ảnh")).to_be_focused()
    page.get_by_role("button", name="Chụp ảnh").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("group", name="Khẩu hiệu").get_by_role("radio").first).to_be_focused()
    expect(page.get_by_role("group", name="Khẩu hiệu")).to_contain_text("Chưa chọn khẩu hiệu")


@pytest.mark.costly
def test_what_is_no_digit_does_not_stay_in_a_pin(officer: MakeOfficer) -> None:
    one = officer("xa1")
    go(one, "pin")
    pin = one.page.get_by_label("Mã PIN")
    pin.press_sequentially("a1b2c")
    expect(pin).to_have_value("12")
    pin.press_sequentially("x")
    expect(pin).to_have_value("12")


@pytest.mark.costly
def test_a_photo_opens_large_and_comes_closer(officer: MakeOfficer) -> None:
    """In the form and in the record."""
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    large(page)
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.open_record("BR-")
    large(page)
    expect(page.get_by_role("article")).to_be_visible()


def large(page: Page) -> None:
    """Open the photo, bring it closer, see it whole again, close it."""
    page.get_by_role("button", name="Xem ảnh lớn").click()
    dialog = page.get_by_role("dialog", name="Ảnh")
    photo = dialog.get_by_role("img", name="Ảnh", exact=True)
    expect(photo).to_be_visible()
    assert width(photo) <= 360
    dialog.get_by_role("button", name="Phóng to").click()
    expect(dialog.get_by_role("button", name="Thu nhỏ")).to_be_visible()
    assert width(photo) >= 2 * 360
    dialog.get_by_role("button", name="Thu nhỏ").click()
    expect(dialog.get_by_role("button", name="Phóng to")).to_be_visible()
    dialog.get_by_role("button", name="Đóng").click()
    expect(dialog).to_have_count(0)


def width(photo: Locator) -> float:
    """How wide it is drawn."""
    box = photo.bounding_box()
    assert box is not None
    return float(box["width"])


@pytest.mark.costly
def test_the_size_of_text_set_in_the_browser_holds_and_nothing_swallows_a_tap(officer: MakeOfficer) -> None:
    """Text at 200 %, and a page at 200 %, which is a screen of half the size."""
    one = officer("xa1")
    page = one.page
    font(page, 32)
    assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "36px"
    font(page, 16)
    assert page.evaluate("() => getComputedStyle(document.body).fontSize") == "18px"
    for nth, (size, box) in enumerate(((32, (360, 640)), (16, (180, 320)), (24, (360, 640)), (16, (320, 568)))):
        font(page, size)
        page.set_viewport_size({"width": box[0], "height": box[1]})
        # A screen that grows keeps some of the zoom of the smaller one; nobody's phone does that.
        page.context.new_cdp_session(page).send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
        header = page.get_by_role("banner").bounding_box()
        assert header is not None
        assert header["height"] <= box[1] / 3
        one.broadcast(f"Tin số {nth}", "2021-07-21", "2021-07-30", 2, 15)
        one.save()


@pytest.mark.parametrize(("box", "size"), [((320, 640), 32), ((640, 360), 16)], ids=["320 px at 200 %", "on its side"])
@pytest.mark.costly
def test_a_banner_is_filled_and_saved_where_there_is_little_room(
    officer: MakeOfficer, box: tuple[int, int], size: int
) -> None:
    """What the camera sees is large enough to aim by, and each field is reached."""
    one = officer("xa1")
    page = one.page
    one.offline()
    font(page, size)
    page.set_viewport_size({"width": box[0], "height": box[1]})
    page.get_by_role("button", name="Băng rôn").click()
    seen = page.locator("video").bounding_box()
    assert seen is not None
    assert seen["height"] >= 0.4 * box[1]
    assert seen["width"] >= 0.5 * box[0]
    shutter = page.get_by_role("button", name="Chụp", exact=True)
    expect(shutter).to_be_in_viewport(ratio=1)
    shutter.click()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_label("Số lượng").fill("2")
    one.fill("Thôn, tổ dân phố", "Thôn Tạ Thượng")
    one.save()
    expect(one.item("Thôn Tạ Thượng")).to_contain_text("2 chiếc")


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/open.test.ts::a page that holds the older version")
def test_a_database_that_an_old_page_holds_is_no_blank_page(province: Province, officer: MakeOfficer) -> None:
    """It is said, and the app goes on by itself once the other lets go."""
    one = officer("xa1")
    assert one.context is not None
    new, old = one.page, one.context.new_page()
    new.goto("about:blank")
    old.goto(f"{province.line.url}/api/v1/health")  # of the same address, without the app
    old.evaluate(OLD_CONNECTION)
    new.goto(f"{province.line.url}/app/")
    expect(new.get_by_role("alert")).to_contain_text("Chưa mở được dữ liệu của Loa")
    old.evaluate("() => window.held.close()")
    expect(new.get_by_role("alert").filter(has_text=re.compile("Chưa mở được"))).to_have_count(0)
