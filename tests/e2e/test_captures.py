"""Captured first: a shot survives a form that is left, another window, a kill and want of memory (P-21, P-22)."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from chaos.sizes import size
from support.browsers.camera import reload_with
from support.browsers.kept import keyed, rows
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import Reviewer
from support.waiting import PATIENCE_MS, until
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
KILLS = size(1, 20)
WORKING = "Đang xử lý ảnh…"
_HOLD = """() => new Promise((held) => void navigator.locks.request("loa-photo", () => {
    held();
    return new Promise((done) => { window.release = done; });
}))"""
_GO_ON = """() => {
    // What it asks about is kept as soon as it asks.
    const asks = (button) => button.textContent === "Giữ như đã ghi";
    const keep = () => [...document.querySelectorAll("button")].find(asks)?.click();
    new MutationObserver(keep).observe(document.body, { childList: true, subtree: true });
    window.release();
}"""
_NO_MEMORY = """
    window.memory = false;
    window.Worker = class { constructor() { queueMicrotask(() => this.onerror?.()); } terminate() {} };
    const decode = window.createImageBitmap.bind(window);
    window.createImageBitmap = (...asked) => asked[0] instanceof Blob && !window.memory
        ? Promise.reject(new DOMException("", "InvalidStateError")) : decode(...asked);
"""
_FORGET_DRAFTS = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const tx = opening.result.transaction("drafts", "readwrite");
    tx.objectStore("drafts").clear();
    await new Promise((done) => { tx.oncomplete = done; });
    opening.result.close();
}"""


def photo(width: int = 800, height: int = 600) -> FilePayload:
    made = io.BytesIO()
    Image.effect_noise((width, height), 60).convert("RGB").save(made, "JPEG")
    return {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made.getvalue()}


def begin(page: Page) -> None:
    """A form of a banner, its camera closed."""
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Đóng").first.click()


def pick(page: Page) -> None:
    page.get_by_label("Chọn ảnh từ máy").set_input_files(photo())


def complete(one: Officer) -> None:
    """Say what the form lacks, and save it."""
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()


def go_on(one: Officer) -> None:
    """Open the unfinished form, if the app did not by itself."""
    save = one.page.get_by_role("button", name="Lưu", exact=True)
    link = one.page.get_by_role("link", name="Ghi tiếp")
    expect(save.or_(link.first)).to_be_visible()
    if save.count() == 0:
        link.first.click()
    expect(one.page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)


def test_left_while_the_photo_is_worked_on(officer: MakeOfficer) -> None:
    """Nothing else was entered: the form is there with its photo, after the app began anew too."""
    one = officer("xa1")
    one.page.evaluate(_HOLD)
    begin(one.page)
    pick(one.page)
    expect(one.page.get_by_text(WORKING)).to_be_visible()
    until(lambda: rows(one.page, "captures"), one.page)
    one.home()
    expect(one.page.get_by_role("link", name="Ghi tiếp")).to_be_visible()
    one.kill()
    one.open()
    go_on(one)
    assert keyed(one.page, "originals") == {}
    complete(one)
    one.expect_status("1 đã gửi đủ")


def test_a_shot_whose_form_is_gone_is_a_task_on_home(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.evaluate(_HOLD)
    begin(one.page)
    pick(one.page)
    until(lambda: rows(one.page, "captures"), one.page)
    one.page.evaluate(_FORGET_DRAFTS)
    one.page.goto(f"{one.url}/app/#/")
    one.page.reload()
    task = one.page.get_by_role("link", name="Ảnh chưa có nội dung")
    expect(task).to_contain_text("Băng rôn · 1 ảnh")
    task.click()
    expect(one.page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    complete(one)
    one.expect_status("1 đã gửi đủ")
    expect(task).to_have_count(0)


def test_without_memory_it_stays_and_is_tried_again(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = reload_with(one, _NO_MEMORY)
    begin(page)
    pick(page)
    card = page.get_by_role("alert").filter(has_text="không đủ bộ nhớ")
    expect(card).to_be_visible()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(card).to_be_visible()
    assert rows(page, "writes") == []
    with page.expect_download() as given:
        card.get_by_role("button", name="Lưu ra tệp").click()
    assert given.value.path().read_bytes()[:2] == b"\xff\xd8"
    page.evaluate("() => { window.memory = true; }")
    card.get_by_role("button", name="Thử lại").click()
    expect(card).to_have_count(0)
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    one.save()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/finish.test.ts::P-21: another window that was frozen")
def test_a_frozen_window_keeps_nobody_from_saving(officer: MakeOfficer) -> None:
    one = officer("xa1")
    assert one.context is not None
    other = one.context.new_page()
    other.goto(f"{one.url}/app/")
    other.evaluate(_HOLD)
    one.page.bring_to_front()
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")


@pytest.mark.parametrize("step", ["captured", "made small", "saving", "saved", "sending"])
def test_killed_at_each_step_between_shutter_and_landed(province: Province, officer: MakeOfficer, step: str) -> None:
    one = officer("xa1")
    for nth in range(KILLS):
        page = one.page
        one.offline()
        if step in {"captured", "saving"}:
            page.evaluate(_HOLD)
        page.get_by_role("button", name="Băng rôn").click()
        page.get_by_role("button", name="Chụp", exact=True).click()
        until(lambda: rows(one.page, "captures") or photos(one) > 0, page)
        page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
        if step in {"made small", "saved", "sending"}:
            until(lambda: photos(one) > 0, page)
        if step in {"saving", "saved", "sending"}:
            page.get_by_role("button", name="Lưu", exact=True).click()
            if nth > 0 and step != "saving":
                one.keep()
        if step in {"saved", "sending"}:
            until(lambda: not rows(one.page, "drafts"), page)
        if step == "sending":
            province.line.slow(rate_bits=60_000)
            one.offline(on=False)
            # Its words are there, its photo is on its way.
            until(lambda: all(row["state"] in {"stored", "landed"} for row in rows(one.page, "writes")), page)
            assert any(row["state"] != "verified" for row in rows(one.page, "uploads"))
        if step == "saving":
            page.evaluate(_GO_ON)
        time.sleep(nth * 0.01)
        one.kill()
        province.line.slow()
        one.open()
        if len(rows(one.page, "writes")) == nth:
            go_on(one)
            one.save(asked=True)
        one.home()
        assert len(rows(one.page, "writes")) == nth + 1
        assert keyed(one.page, "originals") == {}
    print(f"killed when {step}: {KILLS}, nothing lost")  # noqa: T201 (a count of `make chaos`)
    one.offline(on=False)
    one.send()
    one.expect_status(f"{KILLS} đã gửi đủ")


def test_killed_while_two_windows_take_photos(officer: MakeOfficer) -> None:
    one = officer("xa1")
    for nth in range(KILLS):
        one.offline()
        assert one.context is not None
        other = one.context.new_page()
        other.goto(f"{one.url}/app/")
        expect(other.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
        for page in (one.page, other):
            page.bring_to_front()
            begin(page)
            pick(page)
        until(lambda: len(rows(one.page, "captures")) + photos(one) == 2, one.page)
        time.sleep(nth * 0.01)
        one.kill()
        one.open()
        for _ in range(2):
            go_on(one)
            complete(one)
        assert len(rows(one.page, "writes")) == 2 * (nth + 1)
        assert keyed(one.page, "originals") == {}
    print(f"killed with two windows: {KILLS}, nothing lost")  # noqa: T201 (a count of `make chaos`)
    one.offline(on=False)
    expect(one.status).to_have_text(f"{2 * KILLS} đã gửi đủ", timeout=4 * PATIENCE_MS)  # by itself: there may be forty


def photos(one: Officer) -> int:
    """How many photos its drafts name."""
    return sum(name.startswith("photos/") for row in rows(one.page, "drafts") for name in row["now"])


def test_the_rescue_file_has_a_shot_as_it_came(officer: MakeOfficer, reviewer: Callable[[str], Reviewer]) -> None:
    """R-11: handed in at the desk, it is seen there."""
    one = officer("xa1")
    one.page.evaluate(_HOLD)
    begin(one.page)
    pick(one.page)
    until(lambda: rows(one.page, "captures"), one.page)
    one.page.goto(f"{one.url}/app/#/rescue")
    one.page.get_by_role("button", name="Lập tệp").click()
    with one.page.expect_download() as sealed:
        one.page.get_by_role("button", name="Chuyển tệp").click()
    district = reviewer("huyen")
    desk = district.page
    desk.goto(f"{district.url}/desk/rescue")
    desk.get_by_label("Tệp .loa").set_input_files(
        FilePayload(name="nop.loa", mimeType="application/octet-stream", buffer=sealed.value.path().read_bytes())
    )
    desk.get_by_role("button", name="Nhận tệp").click()
    shown = desk.get_by_role("region", name="Băng rôn").locator("img")
    expect(shown).to_be_visible()
    assert shown.evaluate("async (image) => { await image.decode(); return image.naturalWidth }") > 0
