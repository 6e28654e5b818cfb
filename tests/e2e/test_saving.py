"""Saving loses nothing that was on its way into the form, and nothing makes the saved form a draft again (G1, G2)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.installation.old_file import held
from support.network.answers import instead, untouched
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
# Photos are made small one at a time, under this lock: who holds it keeps them on their way.
_HOLD = """() => new Promise((held) => void navigator.locks.request("loa-photo", () => {
    held();
    return new Promise((done) => { window.release = done; });
}))"""
_PUT = """async ([store, row]) => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const tx = opening.result.transaction(store, "readwrite");
    tx.objectStore(store).put(row);
    await new Promise((done) => { tx.oncomplete = done; });
    opening.result.close();
}"""
# A position that gets better 16 times a second, so that one comes while the form is being saved.
_PLACES = """
navigator.geolocation.watchPosition = (tell) => {
    let accuracy = 3000;
    return setInterval(() => {
        accuracy -= 1;
        tell({ coords: { latitude: 21, longitude: 105, accuracy }, timestamp: Date.now() });
    }, 60);
};
navigator.geolocation.clearWatch = (watch) => clearInterval(watch);
"""


def put(one: Officer, store: str, row: Mapping[str, Any]) -> None:
    one.page.evaluate(_PUT, [store, row])


def broadcast(one: Officer, name: str) -> None:
    one.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)


def photo() -> FilePayload:
    made = io.BytesIO()
    Image.effect_noise((800, 600), 90).convert("RGB").save(made, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def pick(page: Page, photos: int = 1) -> None:
    """From the gallery."""
    page.get_by_label("Chọn ảnh từ máy").set_input_files([photo() for _ in range(photos)])


def tap_save(one: Officer) -> None:
    one.page.get_by_role("button", name="Lưu", exact=True).click()


def saved(one: Officer) -> None:
    expect(one.page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()


def said(one: Officer) -> list[dict[str, Any]]:
    return [row["wire"]["set"] for row in rows(one.page, "writes")]


def photos(values: Mapping[str, Any]) -> int:
    return sum(name.startswith("photos/") for name in values)


def test_a_form_that_is_saved_waits_for_its_photo(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    one.page.evaluate(_HOLD)
    pick(one.page)
    expect(one.page.get_by_text("Đang xử lý ảnh…")).to_be_visible()
    tap_save(one)
    expect(one.page.get_by_text("Đang xử lý ảnh…")).to_have_count(2)
    expect(one.page.get_by_role("button", name="Lưu", exact=True)).to_be_disabled()
    one.page.get_by_label("Tin, bài phát").fill("Tin A, viết tiếp")
    assert rows(one.page, "writes") == []
    one.page.evaluate("window.release()")
    saved(one)
    assert [(values["script"], photos(values)) for values in said(one)] == [("Tin A, viết tiếp", 1)]
    assert rows(one.page, "drafts") == []
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly(soak=True, kept_by="pwa/src/screens/form/adding.test.ts::says of those that were waited for")
def test_a_photo_that_does_not_come_in_keeps_the_form_open(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    one.page.evaluate(_HOLD)
    broken: FilePayload = {"name": "a.jpg", "mimeType": "image/png", "buffer": b"no picture"}
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files([broken])
    tap_save(one)
    one.page.evaluate("window.release()")
    expect(one.page.get_by_text(re.compile("không phải ảnh đọc được"))).to_be_visible()
    expect(one.page.get_by_role("heading", name="Phát thanh")).to_be_visible()
    tap_save(one)
    saved(one)
    assert len(rows(one.page, "writes")) == 1


@pytest.mark.costly(soak=True, kept_by="pwa/src/screens/form/adding.test.ts::waits for all")
def test_a_photo_on_its_way_is_not_missing(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.evaluate(_HOLD)
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.page.get_by_role("button", name="Lưu & chụp tiếp").click()
    expect(one.page.get_by_role("button", name="Lưu & chụp tiếp")).to_be_disabled()
    expect(one.page.get_by_role("alert").filter(has_text="Còn thiếu")).to_have_count(0)
    one.page.evaluate("window.release()")
    expect(one.page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
    assert [photos(values) for values in said(one)] == [1]


@pytest.mark.costly(soak=True, kept_by="pwa/src/screens/form/adding.test.ts::waits for all")
def test_photos_that_came_together_are_all_waited_for(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    pick(one.page, 3)
    one.page.evaluate(_HOLD)
    one.page.get_by_role("button", name=re.compile("Tất cả một nơi")).click()
    expect(one.page.get_by_text("Đang xử lý ảnh…")).to_be_visible()
    tap_save(one)
    one.page.evaluate("window.release()")
    saved(one)
    assert [photos(values) for values in said(one)] == [3]


@pytest.mark.costly
def test_a_form_that_was_left_has_its_photo_when_it_is_opened_again(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    one.page.evaluate(_HOLD)
    pick(one.page)
    one.home()
    one.page.get_by_role("link", name=re.compile("Ghi tiếp")).click()
    one.page.evaluate("window.release()")
    expect(one.page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    tap_save(one)
    saved(one)
    assert [photos(values) for values in said(one)] == [1]


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/save.test.ts::G2: the same form, saved twice")
def test_a_better_position_does_not_put_a_saved_form_back(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.add_init_script(_PLACES)
    one.page.reload()
    for pause in range(5):
        one.page.get_by_role("button", name="Băng rôn").click()
        pick(one.page)
        one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
        one.page.get_by_role("button", name=re.compile("Lấy vị trí")).click()
        one.page.wait_for_timeout(200 + 13 * pause)
        tap_save(one)
        saved(one)
        one.page.wait_for_timeout(300)
        assert rows(one.page, "drafts") == []


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/save.test.ts::G2: what such a form says otherwise")
def test_what_a_draft_says_otherwise_than_its_write_is_an_edit(officer: MakeOfficer) -> None:
    """A draft that was there again after it was saved; unchanged it makes nothing (G2), changed an edit."""
    one = officer("xa1")
    broadcast(one, "Tin A")
    until(lambda: any("minutes" in row["now"] for row in rows(one.page, "drafts")))
    [draft] = rows(one.page, "drafts")
    tap_save(one)
    saved(one)
    for script in ("Tin A", "Tin A, sửa lại"):
        put(one, "drafts", {**draft, "now": {**draft["now"], "script": script}})
        one.page.goto(f"{one.url}/app/#/form/{draft['id']}")
        tap_save(one)
        saved(one)
        assert rows(one.page, "drafts") == []
    first, second = rows(one.page, "writes")
    assert second["wire"]["set"] == {"script": "Tin A, sửa lại"}
    assert (second["record"], second["wire"]["seen"]) == (first["record"], [first["id"]])
    one.expect_status("1 đã gửi đủ")
    expect(one.page.get_by_role("link").filter(has_text="Tin A, sửa lại")).to_have_count(1)


@pytest.mark.costly
def test_a_second_window_does_not_open_the_same_form(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    assert one.context is not None
    two = one.context.new_page()
    two.goto(f"{one.url}/app/")
    expect(two.get_by_text("đang được ghi ở một cửa sổ khác")).to_be_visible()
    expect(two.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    one.page.bring_to_front()
    one.page.get_by_label("Tin, bài phát").fill("Tin B")
    until(lambda: rows(one.page, "drafts")[0]["now"]["script"] == "Tin B")
    # The page that has it may be started anew, or be closed.
    one.page.reload()
    expect(one.page.get_by_label("Tin, bài phát")).to_have_value("Tin B")
    one.home()
    two.bring_to_front()
    two.get_by_role("link", name=re.compile("Ghi tiếp")).click()
    expect(two.get_by_label("Tin, bài phát")).to_have_value("Tin B")
    expect(two.get_by_text("bị đóng khi đang ghi dở")).to_have_count(0)


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/save.test.ts::W-4")
def test_what_was_sent_again_while_its_correction_was_open_is_one_record(
    province: Province, officer: MakeOfficer
) -> None:
    """W-4: only where the creation is still refused does the correction make another record."""
    one = officer("xa1")
    instead(one.page, lambda question: 400 if question.get("writes") else None, arrives=False)
    broadcast(one, "Tin gốc")
    one.save()
    one.expect_status("1 chưa nhận được")
    one.open_record("Tin gốc")
    one.page.get_by_role("button", name=re.compile("^Sửa")).first.click()
    one.page.get_by_label("Tin, bài phát").fill("Tin đã sửa")
    untouched(one.page)
    one.open_record("Tin gốc")
    one.page.get_by_role("button", name="Gửi lại", exact=True).click()
    one.home()
    one.expect_status("1 đã gửi đủ")
    one.page.get_by_role("link", name=re.compile("Ghi tiếp")).click()
    tap_save(one)
    saved(one)
    one.send()
    one.expect_status("1 đã gửi đủ")
    assert len(held(province)) == 1
    assert [values.get("script") for values in said(one)] == ["Tin gốc", "Tin đã sửa"]
    assert said(one)[1].keys() == {"script"}
    expect(one.page.get_by_role("link").filter(has_text="Tin đã sửa")).to_have_count(1)


@pytest.mark.costly
def test_enter_goes_to_the_next_field_and_saves_nothing(officer: MakeOfficer) -> None:
    one = officer("xa1")
    broadcast(one, "Tin A")
    script = one.page.get_by_label("Tin, bài phát")
    script.press("Enter")
    expect(one.page.get_by_label("Từ ngày")).to_be_focused()
    one.page.get_by_label("Số lượt mỗi ngày").press("Enter")
    expect(one.page.get_by_label(re.compile("Thời lượng mỗi lượt"))).to_be_focused()
    expect(script).to_have_value("Tin A")
    assert rows(one.page, "writes") == []
    # A button is still pressed by it.
    one.page.get_by_role("button", name="Lưu", exact=True).press("Enter")
    saved(one)
