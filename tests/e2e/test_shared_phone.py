"""Officers who share a phone, PINs, leaving a phone, and one that another has replaced."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, expect
from sqlalchemy import update

from server.core.db import writing
from server.models import Device
from support.browsers.officer import MakeOfficer, Officer
from support.clients.client import Client
from support.tour.phone import picture
from support.world.province import Province
from support.world.workload import records

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
TRAYS = """async () => {
    const trays = (await caches.keys()).filter((name) => name.startsWith("loa-inbox"));
    const held = await Promise.all(trays.map(async (name) => (await (await caches.open(name)).keys()).length));
    return held.reduce((sum, one) => sum + one, 0);
}"""
AWAY = """(minutes) => {
    const { now } = Date;
    const turn = (hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    };
    turn(true);
    Date.now = () => now() + minutes * 60_000;
    turn(false);
    Date.now = now;
}"""


def go(one: Officer, screen: str) -> None:
    one.page.evaluate("(screen) => { location.hash = '/' + screen }", screen)


def broadcast(one: Officer, name: str) -> None:
    one.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)
    one.save()


def choose_pin(one: Officer, pin: str, name: str = "Cán bộ 1") -> None:
    expect(one.page.get_by_role("heading", name="Đặt mã PIN")).to_be_visible()
    whose = one.page.get_by_text(re.compile(f"^{name} xã Chính Nghĩa · Xã Chính Nghĩa"))
    expect(whose).to_be_visible()
    one.page.get_by_label("Mã PIN").fill(pin)
    one.page.get_by_role("button", name="Lưu").click()
    expect(whose).to_have_count(0)


def give_pin(one: Officer, pin: str) -> None:
    expect(one.page.get_by_role("heading", name="Mở khóa")).to_be_visible()
    one.page.get_by_label("Mã PIN").fill(pin)
    one.page.get_by_role("button", name="Mở", exact=True).click()


def enter_code(one: Officer, code: str) -> None:
    one.page.get_by_label("Mã 16 chữ số").fill(code)
    one.page.get_by_role("button", name="Đăng ký").click()


def clear_phone(one: Officer) -> None:
    """Two taps: the second one answers the question that the first asks."""
    name = "Xóa dữ liệu khỏi máy này"
    one.page.get_by_role("button", name=name).click()
    one.page.get_by_role("dialog", name=name).get_by_role("button", name=name).click()


def databases(one: Officer) -> list[str]:
    names: list[str] = one.page.evaluate("async () => (await indexedDB.databases()).map(({ name }) => name).sort()")
    return names


def test_two_officers_are_kept_apart_and_a_locked_phone_sends_for_both(
    province: Province, officer: MakeOfficer
) -> None:
    one = officer("xa1")
    go(one, "officers")
    one.page.get_by_role("link", name="Thêm cán bộ dùng máy").click()
    enter_code(one, province.world.code("xa2"))
    expect(one.page.get_by_text("Mã PIN này của Cán bộ 1 xã Chính Nghĩa")).to_be_visible()
    expect(one.page).to_have_title("Đặt mã PIN · Loa")
    choose_pin(one, "1234")  # one, and of whoever had the phone before
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    expect(one.page).not_to_have_title("Đặt mã PIN · Loa")
    one.offline()
    broadcast(one, "Tin của hai")
    go(one, "officers")
    one.page.get_by_role("button", name="Cán bộ 1").click()
    choose_pin(one, "567890", "Cán bộ 2")  # before the phone is handed on
    give_pin(one, "567890")
    expect(one.page.get_by_text("Mã PIN không đúng.")).to_be_visible()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_have_count(0)
    give_pin(one, "1234")
    one.home()
    broadcast(one, "Tin của một")
    expect(one.item("Tin của một")).to_be_visible()
    expect(one.page.get_by_text("Tin của hai")).to_have_count(0)

    one.page.reload()
    expect(one.page.get_by_role("heading", name="Mở khóa")).to_be_visible()
    one.page.get_by_role("link", name="Cán bộ dùng máy và mã PIN").click()
    for name in ("Cán bộ 1", "Cán bộ 2"):
        expect(one.page.get_by_role("button", name=name)).to_contain_text("1 bản ghi chưa gửi đủ")
    one.offline(on=False)
    for name in ("Cán bộ 1", "Cán bộ 2"):
        expect(one.page.get_by_role("button", name=name)).to_contain_text("Không có gì chờ gửi")


@pytest.mark.costly(soak=True, kept_by="pwa/src/officers/session.test.ts::a PIN that was given stays")
def test_a_forgotten_pin_is_replaced_by_a_code_and_the_outbox_stays(province: Province, officer: MakeOfficer) -> None:
    """W-7 too: the session has ended meanwhile."""
    one = officer("xa1")
    go(one, "pin")
    choose_pin(one, "1234")
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    one.offline()
    broadcast(one, "Tin số 1")
    one.page.evaluate(AWAY, 2)
    expect(one.item("Tin số 1")).to_be_visible()
    one.page.evaluate(AWAY, 4)
    for _ in range(3):
        give_pin(one, "4321")
        expect(one.page.get_by_text("Mã PIN không đúng.")).to_be_visible()
        expect(one.page.get_by_label("Mã PIN")).to_have_value("")
    expect(one.page.get_by_text("mỗi lần nhập phải chờ 2 giây")).to_be_visible()
    before = databases(one)
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Device).values(revoked_at=1))
    one.offline(on=False)
    expect(one.page.get_by_role("alert").filter(has_text="có thể máy đã bị thu hồi")).to_be_visible()
    one.page.get_by_role("link", name="Quên mã PIN").click()
    enter_code(one, province.world.code("xa1"))
    one.expect_status("1 đã gửi đủ")
    expect(one.item("Tin số 1")).to_be_visible()
    assert databases(one) == before
    one.page.reload()
    expect(one.item("Tin số 1")).to_be_visible()


@pytest.mark.costly
def test_nobody_leaves_while_anything_is_only_on_the_phone(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    go(one, "officers")
    one.page.get_by_role("link", name="Đăng xuất, xóa dữ liệu").click()
    clear = one.page.get_by_role("button", name="Xóa dữ liệu khỏi máy này")
    expect(one.page.get_by_text("nên chưa xóa được")).to_be_visible()
    expect(clear).to_have_count(0)
    one.page.get_by_role("button", name="Lập tệp").click()
    expect(clear).to_have_count(0)
    with one.page.expect_download():
        one.page.get_by_role("button", name=re.compile("^Chuyển tệp")).click()
    clear.click()
    expect(one.page.get_by_role("alert")).to_contain_text(
        "1 bản ghi cùng ảnh, tệp, 0 bản đang ghi dở, 0 ảnh, tệp chờ ghi. Trong đó 1 bản ghi chưa"
    )
    one.page.get_by_role("button", name="Không, giữ lại").click()
    one.offline(on=False)
    one.send()
    one.expect_status("1 đã gửi đủ")
    go(one, "leave")
    clear.click()
    expect(one.page.get_by_role("alert")).to_contain_text("0 bản đang ghi dở, 0 ảnh, tệp chờ ghi.")
    expect(one.page.get_by_text("Trong đó")).to_have_count(0)
    one.page.keyboard.press("Escape")
    clear_phone(one)
    expect(one.page.get_by_label("Mã 16 chữ số")).to_be_visible()
    assert databases(one) == ["loa"]


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/tray.test.ts::they wait for the officer who looked first")
def test_photos_that_wait_are_of_whom_they_came_to(province: Province, officer: MakeOfficer) -> None:
    """And they go when that officer leaves."""
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    files = [FilePayload(name=f"{at}.jpg", mimeType="image/jpeg", buffer=bytes([at]) * 9) for at in range(2)]
    page.get_by_label("Chọn ảnh từ máy").set_input_files(files)
    waiting = page.get_by_text(re.compile("^2 ảnh mới nhận"))
    expect(waiting).to_be_visible()
    go(one, "officers")
    page.get_by_role("link", name="Thêm cán bộ dùng máy").click()
    enter_code(one, province.world.code("xa2"))
    choose_pin(one, "1234")
    choose_pin(one, "567890", "Cán bộ 2")
    page.get_by_role("button", name="Băng rôn").click()
    expect(page.get_by_label("Chọn ảnh từ máy")).to_be_attached()
    expect(waiting).to_have_count(0)
    go(one, "officers")
    page.get_by_role("button", name="Cán bộ 1").click()
    give_pin(one, "1234")
    one.home()
    expect(waiting).to_be_visible()
    go(one, "leave")
    clear_phone(one)
    give_pin(one, "567890")
    one.home()
    expect(waiting).to_have_count(0)
    assert page.evaluate(TRAYS) == 0


@pytest.mark.costly(soak=True, kept_by="pwa/src/photos/tray.test.ts::they wait for the officer who looked first")
def test_photos_that_come_while_a_phone_is_locked_are_of_who_opens_it(province: Province, officer: MakeOfficer) -> None:
    one = officer("xa1")
    go(one, "officers")
    one.page.get_by_role("link", name="Thêm cán bộ dùng máy").click()
    enter_code(one, province.world.code("xa2"))
    choose_pin(one, "1234")
    choose_pin(one, "567890", "Cán bộ 2")
    go(one, "officers")
    one.page.get_by_role("button", name="Cán bộ 1").click()
    give_pin(one, "1234")
    one.home()
    one.hand_over([picture("red")["buffer"]])
    expect(one.page.get_by_role("heading", name="Mở khóa")).to_be_visible()
    one.page.get_by_role("link", name="Cán bộ dùng máy và mã PIN").click()
    one.page.get_by_role("button", name="Cán bộ 2").click()
    give_pin(one, "567890")
    one.home()
    expect(one.page.get_by_text(re.compile("^1 ảnh mới nhận"))).to_be_visible()


@pytest.mark.costly(soak=True, kept_by="tests/api/test_idle_devices.py::test_it_hands_in_its_outbox_and_gets_nothing")
def test_a_phone_that_was_silent_for_half_a_year_hands_in_and_takes_a_new_code(
    province: Province, officer: MakeOfficer
) -> None:
    """X-44: it says why, and leads to where a code is typed; then all is as before."""
    one = officer("xa1")
    one.offline()
    broadcast(one, "Tin để lâu")
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Device).values(seen_at=Device.seen_at - 200 * 24 * 3_600_000))
    one.offline(on=False)
    expect(one.page.get_by_text("Máy này lâu không liên hệ máy chủ")).to_be_visible()
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_have_count(0)
    one.page.get_by_role("link", name="Nhập mã mới").click()
    enter_code(one, province.world.code("xa1"))
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    expect(one.item("Tin để lâu")).to_be_visible()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_a_replaced_phone_hands_in_and_is_cleared(province: Province, officer: MakeOfficer) -> None:
    """X-23: it sends what it holds and shows nothing of others any more."""
    http = province.world.app.test_client()
    other = Client(http, province.world.token("xa2"))
    other.sync(*records(1, province.world.units["12286"], province.world.campaign))
    one = officer("xa1")
    one.send()
    items = one.page.get_by_role("listitem").filter(has_text=re.compile(r"\w\w-\d"))
    expect(items.first).to_be_visible()
    one.offline()
    broadcast(one, "Tin trong máy cũ")
    body = {"code": province.world.code("xa1"), "label": "máy mới"}
    new = Client(http, http.post("/api/v1/enrolment", json=body).get_json()["token"])
    one.offline(on=False)
    expect(one.page.get_by_text("Máy này được thay thế bằng máy mới")).to_be_visible()
    expect(items).to_have_count(0)
    expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_have_count(0)
    expect(one.page.get_by_role("button", name="Xóa dữ liệu khỏi máy này")).to_be_visible()
    assert len(new.sync()["changes"]) == 2
    clear_phone(one)
    expect(one.page.get_by_label("Mã 16 chữ số")).to_be_visible()
