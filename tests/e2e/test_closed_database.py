"""A database that the system closes, or will not open: words at once, nothing half saved, all there after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.waiting import until

pytestmark = pytest.mark.slow
_WATCH = """
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (...asked) {
        const request = open.apply(this, asked);
        request.addEventListener("success", () => { (window.opened ??= []).push(request.result); });
        return request;
    };
"""
_BROKEN = """
    const open = IDBFactory.prototype.open;
    IDBFactory.prototype.open = function (name, version) {
        if (!sessionStorage.mended && name !== "loa") throw new DOMException("Internal error", "UnknownError");
        return open.call(this, name, version);
    };
"""
_NEWER = """async () => {
    const { name, version } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name, version + 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("of a newer build");
    await new Promise((done) => { opening.onsuccess = done; });
    opening.result.close();
}"""
_CLOSE = "() => { for (const db of window.opened) db.close(); }"
_CHANGE = "() => new BroadcastChannel('loa').postMessage(0)"
"""Every screen reads anew, as after a sync."""
_FAILS_ONCE = """() => {
    const { delete: drop } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.delete = () => {
        IDBObjectStore.prototype.delete = drop;
        throw new DOMException("Internal error", "UnknownError");
    };
}"""


@pytest.mark.costly
def test_nothing_is_called_saved_and_the_form_is_there_again(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    assert one.context is not None
    one.context.add_init_script(_WATCH)
    one.page.reload()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.page.evaluate(_CLOSE)
    one.page.evaluate(_CHANGE)
    one.page.get_by_role("button", name="Lưu", exact=True).click()
    expect(one.page.get_by_text("Máy này gặp lỗi nên chưa lưu được.")).to_be_visible()
    expect(one.page.get_by_text("Đã lưu trên máy này.")).to_have_count(0)
    assert rows(one.page, "writes") == []
    one.page.reload()
    expect(one.page.get_by_label("Tin, bài phát")).to_have_value("Tin số 1")
    one.save()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/schema.test.ts::one that was held by an older page")
def test_one_that_cannot_be_opened_is_said_and_tried_again(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    assert one.context is not None
    one.context.add_init_script(_BROKEN)
    one.page.reload()
    expect(one.page.get_by_role("alert")).to_contain_text("Chưa mở được dữ liệu của Loa trên máy này.")
    one.page.evaluate("() => { sessionStorage.mended = 'yes' }")
    one.page.get_by_role("button", name="Thử lại").click()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="pwa/src/db/open.test.ts::a build that was called back")
def test_a_build_that_is_called_back_opens_what_a_newer_one_left(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã gửi đủ")
    assert one.context is not None
    newer = one.context.new_page()
    newer.goto(f"{one.url}/desk/")
    with one.page.expect_navigation():
        newer.evaluate(_NEWER)
    newer.close()
    expect(one.item("Tin số 1")).to_be_visible()
    one.broadcast("Tin số 2", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("2 đã gửi đủ")


@pytest.mark.costly
def test_room_that_cannot_be_made_at_the_start_keeps_nobody_out(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    assert one.context is not None
    one.context.add_init_script(
        "IDBObjectStore.prototype.getAllKeys = () => { throw new DOMException('', 'UnknownError'); };"
    )
    one.page.reload()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()


@pytest.mark.costly
def test_what_is_typed_after_a_form_could_not_be_let_go_is_kept(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.page.evaluate(_FAILS_ONCE)
    one.page.get_by_role("button", name="Bỏ bản đang ghi").click()
    one.page.get_by_role("alert").get_by_role("button", name="Bỏ bản đang ghi").click()
    expect(one.page.get_by_text("Máy này gặp lỗi nên chưa lưu được.")).to_be_visible()
    one.page.get_by_label("Tin, bài phát").fill("Tin số 2")
    until(lambda: [row["now"]["script"] for row in rows(one.page, "drafts")] == ["Tin số 2"], one.page)
