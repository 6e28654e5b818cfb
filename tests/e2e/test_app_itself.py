"""The app as a thing on the phone: installed, updated with consent, called back, explained without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from server.core import paths
from support.browsers.browser import Browser
from support.browsers.builds import BUILD, SECOND, Builds, builds
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.old_build import old_build
from support.tour.colleagues import SLOGAN
from support.tour.phone import picture
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
SCRIPT = "Tin số 1"
BEFORE = "ac1c1c5244850bcaedaaaa5e59a7067f4f02304b"
"""The last release whose app was built in its own way."""
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
HELD = """async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith("loa-app-"));
    return [names.length, (await navigator.serviceWorker.getRegistrations()).length];
}"""
TODAY = "() => document.querySelector('meta[name=color-scheme]').content === 'light dark'"
"""The page is of today's build: it has dark colours."""
WAITING = "async () => (await navigator.serviceWorker.ready).waiting !== null"
SENDING = "() => { navigator.locks.request('loa-exchange', () => new Promise((done) => { window.sent = done; })); }"


@pytest.fixture
def built(province: Province, tmp_path: Path) -> Iterator[Builds]:
    """The app's files come from a folder that a test may change."""
    with builds(tmp_path / "app", province.server.port) as made:
        province.line.target_port = made.port
        yield made


def test_a_new_version_waits_for_the_officer_and_brings_only_what_changed(built: Builds, officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.broadcast(SCRIPT, "2021-07-21", "2021-07-30", 2, 15)
    built.update()
    one.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    until(lambda: one.page.evaluate(WAITING), one.page)
    offer = one.page.get_by_role("button", name="Cập nhật")
    # Not over an open form, which goes on.
    expect(offer).to_have_count(0)
    one.fill("Ghi chú", "phát cả loa thôn")
    assert one.page.evaluate(BUILD) is None
    one.home()
    offer.click()
    one.page.wait_for_function(f"(build) => ({BUILD})() === build", arg=SECOND)
    one.page.get_by_role("link", name="Ghi tiếp: Phát thanh").click()
    one.page.get_by_text("Thêm", exact=True).click()
    expect(one.page.get_by_label("Ghi chú")).to_have_value("phát cả loa thôn")
    one.save()
    one.expect_status("1 đã gửi đủ")
    assert not [path for path in built.asked if path.startswith("/app/assets/")]
    assert one.page.evaluate(HELD) == [1, 1]


@pytest.mark.costly
def test_a_form_opened_while_a_new_version_waits_is_left_alone(built: Builds, officer: MakeOfficer) -> None:
    """What is being sent holds the version up for long; the officer records meanwhile."""
    one = officer("xa1")
    built.update()
    one.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    until(lambda: one.page.evaluate(WAITING), one.page)
    one.page.evaluate(SENDING)
    one.page.get_by_role("button", name="Cập nhật").click()
    one.broadcast(SCRIPT, "2021-07-21", "2021-07-30", 2, 15)
    one.page.evaluate("() => { window.sent() }")
    one.page.wait_for_timeout(1000)
    assert one.page.evaluate(BUILD) is None
    expect(one.page.get_by_label("Tin, bài phát")).to_have_value(SCRIPT)
    one.page.get_by_role("button", name="Lưu", exact=True).click()
    one.page.wait_for_function(f"(build) => ({BUILD})() === build", arg=SECOND)
    expect(one.item(SCRIPT)).to_be_visible()


def choose_pin(one: Officer, pin: str) -> None:
    one.page.evaluate("location.hash = '/pin'")
    one.page.get_by_label("Mã PIN").fill(pin)
    one.page.get_by_role("button", name="Lưu").click()
    one.expect_home()  # the release before goes there by itself


DRAFT = {
    "Tin, bài phát": SCRIPT,
    "Từ ngày": "2021-07-21",
    "Đến ngày": "2021-07-30",
    "Số lần mỗi ngày": "2",
    "Thời lượng mỗi lượt": "15",
}
"""As that release says them, and the server the last one."""


@pytest.mark.slow
@pytest.mark.costly
def test_an_old_installation_is_updated_with_its_drafts_and_its_outbox(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    """The release before had a view, a database wrapper and a minifier of its own. Its tray and its PIN stay, too."""
    dist = old_build(BEFORE, tmp_path / "before")
    with builds(tmp_path / "app", province.server.port, dist) as made:
        province.line.target_port = made.port
        # No copy of a phone that was enrolled before: that one has the app of today.
        one = Officer(browser, tmp_path / "phone", province.line.url).open()
        try:
            one.enrol(province.world.code("xa1"))
            assert not one.page.evaluate(TODAY)
            one.banner(SLOGAN)
            one.expect_status("1 đã gửi đủ")
            made.replace(paths.phone_app())
            one.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
            offer = one.page.get_by_role("button", name="Cập nhật")
            expect(offer).to_be_visible()
            one.offline()
            one.banner(SLOGAN)
            one.page.get_by_role("button", name="Phát thanh").click()
            for label, text in DRAFT.items():
                one.page.get_by_label(label).fill(text)
            one.home()
            one.hand_over([picture("white")["buffer"], picture("yellow")["buffer"]])
            expect(one.page.get_by_text(re.compile("^2 ảnh mới nhận"))).to_be_visible()
            choose_pin(one, "1234")
            offer.click()
            one.page.wait_for_function(TODAY)
            for pin in ("4321", "1234"):
                expect(one.page.get_by_role("heading", name="Mở khóa")).to_be_visible()
                one.page.get_by_label("Mã PIN").fill(pin)
                one.page.get_by_role("button", name="Mở", exact=True).click()
                expect(one.page.get_by_text("Mã PIN không đúng.")).to_have_count(int(pin == "4321"))
            one.expect_status("1 chờ gửi · 1 ảnh chờ gửi · 1 đã gửi đủ")
            expect(one.page.get_by_text(re.compile("^2 ảnh mới nhận"))).to_be_visible()
            one.page.get_by_role("link", name="Ghi tiếp: Phát thanh").click()
            expect(one.page.get_by_label("Tin, bài phát")).to_have_value(SCRIPT)
            one.offline(on=False)
            one.save()
            one.expect_status("3 đã gửi đủ")
            one.page.get_by_role("button", name="Băng rôn").click()
            one.page.get_by_role("button", name=re.compile("^Mỗi ảnh một bản ghi")).click()
            expect(one.page.get_by_role("button", name="Lưu & ảnh tiếp theo")).to_be_visible()
            one.page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
            one.page.get_by_role("button", name="Lưu & ảnh tiếp theo").click()
            expect(one.page.get_by_text("Đã lưu trên máy này.")).to_be_visible()
            one.save()
            one.expect_status("5 đã gửi đủ")
            one.banner(SLOGAN)
            one.expect_status("6 đã gửi đủ")
            assert one.page.evaluate(HELD) == [1, 1]
        finally:
            one.close()


@pytest.mark.costly
def test_a_build_that_is_called_back_lets_go_of_its_files_and_of_nothing_else(
    province: Province, officer: MakeOfficer
) -> None:
    one = officer("xa1")
    one.offline()
    one.broadcast(SCRIPT, "2021-07-21", "2021-07-30", 2, 15)
    one.save()
    province.server.stop()
    province.server.settings = {"LOA_RETIRE_WORKER": "1"}
    province.server.start()
    one.offline(on=False)
    one.page.evaluate("async () => { await (await navigator.serviceWorker.ready).update() }")
    until(lambda: one.page.evaluate(HELD) == [0, 0], one.page)
    one.send()
    one.expect_status("1 đã gửi đủ")


@pytest.mark.costly
def test_nothing_stands_in_the_way_of_installing_and_it_is_offered_after_the_first_record(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    one = Officer(browser.whole(), tmp_path / "phone", province.line.url).open()
    try:
        one.enrol(province.world.code("xa1"))
        assert one.context is not None
        told = one.context.new_cdp_session(one.page).send("Page.getInstallabilityErrors")
        assert told["installabilityErrors"] == []
        offer = one.page.get_by_role("region", name="Cài ứng dụng")
        expect(offer).to_have_count(0)
        one.broadcast(SCRIPT, "2021-07-21", "2021-07-30", 2, 15)
        one.save()
        offer.get_by_role("button", name="Để sau").click()
        expect(offer).to_have_count(0)
        one.page.reload()
        expect(one.item(SCRIPT)).to_be_visible()
        expect(offer).to_have_count(0)
    finally:
        one.close()


@pytest.mark.costly
def test_every_screen_is_explained_without_a_network(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.offline()
    one.page.reload()
    one.page.get_by_role("link", name="Hướng dẫn").click()
    expect(one.page.get_by_role("region", name="Bắt đầu từ đâu")).to_contain_text("không cần có mạng")
    one.home()
    one.page.get_by_role("button", name="Phát thanh").click()
    expect(one.page.get_by_label("Tin, bài phát")).to_be_visible()
    one.page.get_by_role("link", name="Hướng dẫn").click()
    expect(one.page.get_by_role("region", name="Ghi một việc")).to_contain_text("Bấm Lưu")
    one.page.get_by_role("button", name="English").click()
    expect(one.page.get_by_role("region", name="Recording")).to_contain_text("Press Save")
    assert one.page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.costly
def test_another_apps_window_and_an_iphones_tab_are_told_before_the_code_is_typed(
    province: Province, browser: Browser
) -> None:
    """A code typed there would be of no use: the storage goes with the app, or is not the home screen's."""
    for agent, title in (
        (f"{IPHONE} Mobile/20F66 Zalo iOS/600", "Mở bằng Chrome hoặc Safari"),
        (f"{IPHONE} Version/16.5 Mobile/20F66 Safari/604.1", "thêm vào Màn hình chính trước"),
    ):
        with browser.phone(user_agent=agent) as context:
            page = context.new_page()
            page.goto(f"{province.line.url}/app/")
            told = page.get_by_role("region", name=re.compile(title))
            expect(told.locator("img")).to_be_visible()
            expect(page.get_by_label("Mã 16 chữ số")).to_be_visible()
            page.get_by_role("button", name="English").click()
            expect(page.get_by_label("16-digit code")).to_be_visible()


@pytest.mark.costly
def test_a_part_of_the_app_that_did_not_come_is_said_and_had_when_there_is_a_network(
    province: Province, browser: Browser
) -> None:
    """Only before the worker holds the app: a phone that has it asks nobody."""
    with browser.phone(service_workers="block") as context:
        page = context.new_page()
        held: list[Route] = []
        context.route("**/assets/later-*", lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks what it calls
        page.goto(f"{province.line.url}/app/")
        page.get_by_role("link", name="Hướng dẫn").click()
        expect(page.get_by_role("status").filter(has_text="Đang tải")).to_be_visible()
        held.pop().abort()
        expect(page.get_by_role("heading", name="Chưa tải được phần này của ứng dụng")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("vẫn ở trên máy này")
        context.unroute("**/assets/later-*")
        page.get_by_role("button", name="Thử lại").click()
        expect(page.get_by_role("region", name="Bắt đầu từ đâu")).to_be_visible()


@pytest.mark.costly
def test_a_page_whose_script_did_not_come_says_so_after_a_while(province: Province, browser: Browser) -> None:
    """A line that broke off between the two."""
    with browser.phone(service_workers="block") as context:
        page = context.new_page()
        context.route("**/assets/index-*", lambda route: route.abort())
        page.goto(f"{province.line.url}/app/")
        expect(page.get_by_text("Đang mở Loa")).not_to_be_visible()
        expect(page.get_by_text("Đang mở Loa")).to_be_visible()
        context.unroute("**/assets/index-*")
        page.get_by_role("link", name="mở lại").click()
        expect(page.get_by_role("heading", name="Đăng ký máy này")).to_be_visible()
