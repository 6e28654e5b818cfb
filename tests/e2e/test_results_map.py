"""The search box leads to a record; the map draws the records of a filter, comes nearer, and opens one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.legible import faults
from support.browsers.reviewer import Reviewer
from support.jobs.checks import checked
from support.tour.colleagues import Colleague, photo
from support.world.province import Province

pytestmark = pytest.mark.slow
MOUSE_PX = 24


def at(lat: float) -> dict[str, int]:
    return {"lat_e6": int(lat * 1e6), "lon_e6": 106_050_000, "accuracy_m": 5}


@pytest.mark.costly
def test_searched_and_seen_on_the_map(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    commune = Colleague(province.world, "xa1")
    for number, place in enumerate((at(20.65), at(20.651), at(20.71))):
        commune.banner(photo(f"map {number}"), quantity=number + 1, place=place)
    page = reviewer("huyen").page
    page.get_by_role("searchbox").fill("br-2 chinh nghia")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chính Nghĩa BR-2")
    page.get_by_role("searchbox").fill("chính nghĩa")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 kết quả")).to_be_visible()
    page.get_by_role("link", name="Bản đồ").click()
    expect(page.locator("#map .pin")).to_have_count(1)
    expect(page.locator("#map .pins")).to_have_text("2")
    expect(page.locator("#map .unit-name")).to_have_text("Chính Nghĩa")
    assert faults(page, MOUSE_PX) == []
    page.get_by_role("button", name="2 kết quả ở đây").press("Enter")
    for _ in range(4):
        # A step more than it takes, and the pins are outside of the map.
        page.wait_for_timeout(400)
        expect(page.locator("#map .leaflet-zoom-anim")).to_have_count(0)
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 100)))")
        if not page.locator("#map .pins").count():
            break
        page.get_by_role("button", name="Phóng to", exact=True).click()
    page.get_by_role("button", name="Chính Nghĩa BR-1").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chính Nghĩa BR-1")
    page.get_by_role("link", name="Về danh sách").click()
    expect(page.locator("#map")).to_be_visible()
    checked(province.world)
    page.goto(f"{province.server.url}/desk/review")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Các kết quả xung quanh").click()
    around = opened.value
    expect(around.locator("#map-says")).to_have_text("Kết quả được khoanh tròn: Chính Nghĩa BR-1.")
    expect(around.locator("#map .here")).to_have_count(1)
