"""The frame of a list: how far down its first row begins, how many rows the first screen shows.

With the band of the demo, as a district's or a province's desk shows it at 1366 x 768.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from server.core.db import writing
from server.models import Meta
from server.models.installation import DEMO
from server.services.access.devices import add_device
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import Colleague
from support.world.changes import add_communes
from support.world.many import add_people
from support.world.province import Province

pytestmark = pytest.mark.slow
WIDE = {"width": 1366, "height": 768}
HEAD_PX, FIRST_PX = 96, 260
ON_START_PX = 390
"""There the steps of the work and what waits stand above the units."""
COMMUNES = 20
LISTS = (
    ("huyen", "/desk/queue", ".record", 8),
    ("huyen", "/desk/results", ".gallery > li", 10),
    ("huyen", "/desk/results?view=list", ".records > li", 6),
    ("huyen", "/desk/results?view=table", "main tbody tr", 6),
    ("huyen", "/desk/", "main tbody tr", 12),
    ("tinh", "/desk/figures?reach=every&tab=all", "table.figures tbody tr", 14),
    ("tinh", "/desk/board?who=all", ".rows > li", 14),
    ("tinh", "/desk/progress?reach=every", "table.plan tbody tr", 14),
    ("tinh", "/desk/totals/silent", ".rows > li", 14),
    ("quantri", "/desk/people", ".rows > li", 14),
    ("quantri", "/desk/audit", ".rows > li", 14),
    ("quantri", "/desk/devices", "table tbody tr", 14),
)
"""Who looks, at which list, what a row of it is, and how many the first screen has at least."""
MEASURE = """(row) => {
  const bar = document.querySelector(".act-bar");
  const bottom = bar ? bar.getBoundingClientRect().top : innerHeight;
  const rows = [...document.querySelectorAll(row)].map((one) => one.getBoundingClientRect());
  const head = document.querySelector("header.top").getBoundingClientRect();
  const all = rows.length;
  const tall = Math.max(...rows.map((one) => one.height));
  const shown = rows.filter((one) => one.bottom <= bottom + 1).length;
  return { head: head.bottom, first: rows[0].top, all, shown, tall, bottom };
}"""


@pytest.fixture
def full(province: Province) -> Province:
    """A demo whose lists are longer than a screen."""
    add_communes(province.world, "331", COMMUNES)
    people = add_people(province.world, province.world.units["12286"], [f"Cán bộ {nth}" for nth in range(COMMUNES)])
    for nth in range(12):
        Colleague(province.world, "xa1").banner(quantity=1 + nth % 3)
    with province.world.app.app_context(), writing() as session:
        for each in people:
            add_device(session, each, "Máy của xã")
        session.add(Meta(key=DEMO, value="1"))
    return province


@pytest.mark.costly
def test_lists_begin_high_and_show_much(full: Province, reviewer: Callable[[str], Reviewer]) -> None:
    told: dict[str, object] = {}
    pages: dict[str, Page] = {}
    for username, path, row, least in LISTS:
        if username not in pages:
            pages[username] = reviewer(username).page
        page = pages[username]
        if username == "quantri" and "audit" in path:
            for _ in range(14):
                page.goto(f"{full.server.url}/desk/people")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(f"{full.server.url}{path}")
        expect(page.locator("aside.sample")).to_be_visible()
        seen = page.evaluate(MEASURE, row)
        assert seen["all"] >= least, f"{path}: the list is too short to measure"
        first = ON_START_PX if path == "/desk/" else FIRST_PX
        if seen["head"] > HEAD_PX or seen["first"] > first or seen["shown"] < least:
            told[path] = seen
    assert told == {}, json.dumps(told)


@pytest.mark.costly
def test_a_filter_opens_within_the_screen(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    page = reviewer("huyen").page
    for width, height in ((1366, 768), (768, 900), (360, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for path in ("/desk/queue", "/desk/results?state=waiting"):
            page.goto(f"{province.server.url}{path}")
            page.locator("details.panel-like > summary", has_text="Lọc").click()
            box = page.locator("details.panel-like[open] > .drop-list").bounding_box()
            assert box
            assert box["x"] >= 0, (path, width)
            assert box["x"] + box["width"] <= width, (path, width)
