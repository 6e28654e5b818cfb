"""What an officer sees at 360 x 640: what to press without scrolling, no drafts of nothing, errors in words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import Reviewer
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"

NO_CAMPAIGNS = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const meta = opening.result.transaction("meta", "readwrite").objectStore("meta");
    meta.get("catalog").onsuccess = ({ target }) => meta.put({ ...target.result, campaigns: [] }, "catalog");
    meta.delete("form");
    await new Promise((done) => { meta.transaction.oncomplete = done; });
    opening.result.close();
}"""
"""The catalogue names none any more; the form that was left is not open, which its page writes a moment later."""

EMPTIED = """() => {
    window.emptied = 0;
    const main = document.querySelector("main");
    const look = () => { window.emptied += Number(main.textContent === ""); };
    new MutationObserver(look).observe(main, { childList: true, subtree: true });
}"""

MOVED = """() => {
    globalThis.moved = [];
    new PerformanceObserver((list) => {
        for (const { sources } of list.getEntries())
            globalThis.moved.push(...sources.map(({ node }) => node?.textContent ?? "?"));
    }).observe({ type: "layout-shift", buffered: true });
}"""
"""What is drawn at another place than a moment before, by its text."""


@pytest.mark.costly
def test_nothing_moves_while_a_new_phones_home_is_drawn(officer: MakeOfficer) -> None:
    """The strip keeps the place of the status, the tasks wait for the first sentence: a thumb meets what it saw."""
    one = officer("xa1")
    one.offline()
    one.page.add_init_script(f"({MOVED})()")
    one.page.reload()
    expect(one.page.get_by_text("Chưa có bản ghi nào")).to_be_visible()
    expect(one.page.get_by_role("region", name="Việc cần làm")).to_be_visible()
    expect(one.page.get_by_role("link", name="Tất cả bản ghi")).to_be_visible()
    one.page.evaluate("() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
    assert one.page.evaluate("globalThis.moved") == []


def test_a_record_is_there_as_soon_as_the_list_is_gone(officer: MakeOfficer) -> None:
    """Drawn empty first and full a frame later, it took twice as long on a slow phone."""
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.page.evaluate(EMPTIED)
    one.open_record("Tin số 1")
    expect(one.page.get_by_role("heading", level=1)).to_contain_text("Phát thanh")
    assert one.page.evaluate("window.emptied") == 0
    one.edit("Tin số 1", Ghi_chú="phát cả loa thôn")
    one.open_record("Tin số 1")
    expect(one.page.get_by_role("definition").filter(has_text="phát cả loa thôn")).to_be_visible()


@pytest.mark.costly
def test_a_returned_photo_is_marked_and_the_big_buttons_stay_in_sight(
    officer: MakeOfficer, reviewer: Callable[[str], Reviewer]
) -> None:
    one, two = officer("xa1"), officer("xa2")
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("BR-1")
    district.say("Đề nghị bổ sung", "Ảnh bị nhòe, không đọc được chữ, đề nghị chụp lại.", "Ảnh")
    two.send()
    for name in ("Băng rôn", "Phát thanh"):
        expect(two.page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    returned = two.page.get_by_role("region", name="Đề nghị bổ sung")
    expect(returned).to_contain_text("Ảnh bị nhòe")
    # A photo that another phone took: from the hub, and from this phone from then on.
    two.page.evaluate("location.hash = '/search/returned'")
    found = two.item("BR-1")
    expect(found).to_contain_text("Ảnh bị nhòe")
    expect(found.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    two.offline()
    two.page.reload()
    expect(found.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    two.open_record("BR-1")
    expect(two.page.get_by_role("img", name="Ảnh chưa xem được trên máy này")).to_be_visible()
    expect(two.page.get_by_text("Cần xem lại ảnh")).to_be_visible()
    two.page.get_by_role("button", name="Sửa và gửi lại").click()
    photos = two.page.get_by_role("region", name="Ảnh")
    expect(photos).to_contain_text("Cần xem lại ảnh")
    expect(photos.locator("button.primary")).to_have_text(["Chụp lại"])
    again, bar = photos.locator("button.primary").bounding_box(), two.page.locator(".save-bar").bounding_box()
    assert again is not None
    assert bar is not None
    assert again["y"] + again["height"] <= bar["y"], "in sight, above the button that sends"
    expect(two.page.get_by_text("Cần xem: Ảnh")).to_be_visible()
    two.fill("Ghi chú", "đã chụp lại")
    expect(two.page.get_by_text("Đã sửa: Ghi chú.")).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/drafts.test.ts::the unfinished one of a record")
def test_a_form_that_was_only_looked_at_leaves_no_draft(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã gửi đủ")
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
    here = one.page.get_by_label("Đợt hoạt động").locator("option:checked").inner_text()
    one.page.get_by_label("Đợt hoạt động").select_option(label="Tập dượt")
    expect(one.page.get_by_text("TẬP DƯỢT").first).to_be_visible()
    # What was entered is to be found from every campaign, and goes on in its own.
    drafts.get_by_role("link", name=f"Ghi tiếp: Phát thanh PT-1 · {here}").click()
    expect(one.page.get_by_label(re.compile("^Thời lượng"))).to_have_value("10")
    expect(one.page.get_by_text("TẬP DƯỢT")).to_have_count(0)


@pytest.mark.costly
def test_an_empty_form_leaves_no_draft(officer: MakeOfficer) -> None:
    one = officer("xa1")
    drafts = one.page.get_by_role("region", name="Đang ghi dở")
    for kind in ("Băng rôn", "Phát thanh"):
        one.kind(kind).click()
        if kind == "Băng rôn":
            one.page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
        expect(one.page.get_by_role("button", name="Lưu", exact=True)).to_be_visible()
        one.home()
        expect(one.page.get_by_role("region", name="Việc cần làm")).to_be_visible()
        until(lambda: rows(one.page, "drafts") == [], one.page)
        expect(drafts).to_have_count(0)


@pytest.mark.costly
def test_what_was_entered_is_there_when_the_campaign_is_not(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.home()
    one.page.evaluate(NO_CAMPAIGNS)
    one.page.reload()
    expect(one.page.get_by_text("Chưa có đợt hoạt động nào đang mở.")).to_be_visible()
    one.page.get_by_role("link", name="Ghi tiếp: Phát thanh").click()
    expect(one.page.get_by_label("Tin, bài phát")).to_have_value("Tin số 1")


@pytest.mark.costly
@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568)])
def test_the_slogan_is_in_sight_once_the_photo_is_there(officer: MakeOfficer, width: int, height: int) -> None:
    one = officer("xa1")
    one.page.set_viewport_size({"width": width, "height": height})
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    expect(one.page.get_by_role("img", name="Ảnh", exact=True)).to_be_visible()
    card = one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).bounding_box()
    bar = one.page.get_by_role("button", name="Lưu", exact=True).bounding_box()
    assert card is not None
    assert bar is not None
    assert one.page.evaluate("scrollY") == 0
    assert card["y"] + card["height"] <= bar["y"], "all of it, above the buttons that save"


@pytest.mark.parametrize(
    ("width", "height", "least"),
    [(720, 300, 290), (320, 480, 300), pytest.param(720, 360, 350, marks=pytest.mark.costly(soak=True))],
)
@pytest.mark.costly
def test_the_picture_has_most_of_a_low_screen(officer: MakeOfficer, width: int, height: int, least: int) -> None:
    """The shutter and the buttons that save stand side by side there."""
    one = officer("xa1")
    one.page.set_viewport_size({"width": width, "height": height})
    one.page.get_by_role("button", name="Băng rôn").click()
    camera = one.page.get_by_role("dialog", name="Máy ảnh")
    shutter = camera.get_by_role("button", name="Chụp", exact=True)
    expect(camera.get_by_text("Vị trí ±")).to_be_visible()
    for each in (shutter, camera.get_by_role("button", name="Đóng"), camera.get_by_text("Chọn ảnh từ máy")):
        expect(each).to_be_in_viewport(ratio=1)
    picture = camera.locator("video").bounding_box()
    assert picture is not None
    assert picture["height"] >= least
    assert picture["width"] >= width * 0.6
    shutter.click()
    save = one.page.get_by_role("button", name="Lưu", exact=True).bounding_box()
    following = one.page.get_by_role("button", name="Lưu & chụp tiếp").bounding_box()
    assert save is not None
    assert following is not None
    assert save["y"] == following["y"]
    assert height - save["y"] < height / 4


def test_an_unknown_address_goes_home(officer: MakeOfficer) -> None:
    one = officer("xa1")
    for address in ("nope", "constructor", "%"):
        one.page.evaluate("(address) => { location.hash = '/' + address }", address)
        one.page.wait_for_url(re.compile(r"#/$"))
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
