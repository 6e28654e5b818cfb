"""Units typed at the desk, in a browser: suggestions by mouse and keys, and all of it without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from server.services.units.unit_search import FEW
from support.browsers.browser import Browser
from support.browsers.reviewer import Reviewer
from support.tour.signing_in import sign_in
from support.world.many import add_communes
from support.world.province import Province

CHOSEN = re.compile(r"[?&]unit=")


@pytest.fixture
def country(province: Province) -> Province:
    """More communes than are offered as options."""
    add_communes(province.world, "331", ["An Bình", *(f"Đông {number:03}" for number in range(FEW))])
    add_communes(province.world, "333", ["An Bình"])
    return province


def opened(page: Page) -> None:
    """The filter of the list, which is folded away until it is used."""
    page.get_by_role("link", name="Duyệt kết quả").click()
    page.locator("summary", has_text="Lọc").click()


def suggestions(page: Page) -> Locator:
    """What is offered now."""
    return page.get_by_role("listbox").get_by_role("option")


@pytest.mark.usefixtures("country")
@pytest.mark.costly
def test_suggestions_come_while_somebody_types(reviewer: Callable[[str], Reviewer]) -> None:
    page = reviewer("tinh").page
    opened(page)
    field = page.get_by_role("combobox", name="Đơn vị", exact=True)
    field.press_sequentially("an binh")
    expect(suggestions(page)).to_have_text(["Xã An Bình, Huyện Kim Động", "Xã An Bình, Huyện Phù Cừ"])
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_have_text("Xã An Bình, Huyện Phù Cừ")
    field.press("Enter")
    expect(field).to_have_value("Xã An Bình, Huyện Phù Cừ")
    expect(suggestions(page)).to_have_count(0)
    field.press("Enter")
    page.wait_for_url(CHOSEN)
    page.locator("summary", has_text="Lọc").click()
    expect(field).to_have_value("Xã An Bình, Huyện Phù Cừ")
    field.fill("dong 007")
    suggestions(page).filter(has_text="Xã Đông 007").click()
    expect(field).to_have_value("Xã Đông 007, Huyện Kim Động")
    field.press_sequentially(" ")
    expect(suggestions(page)).to_have_count(1)
    field.press("Escape")
    expect(suggestions(page)).to_have_count(0)


@pytest.mark.costly
def test_without_javascript_the_text_is_sent(country: Province, browser: Browser) -> None:
    with browser.desk(java_script_enabled=False) as context:
        page = context.new_page()
        sign_in(page, country.server.url, "tinh")
        opened(page)
        field = page.get_by_label("Đơn vị", exact=True)
        field.fill("an binh")
        page.get_by_role("button", name="Lọc", exact=True).click()
        page.get_by_role("link", name="Xã An Bình, Huyện Phù Cừ").click()
        page.wait_for_url(CHOSEN)
        page.locator("summary", has_text="Lọc").click()
        expect(field).to_have_value("Xã An Bình, Huyện Phù Cừ")
        field.fill("dong 007")
        page.get_by_role("button", name="Lọc", exact=True).click()
        page.wait_for_load_state()
        page.locator("summary", has_text="Lọc").click()
        expect(field).to_have_value("Xã Đông 007, Huyện Kim Động")
