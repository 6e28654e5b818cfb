"""Photos from village heads: twenty at once, picked or handed over by another app, one record each or all of one."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, expect

from support.browsers.batches import pictures, save_and_next
from support.browsers.kept import rows
from support.browsers.officer import MakeOfficer, Officer
from support.network.answers import instead, untouched
from support.waiting import until

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"


def pick(one: Officer, count: int) -> None:
    """In a form of a new record, from the gallery."""
    files = [
        FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=data) for at, data in enumerate(pictures(count))
    ]
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files(files)


@pytest.mark.costly
def test_twenty_picked_become_twenty_banners_of_one_slogan(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 20)
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Thượng")
    page.get_by_role("button", name="Mỗi ảnh một bản ghi (Băng rôn)").click()
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    page.get_by_label("Số lượng").fill("2")
    for hamlet in ("", "Thôn Tạ Trung"):
        page.get_by_label("Thôn, tổ dân phố").fill(hamlet)
        save_and_next(page)
        expect(page.get_by_role("radio", name=SLOGAN)).to_be_checked()
        expect(page.get_by_label("Thôn, tổ dân phố")).to_have_value(hamlet)
        expect(page.get_by_label("Số lượng")).to_have_value("2")
    one.home()
    expect(page.get_by_role("link", name=re.compile("^18 ảnh chờ ghi"))).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text=re.compile("BR-"))).to_have_count(2)


@pytest.mark.costly
def test_the_last_of_those_that_came_together_offers_save_alone(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    page.get_by_role("button", name="Mỗi ảnh một bản ghi (Băng rôn)").click()
    bar = page.locator(".save-bar")
    expect(bar.get_by_role("button")).to_have_text(["Lưu", "Lưu & ảnh tiếp theo"])
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    save_and_next(page)
    expect(page.get_by_role("radio", name=SLOGAN)).to_be_checked()
    expect(bar.get_by_role("button")).to_have_text(["Lưu"])
    one.save()


@pytest.mark.costly
def test_twenty_handed_over_survive_a_kill_and_are_of_one_place(
    officer: MakeOfficer,
) -> None:
    """The worker's only POST stays on the phone: it works without a network, as does the choice after a kill."""
    one = officer("xa1")
    one.offline()
    one.hand_over(pictures(20))
    expect(one.page.get_by_text(re.compile("^20 ảnh mới nhận"))).to_be_visible()
    one.kill()
    one.open()
    one.offline()
    expect(one.page.get_by_text(re.compile("^20 ảnh mới nhận"))).to_be_visible()
    one.page.get_by_role("button", name="Băng rôn").click()
    one.page.get_by_role("button", name=re.compile("Tất cả một nơi.*10 ảnh")).click()
    photos = one.page.get_by_role("region", name="Ảnh")
    expect(photos.get_by_role("button", name="Bỏ ảnh này")).to_have_count(10)
    expect(photos).to_contain_text("10 ảnh mới nhận")
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    one.open_record(SLOGAN)
    one.page.get_by_text("Lịch sử").click()
    expect(one.page.get_by_text(re.compile("Trưởng thôn, tổ dân phố gửi"))).to_have_count(10)


NO_ROOM = """Cache.prototype.put = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));"""


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/tray.test.ts::on a full phone")
def test_what_was_handed_over_keeps_no_form_shut_on_a_full_phone(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.add_init_script(NO_ROOM)
    one.hand_over(pictures(2))
    expect(page.get_by_text(re.compile("^Máy đã hết chỗ chứa"))).to_be_visible()
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_be_visible()


EACH = re.compile("^Mỗi ảnh một bản ghi")
TOGETHER = re.compile("^Tất cả một nơi")


@pytest.mark.costly
def test_a_form_that_has_a_photo_already_does_not_give_way_to_others(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    expect(page.get_by_role("button", name=EACH)).to_be_visible()
    page.get_by_role("button", name="Chụp ảnh").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    removes = page.get_by_role("button", name="Bỏ ảnh này")
    expect(removes).to_have_count(1)
    expect(page.get_by_role("button", name=TOGETHER)).to_be_visible()
    expect(page.get_by_role("button", name=EACH)).to_have_count(0)
    page.get_by_role("button", name=TOGETHER).click()
    expect(removes).to_have_count(3)


@pytest.mark.costly(soak=True, kept_by="pwa/src/outbox/save.test.ts::W-4")
def test_a_correction_of_what_was_refused_is_one_record_and_stays(officer: MakeOfficer) -> None:
    """W-4: it stands for the refused one, which would go with it."""
    one = officer("xa1")
    page = one.page
    instead(page, lambda question: 400 if question.get("writes") else None, arrives=False)
    one.banner(SLOGAN)
    expect(one.status).to_contain_text("1 chưa nhận được")
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Đóng").first.click()
    pick(one, 2)
    expect(page.get_by_role("button", name=EACH)).to_be_visible()
    one.open_record(SLOGAN)
    page.get_by_role("button", name=re.compile("^Sửa")).first.click()
    page.get_by_role("button", name="Bỏ ảnh này").click()
    expect(page.get_by_role("button", name=TOGETHER)).to_be_visible()
    expect(page.get_by_role("button", name=EACH)).to_have_count(0)
    page.get_by_role("button", name=TOGETHER).click()
    expect(page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(2)
    untouched(page)
    one.save()
    one.expect_status("1 đã gửi đủ")
    assert [row["state"] for row in rows(page, "writes")] == ["landed"]


HELD = """(free) => {
    const Real = window.Worker;
    const held = new Promise((release) => { window.release = release; });
    window.Worker = class {
        constructor(...what) {
            this.real = new Real(...what);
            const mine = free-- > 0 ? Promise.resolve() : held;
            this.real.onmessage = (said) => mine.then(() => this.onmessage?.(said));
        }
        postMessage(...what) { this.real.postMessage(...what); }
        terminate() { this.real.terminate(); }
    };
}"""
"""Behind so many that are free, no photo is made small before `release()`."""


@pytest.mark.costly
def test_what_came_into_a_form_while_the_photos_became_records_stays(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 3)
    page.evaluate(HELD, 0)
    page.get_by_role("button", name=EACH).click()
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Trung")
    page.evaluate("release()")
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    drafts = [row["now"].get("hamlet") for row in rows(page, "drafts")]
    assert (len(drafts), drafts.count("Thôn Tạ Trung")) == (4, 1)


@pytest.mark.costly(soak=True, kept_by="pwa/src/screens/form/adding.test.ts::waits for all")
def test_a_photo_taken_while_the_others_became_records_stays(officer: MakeOfficer) -> None:
    """It is on its way into the form when the last of them is a record, and nothing else came into it: no place."""
    one = officer("xa1")
    page = one.page
    page.evaluate("navigator.geolocation.watchPosition = () => 1")
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    page.evaluate(HELD, 1)
    page.get_by_role("button", name=EACH).click()
    expect(page.get_by_text("Đang nhận ảnh, còn 1.")).to_be_visible()
    page.get_by_role("button", name="Chụp ảnh").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    expect(page.get_by_role("region", name="Ảnh").get_by_text("Đang xử lý ảnh…")).to_be_visible()
    page.evaluate("release()")
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    drafts = rows(page, "drafts")
    assert [len([name for name in row["now"] if name.startswith("photos/")]) for row in drafts] == [1, 1, 1]
    assert len([row for row in drafts if row.get("batch")]) == 2


KEPT = "() => { Cache.prototype.delete = () => new Promise(() => {}); }"
"""No file leaves the tray any more: the page is killed before it can."""


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/take-many.test.ts::killed between a draft and its file")
def test_a_photo_that_was_in_a_form_when_the_app_was_killed_is_not_offered_again(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    expect(one.page.get_by_role("button", name=TOGETHER)).to_be_visible()
    one.page.evaluate(KEPT)
    one.page.get_by_role("button", name=TOGETHER).click()
    expect(one.page.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    until(lambda: any(name.startswith("photos/") for row in rows(one.page, "drafts") for name in row["now"]), one.page)
    one.kill()
    one.open()
    photos = one.page.get_by_role("region", name="Ảnh")
    expect(photos.get_by_role("button", name="Bỏ ảnh này")).to_have_count(1)
    expect(photos).to_contain_text("1 ảnh mới nhận")
    one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    one.save()
    expect(one.page.get_by_text(re.compile("^1 ảnh mới nhận"))).to_be_visible()


@pytest.mark.costly
def test_a_photo_on_its_way_into_a_form_that_is_let_go_waits_for_the_next(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    page.evaluate(HELD, 0)
    page.get_by_role("button", name=TOGETHER).click()
    expect(page.get_by_text("Đang nhận ảnh, còn 2.")).to_be_visible()
    page.get_by_role("button", name="Bỏ bản đang ghi").click()
    page.get_by_role("alert").get_by_role("button", name="Bỏ bản đang ghi").click()
    page.evaluate("release()")
    until(lambda: page.evaluate(FREE), page)
    expect(page.get_by_text(re.compile("^2 ảnh mới nhận"))).to_be_visible()


FREE = "async () => !(await navigator.locks.query()).held.some(({ name }) => name === 'loa-together')"
HANGING = "() => { window.Worker = class { postMessage() {} terminate() {} }; }"


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/tray.test.ts::they are taken in by one window at a time")
def test_two_windows_do_not_take_the_same_photos(officer: MakeOfficer) -> None:
    one = officer("xa1")
    first = one.page
    first.get_by_role("button", name="Băng rôn").click()
    pick(one, 3)
    assert one.context is not None
    second = one.context.new_page()
    second.goto(first.url.partition("#")[0])
    second.get_by_role("button", name="Băng rôn").click()
    first.evaluate(HANGING)
    first.get_by_role("button", name=EACH).click()
    expect(first.get_by_text("Đang nhận ảnh, còn 3.")).to_be_visible()
    second.get_by_role("button", name=EACH).click()
    expect(second.get_by_text("Các ảnh này đang được nhận ở một cửa sổ khác.")).to_be_visible()
    first.goto("about:blank")
    until(lambda: second.evaluate(FREE), second)
    second.get_by_role("button", name=EACH).click()
    expect(second.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    assert len([row for row in rows(second, "drafts") if row.get("batch")]) == 3


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/take-many.test.ts::what is no picture is said")
def test_files_that_are_no_photos_take_nothing_with_them(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    pick(one, 2)
    page.get_by_role("button", name=EACH).click()
    expect(page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
    one.home()
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Đóng").first.click()
    page.get_by_label("Thôn, tổ dân phố").fill("Thôn Tạ Trung")
    files = [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=b"cut") for at in range(2)]
    page.get_by_label("Chọn ảnh từ máy").set_input_files(files)
    page.get_by_role("button", name=EACH).click()
    expect(page.get_by_text(re.compile("^2 tệp không nhận được"))).to_be_visible()
    expect(page.get_by_label("Thôn, tổ dân phố")).to_have_value("Thôn Tạ Trung")
    expect(page.get_by_role("button", name="Lưu & chụp tiếp")).to_be_visible()
