"""How a phone comes in: by a code, typed or brought by a card's picture, which nothing but the button uses up."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from server.db import reading
from server.models import Device
from support.answers import heard
from support.browser import Browser
from support.officer import Officer
from support.province import Province
from sync.ids import is_id

pytestmark = pytest.mark.browser


def test_the_address_of_a_card_fills_the_code_in_and_uses_nothing_up(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    code = province.world.code("xa1")
    one = Officer(browser, tmp_path / "phone", province.line.url).open()
    try:
        for _ in range(2):
            one.page.goto(f"{one.url}/app/#/enrol/{code}")
            one.page.reload()
            expect(one.page.get_by_label("Mã 8 chữ số")).to_have_value(code)
        one.page.get_by_role("button", name="Đăng ký").click()
        expect(one.page.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
        assert one.page.url.endswith("/app/#/")
    finally:
        one.close()


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
        one.page.get_by_label("Mã 8 chữ số").fill(code)
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
