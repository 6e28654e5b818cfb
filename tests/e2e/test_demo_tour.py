"""A stranger follows the demo's tour from the letter to the report: one click a step, no code to type, no dead end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.services.installation import sample
from server.services.installation.sample import SampleTree
from support.browsers.browser import Browser
from support.browsers.widths import fits
from support.world.province import Province

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_each_step_of_the_tour_ends_with_the_next_one(province: Province, browser: Browser) -> None:
    world = province.world
    with world.app.app_context(), writing() as session:
        sample.mark(session, [SampleTree(2021, world.campaign, "xa1", "huyen", "tinh")])
    with browser.desk() as context:
        page = context.new_page()
        page.goto(f"{province.server.url}/")
        page.get_by_role("button", name="Xem công văn").click()
        here = page.locator(".tour [aria-current]")
        expect(here).to_have_text("1 Công văn")
        with context.expect_page() as opened:
            page.locator(".tour .following button").click()
        phone = opened.value
        phone.get_by_role("button", name="Đăng ký").click()
        expect(phone.get_by_role("navigation", name="Ghi việc mới")).to_be_visible()
        phone.get_by_role("link", name="bước 3: duyệt").click()
        expect(phone.locator(".road :target")).to_be_in_viewport()
        expect(phone.get_by_role("button", name="Duyệt kết quả")).to_be_visible()
        phone.close()
        for step, heading in (("3 Duyệt", "Duyệt kết quả"), ("4 Báo cáo", "Báo cáo"), ("1 Công văn", "Ngày toàn dân")):
            page.locator(".tour button", has_text=re.compile(step)).click()
            expect(here).to_have_text(step)
            expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
            fits(page)
        page.get_by_role("link", name="Đổi vai").click()
        expect(page.get_by_role("heading", name="Xem thử với dữ liệu mẫu")).to_be_visible()
