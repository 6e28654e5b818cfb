"""The system ends the browser at any moment; two pages of one phone at once: what is kept is whole (SPEC G1, H-2)."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from chaos.sizes import size
from support.browsers.kept import keyed, rows
from support.browsers.officer import MakeOfficer, Officer
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
TIMES = size(2, 20)
IN_THE_MIDDLE = size(1, 20)


def whole(one: Officer) -> int:
    """Every write has its record, its photo and the thumbnail, each with all of its bytes; how many writes."""
    writes, records = rows(one.page, "writes"), rows(one.page, "records")
    assert {write["record"] for write in writes} == {record["record"] for record in records}
    sizes = keyed(one.page, "bytes")
    uploads = rows(one.page, "uploads")
    assert all(sizes[upload["sha256"]] == upload["size_bytes"] for upload in uploads)
    for write in writes:
        carried = {upload["role"] for upload in uploads if upload["record"] == write["record"]}
        assert carried == {"thumb", "full"}
    return len(writes)


def test_killed_right_after_saved_and_in_the_middle_of_saving(officer: MakeOfficer) -> None:
    one = officer("xa1")
    for nth in range(TIMES):
        one.offline()
        one.banner(SLOGAN, asked=True)
        one.kill()
        one.open()
        one.home()
        assert whole(one) == nth + 1
    made = TIMES
    for nth in range(IN_THE_MIDDLE):
        one.offline()
        _save_and_kill(one, after_ms=nth * 2)
        one.open()
        # Saved, or open again where it was: it says so and is saved then.
        save = one.page.get_by_role("button", name="Lưu", exact=True)
        expect(save.or_(one.page.get_by_role("navigation", name="Ghi việc mới"))).to_be_visible()
        assert whole(one) + save.count() == made + 1
        if save.count():
            one.save(asked=True)
        made += 1
        assert whole(one) == made
    print(f"killed: {TIMES} behind saved, {IN_THE_MIDDLE} while saving; {made} records, all whole")  # noqa: T201 (a count of `make chaos`)
    one.send()
    one.expect_status(f"{made} đã gửi đủ")


def _save_and_kill(one: Officer, after_ms: int) -> None:
    """The last button is pressed, and nothing is waited for but those milliseconds."""
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name="Chụp", exact=True).click()
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    expect(one.page.locator("[aria-busy=true]")).to_have_count(0)
    one.page.get_by_role("button", name="Lưu", exact=True).evaluate("(button) => { button.click() }")
    one.keep()
    time.sleep(after_ms / 1000)
    one.kill()


@pytest.mark.costly(soak=True, kept_by="pwa/src/exchange/driver.test.ts::X-11")
def test_two_tabs_write_and_send_at_once(officer: MakeOfficer) -> None:
    """X-11, X-16: with or without the lock between them, each write counts once and both show the same."""
    one = officer("xa1")
    assert one.context is not None
    first, second = one.page, one.context.new_page()
    second.goto(first.url)
    one.offline()
    for nth, page in enumerate((first, second)):
        page.get_by_role("button", name="Phát thanh").click()
        page.get_by_label("Tin, bài phát").fill(f"Tin số {nth}")
        page.get_by_label("Từ ngày").fill("2021-07-21")
        page.get_by_label("Đến ngày").fill("2021-07-30")
        page.get_by_label("Số lượt mỗi ngày").fill("2")
        page.get_by_role("button", name="Cả 10 ngày đã phát").click()
        page.get_by_label(re.compile("Thời lượng mỗi lượt")).fill("15")
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_label("Tình trạng gửi/nhận")).to_have_text(f"{nth + 1} chờ gửi")
    # As where a browser has no locks, or the system froze the tab that holds one.
    for page in (first, second):
        page.evaluate("() => { LockManager.prototype.request = (_name, _options, work) => work({}) }")
    one.offline(on=False)
    for page in (first, second):
        expect(page.get_by_label("Tình trạng gửi/nhận")).to_have_text("2 đã gửi đủ")
    for page in (first, second):
        expect(page.get_by_role("listitem").filter(has_text="Tin số")).to_have_count(2)
    assert {row["number"] for row in rows(first, "records")} == {"PT-1", "PT-2"}
    # The slower of the two may have to ask once more.
    until(lambda: {row["state"] for row in rows(first, "writes")} == {"landed"})
