"""How a phone comes in: by a code, typed or brought by a card's picture, which nothing but the button uses up."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from support.browser import Browser
from support.officer import Officer
from support.province import Province

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
