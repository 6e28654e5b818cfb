"""The desk's menu: a line on a wide screen; on a narrow one it opens from a button, without a script."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from support.browsers.browser import Browser
from support.browsers.legible import axe
from support.browsers.reviewer import MakeReviewer
from support.tour.signing_in import sign_in
from support.world.province import Province

pytestmark = pytest.mark.slow
THUMB_PX = 56
NARROW, WIDE = {"width": 360, "height": 640}, {"width": 1366, "height": 768}


@pytest.mark.costly
def test_it_opens_by_hand_and_by_keys(province: Province, reviewer: MakeReviewer) -> None:
    page = reviewer("tinh").page
    page.goto(f"{province.server.url}/desk/queue")
    menu = page.get_by_role("navigation", name="Danh mục chính")
    opener = page.get_by_role("button", name="Menu", exact=True)
    expect(menu).to_be_visible()
    expect(opener).to_be_hidden()

    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    expect(menu).to_be_hidden()
    head = page.locator("header.top").bounding_box()
    assert head is not None
    assert head["height"] < 640 / 4, "the page itself has most of the screen"
    opener.focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Số liệu")).to_be_visible()
    assert not axe(page)
    for target in [opener, *menu.locator(":scope > *").filter(visible=True).all()]:
        box = target.bounding_box()
        assert box is not None
        assert box["height"] >= THUMB_PX
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    menu.get_by_role("button", name="Đóng menu").click()
    expect(menu).to_be_hidden()


@pytest.mark.costly
def test_it_needs_no_script(province: Province, browser: Browser) -> None:
    with browser.desk(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, province.server.url, "tinh")
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        page.get_by_role("button", name="Menu", exact=True).click()
        page.get_by_role("navigation", name="Danh mục chính").get_by_role("link", name="Số liệu").click()
        page.wait_for_url("**/desk/figures*")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        expect(page.get_by_role("navigation", name="Danh mục chính")).to_be_visible()
