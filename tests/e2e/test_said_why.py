"""Why nothing goes: said as it is, whether the line, the hub or the phone itself is at fault, and it ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from server.core.db import writing
from server.models import Device
from support.browsers.officer import MakeOfficer
from support.world.province import Province

pytestmark = pytest.mark.slow
FAULT = """() => {
    const { count } = IDBIndex.prototype;
    IDBIndex.prototype.count = function (...asked) {
        if (this.name !== "state") return count.apply(this, asked);
        IDBIndex.prototype.count = count;
        throw new DOMException("Internal error", "UnknownError");
    };
}"""
"""The next count of what waits fails, as a database sometimes does."""

FULL = """() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (row, key) {
        if (key === "exchanged_at") throw new DOMException("", "QuotaExceededError");
        return put.call(this, row, key);
    };
}"""
"""There is no room for what the hub answers."""
NO_PICTURE = "() => { window.createImageBitmap = () => Promise.reject(new DOMException('', 'InvalidStateError')); }"
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


@pytest.mark.costly
def test_a_fault_of_the_phone_ends_the_run_and_the_next_one_sends(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    one.expect_status("1 đã gửi đủ")
    one.status.get_by_role("link").click()
    send = one.page.get_by_role("button", name="Gửi/nhận ngay")
    expect(one.page.get_by_text("Đã gửi/nhận xong")).to_be_visible()
    one.page.evaluate(FAULT)
    one.page.evaluate("() => { dispatchEvent(new Event('online')) }")
    expect(one.page.get_by_text("Máy này gặp lỗi nên chưa gửi/nhận được")).to_be_visible()
    send.click()
    expect(one.page.get_by_text("Đã gửi/nhận xong")).to_be_visible()


@pytest.mark.costly
def test_a_phone_that_the_hub_no_longer_takes_does_not_say_done(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=1))
    one.offline(on=False)
    one.expect_status("1 chờ gửi")
    one.status.get_by_role("link").click()
    expect(one.page.get_by_text("Không gửi/nhận được nữa: máy chủ không nhận máy này.")).to_be_visible()
    one.page.get_by_role("button", name="Gửi/nhận ngay").click()
    one.page.wait_for_timeout(500)
    expect(one.page.get_by_text("Đã gửi/nhận xong")).to_have_count(0)


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/triggers.test.ts::a phone without room")
def test_a_phone_without_room_does_not_blame_the_hub(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.send()
    one.status.get_by_role("link").click()
    one.page.evaluate(FULL)
    one.page.get_by_role("button", name="Gửi/nhận ngay").click()
    expect(one.page.get_by_text("Máy đã hết chỗ chứa nên chưa gửi/nhận xong")).to_be_visible()


@pytest.mark.costly
def test_what_failed_beside_saving_is_not_called_unsaved(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.banner(SLOGAN)
    one.page.evaluate(NO_PICTURE)
    one.page.get_by_role("button", name="Gửi ảnh qua Zalo…").click()
    expect(one.page.get_by_text("Máy này gặp lỗi. Hãy thử lại.")).to_be_visible()
    expect(one.page.get_by_text("chưa lưu được")).to_have_count(0)
