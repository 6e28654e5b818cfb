"""The desk's keys: to the search, to a page, along the rows of a list; they are listed, and can be switched off."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browsers.legible import axe, dark
from support.browsers.reviewer import Reviewer
from support.jobs.checks import checked
from support.tour.colleagues import Colleague
from support.world.approving import leaflet
from support.world.province import Province

pytestmark = [pytest.mark.slow, pytest.mark.costly]
SEARCH = "Tìm theo số, đơn vị, khẩu hiệu, nội dung"


@pytest.fixture
def page(province: Province, reviewer: Callable[[str], Reviewer]) -> Page:
    """The queue with three items, as a district sees it."""
    one = Colleague(province.world, "xa1")
    for quantity in (1, 2, 3):
        one.banner(quantity=quantity)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/queue")
    return page


def test_letters_lead_to_search_and_pages(page: Page) -> None:
    page.keyboard.press("/")
    search = page.get_by_role("searchbox", name=SEARCH)
    expect(search).to_be_focused()
    page.keyboard.type("g s?/")
    expect(search).to_have_value("g s?/")
    expect(page).to_have_url(re.compile("/desk/queue$"))
    search.blur()
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Số liệu")
    page.wait_for_load_state()  # keys are listened to once its scripts ran
    page.keyboard.press("s")
    page.keyboard.press("g")
    page.keyboard.press("k")
    expect(page).to_have_url(re.compile("/desk/queue$"))


def test_arrows_go_along_the_rows(page: Page) -> None:
    rows = page.locator("a.record")
    expect(rows).to_have_count(3)
    for key, focused in (("ArrowDown", 0), ("ArrowDown", 1), ("ArrowDown", 2), ("ArrowDown", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        expect(rows.nth(focused)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Quyết định", exact=True)).to_be_visible()


def test_they_are_listed_and_can_be_switched_off(page: Page) -> None:
    page.keyboard.press("?")
    shown = page.get_by_role("dialog", name="Các phím tắt")
    expect(shown).to_be_visible()
    assert not axe(page)
    assert not dark(page)
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(shown).to_be_visible()
    shown.get_by_label("Dùng phím tắt một chữ trên máy này").uncheck()
    shown.get_by_role("button", name="Đóng").click()
    expect(shown).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=SEARCH)).not_to_be_focused()
    page.keyboard.press("?")
    expect(shown).to_be_hidden()
    page.locator(".who > summary").click()
    page.get_by_role("button", name="Các phím tắt").click()
    shown.get_by_label("Dùng phím tắt một chữ trên máy này").check()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name=SEARCH)).to_be_focused()


def test_rows_are_ticked_and_approved_together(province: Province, page: Page) -> None:
    one = Colleague(province.world, "xa1")
    for _ in range(3):
        leaflet(one.phone)
    one.phone.sync()
    checked(province.world)
    page.reload()
    bar = page.get_by_role("region", name="Duyệt nhiều mục một lần")
    go = bar.get_by_role("button", name="Duyệt các mục đã chọn")
    whole = bar.get_by_role("button", name=re.compile("Duyệt tất cả"))
    expect(whole).to_be_visible()
    expect(go).to_be_hidden()
    rows = page.locator("a.record").filter(has=page.locator("xpath=../label"))
    count = rows.count()
    assert count >= 3
    rows.first.focus()
    page.keyboard.press("x")
    expect(bar).to_contain_text("Đã chọn 1")
    expect(whole).to_be_hidden()
    bar.get_by_label("Chọn cả trang").check()
    expect(bar).to_contain_text(f"Đã chọn {count}")
    assert not axe(page)
    bar.get_by_role("button", name="Bỏ chọn").click()
    expect(go).to_be_hidden()
    for nth in (0, 1):
        rows.nth(nth).focus()
        page.keyboard.press("x")
    go.click()
    expect(page.get_by_text("Đã duyệt 2 mục.")).to_be_visible()
    expect(rows).to_have_count(count - 2)
