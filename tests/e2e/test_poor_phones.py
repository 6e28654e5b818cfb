"""Phones with less: a browser without the newer parts (README, browser floor), and one whose storage is full."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
PHOTO_AND_THUMBNAIL = 2
OLD = """
    delete globalThis.OffscreenCanvas;
    delete globalThis.CompressionStream;
    delete IDBFactory.prototype.databases;
    for (const name of ["estimate", "persist", "persisted"]) delete StorageManager.prototype[name];
"""
FULL = """() => {
    // The disk is full at the second file of a photo, once: the first one is in the same transaction.
    const put = IDBObjectStore.prototype.put;
    let files = 0;
    IDBObjectStore.prototype.put = function (...row) {
        if (this.name === "bytes" && ++files === 2) throw new DOMException("full", "QuotaExceededError");
        return put.apply(this, row);
    };
}"""
FILES = """async () => {
    const { name } = (await indexedDB.databases()).find(({ name }) => name !== "loa");
    const opening = indexedDB.open(name);
    await new Promise((done) => { opening.onsuccess = done; });
    const counting = opening.result.transaction("bytes").objectStore("bytes").count();
    await new Promise((done) => { counting.onsuccess = done; });
    opening.result.close();
    return counting.result;
}"""


@pytest.mark.costly
def test_an_old_browser_makes_photos_small_on_the_page(officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    one.page.add_init_script(OLD)
    one.page.reload()
    workers: list[str] = []
    one.page.on("worker", lambda worker: workers.append(worker.url))
    one.banner(SLOGAN)
    one.expect_status("1 đã gửi đủ")
    assert workers == []
    one.page.get_by_label("Tình trạng gửi/nhận").get_by_role("link").click()
    expect(one.page.get_by_text("Đã gửi/nhận xong")).to_be_visible()
    expect(one.page.get_by_role("region", name="Chỗ chứa trên máy")).to_have_count(0)
    assert one.page.get_by_text("Máy này gặp lỗi").count() == 0


@pytest.mark.costly
def test_full_storage_is_told_and_nothing_is_half_kept(officer: Callable[[str], Officer]) -> None:
    """The shot stays as it came, and is made small once more."""
    one = officer("xa1")
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.evaluate(FULL)
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    told = one.page.get_by_role("alert").filter(has_text="Máy đã hết chỗ chứa")
    expect(told).to_be_visible()
    expect(one.page.get_by_role("img", name="Ảnh")).to_have_count(0)
    until(lambda: one.page.evaluate(FILES) == 0)  # what was begun is taken back
    assert len(rows(one.page, "captures")) == 1
    told.get_by_role("button", name="Thử lại").click()
    expect(told).to_have_count(0)
    assert rows(one.page, "captures") == []
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.expect_status("1 đã gửi đủ")
    assert one.page.evaluate(FILES) == PHOTO_AND_THUMBNAIL
