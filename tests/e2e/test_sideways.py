"""No page of the desk can be scrolled sideways, at 360, 768 and 1366 px: with the demo, and with wide figures.

Each person's pages are found along the links: all that somebody signed in comes to, of each level.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from playwright.sync_api import Page, expect

from server.commands import main
from server.core.db import writing
from server.models import Campaign, Meta, Unit
from server.models.installation import DEMO, lock_catalog
from support.browsers.browser import Browser
from support.browsers.desk_pages import crawl, pages
from support.browsers.reviewer import Reviewer
from support.installation.databases import Engine
from support.installation.served import forked
from support.tour.colleagues import LONG, Colleague, commune, judge
from support.world.many import add_communes
from support.world.province import Province

pytestmark = [pytest.mark.slow, pytest.mark.costly, pytest.mark.timeout(1500)]  # some 170 pages, three widths each
WIDTHS = (360, 768, 1366)
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """() => [...document.querySelectorAll("body *")]
  .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .slice(-2).map((one) => `<${one.tagName.toLowerCase()} class="${one.className}">`)"""
LIE_ON_ANOTHER = """() => [...document.querySelectorAll("figure.chart-card")].flatMap((card) => {
  const words = [...card.querySelectorAll(".chart-row > span, svg.chart > text")];
  const boxes = words.map((one) => [one.textContent, one.getBoundingClientRect()]);
  return boxes.flatMap(([said, a], nth) => boxes.slice(nth + 1).filter(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1).map(([other]) => `${said} / ${other}`));
})"""
BRAND = "() => document.querySelector('.brand').getBoundingClientRect().height"
LINE_PX = 60
LEAST_PX = 15
LONG_NAME = "Huyện Nông trường Việt Lâm Bắc Nguyễn Trãi Thượng"
ROLES = 5
"""With the case officer, whose menu is the longest."""
PEOPLE = ("xa1", "huyen", "tinh", "quantri")
NAMES = ["Nông trường Việt Lâm Bắc Nguyễn Trãi Thượng", "Tân Dân số hai"] * 15


def sideways(page: Page) -> list[tuple[int, int, list[str]]]:
    """Each width at which this page can be scrolled sideways, by how much, and by what."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 768})
        if (beyond := page.evaluate(SIDEWAYS)) > 0:
            found.append((width, beyond, page.evaluate(WIDEST)))
        if (high := page.evaluate(BRAND)) > LINE_PX:
            found.append((width, high, ["the name is cut into letters by a long menu"]))
    return found


def looked_at(page: Page, app: Flask, at: str) -> tuple[set[str], dict[str, Any]]:
    """Look at all pages that this person comes to. Returns their endpoints, and what is too wide."""
    met, told = set(), {}
    for address in crawl(page, app, f"{at}/desk/"):
        met.add(app.url_map.bind("").match(urlsplit(address).path)[0])
        if found := sideways(page):
            told[address] = found
    return met, told


@pytest.fixture
def full(province: Province) -> Province:
    """Every state of a record, thirty communes with long names, amounts of six digits, a long campaign."""
    world = province.world
    commune(world)
    add_communes(world, "331", NAMES)
    for kind, fields in (
        ("leaflet", {"form": "leaflet", "document": LONG, "distributed": 20_000, "distributed_on": "2021-07-20"}),
        ("media", {"form": "article", "headline": LONG, "published_on": "2021-07-20", "reach": 1_000_000}),
        ("banner", {"slogan": "s1", "quantity": 50, "length_cm": 50_000, "put_up_on": "2021-07-20", "note": LONG}),
    ):
        for nth in range(9):
            one = Colleague(world, "xa1")
            record = one.phone.create(kind, **fields)
            one.phone.sync()
            if nth % 3:
                judge(world, record, "counted")
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.add(Meta(key=DEMO, value="1"))
        session.get_one(Unit, world.units["12286"]).name = "Xã Nông trường Việt Lâm Bắc Nguyễn Trãi Thượng"
    return province


def test_no_page_is_wider_than_the_screen_with_full_data(full: Province, reviewer: Callable[[str], Reviewer]) -> None:
    """Once what is unseen inside a box that scrolls widened the page of figures by up to 2,822 px."""
    app, met, told = full.world.app, set[str](), dict[str, Any]()
    for username in PEOPLE:
        ends, found = looked_at(reviewer(username).page, app, full.server.url)
        met |= ends
        told |= {f"{username}: {address}": each for address, each in found.items()}
    assert not told
    print(f"{len(met)} of {len(pages(app))} pages")  # noqa: T201
    assert len(met) > 40, sorted(pages(app) - met)


def test_in_a_chart_no_word_lies_on_another_one(full: Province, reviewer: Callable[[str], Reviewer]) -> None:
    """On a phone, where the name of a unit with its amount is longer than a line."""
    with full.world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Unit, full.world.units["331"]).name = LONG_NAME
        session.get_one(Campaign, full.world.campaign).expected = [{"figure": "leaflets", "amount": 250_000}]
    page = reviewer("tinh").page
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{full.server.url}/desk/figures?chart=1&figure=leaflets")
    expect(page.locator("figure.chart-card")).to_have_count(3)
    name = page.locator(".chart-row > span").filter(has_text=LONG_NAME).first
    assert name.evaluate("(one) => one.getClientRects()[0].height") > LINE_PX / 2, "it takes two lines"
    assert page.locator(".chart .plan").count()
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.evaluate(LIE_ON_ANOTHER) == []
    sizes = page.locator(".chart-row span, svg.chart text").evaluate_all(
        "(every) => every.map((one) => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= LEAST_PX


def test_no_page_is_wider_than_the_screen_in_the_demo(
    province: Province, browser: Browser, database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    url, folder = database_engine("sqlite").fresh(), tmp_path / "demo"
    folder.mkdir()
    made = CliRunner(env={"LOA_DATABASE_URL": url, "LOA_DATA_DIR": str(folder)}).invoke(
        main, ("demo", "--communes", "3")
    )
    assert made.exit_code == 0, made.output
    told, met = dict[str, Any](), set[str]()
    with forked(url, folder, LOA_WORKERS="1") as server:
        for nth in range(ROLES):
            with browser.desk() as context:
                page = context.new_page()
                page.goto(f"{server.url}/")
                page.locator(".roles button").nth(nth).click()
                ends, found = looked_at(page, province.world.app, server.url)
                met |= ends
                told |= {f"{nth}: {address}": each for address, each in found.items()}
    assert not told
    assert len(met) > 40, sorted(met)
