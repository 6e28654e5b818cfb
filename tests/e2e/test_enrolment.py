"""How a phone comes in: by a code, typed or brought by a card's picture, which nothing but the button uses up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import func, select

from server.core.db import reading, writing
from server.models import Device
from server.services.access.codes import make_code
from support.browsers.browser import Browser
from support.browsers.builds import BUILD, SECOND, builds
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.network.answers import heard
from support.world.province import Province
from sync.code import grouped
from sync.text import is_id

pytestmark = pytest.mark.slow


def test_the_address_of_a_card_fills_the_code_in_and_uses_nothing_up(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    code = province.world.code("xa1")
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    try:
        for _ in range(2):
            one.page.goto(f"{one.url}/app/#/enrol/{code}")
            one.page.reload()
            expect(one.page.get_by_label("Mã 16 chữ số")).to_have_value(grouped(code))
        one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
        assert one.page.url.endswith("/app/#/")
    finally:
        one.close()


FITS = "(field) => field.scrollWidth <= field.clientWidth"


@pytest.mark.costly
def test_the_link_beside_a_code_at_the_desk_opens_the_app_with_it(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    """All its digits are seen on the narrowest phone, and the header names whose phone it is then."""
    page = reviewer("quantri").page
    page.goto(f"{province.server.url}/desk/people?q=xa1")
    page.get_by_role("button", name="Cấp mã đăng ký").click()
    page.get_by_role("link").and_(page.locator("[href^='/enrol#']")).first.click()
    field = page.get_by_label("Mã 16 chữ số")
    page.set_viewport_size({"width": 320, "height": 568})
    expect(field).to_have_value(re.compile(r"^(\d{4} ){3}\d{4}$"))
    assert field.evaluate(FITS)
    page.get_by_role("button", name="Đăng ký").click()
    expect(page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text("Cán bộ 1 xã Chính Nghĩa")


@pytest.mark.costly(soak=True, kept_by="pwa/src/officers/enrol.test.ts::ID-4")
def test_a_code_whose_answer_was_lost_is_sent_again_with_the_same_nonce(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    """The hub knows the phone by it: the code is not burnt, and there is one device."""
    code = province.world.code("xa1")
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    try:
        questions = heard(one.page, "/enrolment")
        one.wait_for_worker()
        province.line.drop_answers(99)  # the browser itself tries again on each connection that it still holds
        one.page.get_by_label("Mã 16 chữ số").fill(code)
        with one.page.expect_event("requestfailed", lambda request: bool(request.url.endswith("/enrolment"))):
            one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("alert")).to_be_visible()
        province.line.restore()
        one.close()
        one.open()
        questions += heard(one.page, "/enrolment")
        one.enrol(code)
        nonces = {asked["nonce"] for asked in questions}
        assert len(nonces) == 1
        assert is_id(nonces.pop())
        assert one.page.evaluate("() => localStorage.getItem('loa-nonce')") is None
    finally:
        one.close()
    with province.world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == 1


@pytest.mark.costly
def test_a_code_is_typed_in_groups_and_a_typing_error_is_said_at_once(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    code = province.world.code("xa1")
    wrong = code[:6] + str((int(code[6]) + 1) % 10) + code[7:]
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    try:
        questions = heard(one.page, "/enrolment")
        field, button = one.page.get_by_label("Mã 16 chữ số"), one.page.get_by_role("button", name="Đăng ký")
        field.press_sequentially(wrong)
        expect(field).to_have_value(grouped(wrong))
        expect(one.page.get_by_role("alert")).to_contain_text("Mã gõ chưa đúng")
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(button).to_be_disabled()
        for _ in range(len(grouped(wrong)) - len(grouped(wrong[:7]))):
            field.press("ArrowLeft")
        field.press("Backspace")  # the wrong digit, in the middle: the caret stays there
        expect(one.page.get_by_text("Còn thiếu 1 chữ số.")).to_be_visible()
        field.press(code[6])
        expect(field).to_have_value(grouped(code))
        expect(one.page.get_by_role("alert")).to_have_count(0)
        field.fill(f"Mã: {code}.")  # pasted with what stood around it: nothing that was typed is hidden
        expect(field).to_have_value(f"Mã: {code}.")
        assert one.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
        assert questions == []
        button.click()
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
    finally:
        one.close()


@pytest.mark.costly(soak=True, kept_by="pwa/src/officers/enrol.test.ts::ID-7")
def test_a_crowd_at_the_door_is_waited_out(province: Province, browser: Browser, tmp_path: Path) -> None:
    """ID-7: the hub sends the phone away twice; it says so and comes again by itself."""
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    busy = '{"type": "urn:loa:error:busy", "title": "", "status": 503, "code": "busy", "detail": ""}'
    times = iter(range(2))
    try:

        def handle(route: Route) -> None:
            if next(times, None) is None:
                route.continue_()
            else:
                route.fulfill(status=503, content_type="application/problem+json", body=busy)

        one.page.route("**/api/v1/enrolment", handle)
        one.page.get_by_label("Mã 16 chữ số").fill(province.world.code("xa1"))
        one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("alert")).to_contain_text("tự thử lại")
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible(timeout=30_000)
    finally:
        one.close()


@pytest.mark.costly
def test_a_card_brings_an_older_app_up_to_date_before_it_fills_the_code_in(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    """The address of a card leads past the worker of an older build."""
    code = province.world.code("xa1")
    with builds(tmp_path / "built", province.server.port) as served_files:
        one = Officer(browser, tmp_path / "phone", f"http://127.0.0.1:{served_files.port}").open()
        try:
            one.wait_for_worker()
            served_files.update()
            one.page.goto(f"{one.url}/enrol#{code}")
            expect(one.page.get_by_label("Mã 16 chữ số")).to_have_value(grouped(code))
            one.page.wait_for_function(f"(build) => ({BUILD})() === build", arg=SECOND)
        finally:
            one.close()


@pytest.mark.costly
def test_an_officer_is_told_on_the_phone_that_another_phone_came(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    """A reviewer makes a code for an officer and enrols with it: the officer's own phone says so, until understood."""
    world = province.world
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    try:
        one.enrol(world.code("xa1"))
        with world.app.app_context(), writing() as session:
            code = make_code(session, world.officers["xa1"], world.officers["huyen"], world.keyring)
        label = "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36"
        answer = world.app.test_client().post("/api/v1/enrolment", json={"code": code, "label": label})
        assert answer.status_code == 201
        one.page.reload()
        alert = one.page.get_by_role("alert").filter(has_text="Máy mới đã đăng ký")
        expect(alert).to_contain_text("Linux; Android 14; K")
        expect(alert).to_contain_text("mã do Người duyệt huyện Kim Động cấp")
        expect(alert).to_contain_text("đề nghị báo ngay Cán bộ tổng hợp tỉnh Hưng Yên")
        alert.get_by_role("button", name="Đã hiểu").click()
        expect(alert).to_have_count(0)
        one.page.reload()
        expect(one.page.get_by_text("thay thế").first).to_be_visible()
        expect(alert).to_have_count(0)
    finally:
        one.close()
