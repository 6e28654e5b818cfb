"""A reviewer clears a district of 300 items in a browser: keys, pages loaded, and how soon the next photo is there.

The reviewer acts as a person does: looks a moment at each item, chooses a side where two people edited, asks for a
photo where there is none, and approves the rest; once without acts on many records, once with one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from playwright.sync_api import Page, Request, expect
from sqlalchemy import func, select

from bench import district
from bench.hub import Hub
from bench.lab import Lab
from bench.table import Line, middle, percentile
from server.core.db import reading
from server.models import Record
from support.browsers.browser import Browser
from support.browsers.reviewer import Reviewer

LOOK_MS = 250
"""What a person looks at an item at the least."""
STAMPS = """() => {
    // From each act's key until the next item and its photo have been drawn.
    globalThis.times = [];
    addEventListener("keydown", (event) => {
        const item = () => document.querySelector("article.item");
        const before = item()?.dataset.record;
        const look = () => {
            const now = item();
            const photo = now?.querySelector("a.large img");
            if (now && now.dataset.record !== before && photo?.complete && photo.naturalWidth > 0) {
                requestAnimationFrame(() => setTimeout(() => {
                    globalThis.times.push(performance.now() - event.timeStamp);
                }));
            } else if (now?.dataset.record === before || photo) requestAnimationFrame(look);
        };
        if (event.key === "a" || /^[1-9]$/.test(event.key)) look();
    }, true);
}"""


@dataclass
class Effort:
    """What it took."""

    keys: int = 0
    clicks: int = 0
    loads: int = 0
    times: list[float] = field(default_factory=list)


def run(lab: Lab) -> list[Line]:
    """Both ways, on SQLite."""
    lines: list[Line] = []
    for together, name in ((False, "one by one"), (True, "with acts on many")):
        with lab.hub("sqlite", district.COMMUNES) as hub, Browser() as browser, browser.desk() as context:
            district.fill(hub)
            page = context.new_page()
            Reviewer(page, hub.server.url).sign_in("huyen")
            effort = cleared(hub, page, together=together)
            _check(hub)
        found = (
            ("keys", float(effort.keys), "" if together else "<= 330"),
            ("clicks", float(effort.clicks), ""),
            ("pages loaded", float(effort.loads), "<= 10"),
            ("next photo, ms", middle(effort.times), "<= 100"),
            ("next photo, p95, ms", percentile(effort.times, 0.95), ""),
        )
        lines += [Line("desk", f"300 items {name}: {what}", "", {"sqlite": value}, most) for what, value, most in found]
    return lines


def cleared(hub: Hub, page: Page, *, together: bool) -> Effort:
    """Clear the queue."""
    effort = Effort()
    page.on("request", lambda one: _count_load(effort, one))
    page.goto(f"{hub.server.url}/desk/queue")
    if together:
        page.get_by_role("button", name=re.compile(r"^Duyệt \d+ mục không có cảnh báo")).first.click()
        effort.clicks += 1
        expect(page.get_by_text(re.compile(r"Đã duyệt \d+ mục\."))).to_be_visible()
    page.get_by_role("link", name=re.compile("Duyệt nhanh")).click()
    _walked(page, effort)
    page.get_by_role("link", name=re.compile("Xem tiếp .* chưa đủ ảnh")).click()
    _walked(page, effort)
    return effort


def _walked(page: Page, effort: Effort) -> None:
    """Decide on the items of a list: of those that are ready, then of those whose photos have not come."""
    effort.clicks += 1
    expect(page.get_by_role("button", name="Hoàn tác")).to_be_visible()
    page.evaluate(STAMPS)
    while page.locator("article.item").count():
        _one(page, effort)
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()
    effort.times += page.evaluate("() => globalThis.times")
    expect(page.get_by_role("status").first).not_to_contain_text("đang lưu")


def _count_load(effort: Effort, request: Request) -> None:
    """A form with the page that it leads to is one load."""
    effort.loads += request.is_navigation_request() and request.redirected_from is None


def _one(page: Page, effort: Effort) -> None:
    """Look at the item on the screen and decide on it."""
    page.wait_for_timeout(LOOK_MS)
    item = page.locator("article.item")
    record = item.get_attribute("data-record")
    if item.locator(".card.conflict").count():
        _press(page, effort, "1", "Enter")
        expect(item.locator(".card.conflict")).to_have_count(0)
    if item.locator(".nophoto").count():
        _press(page, effort, "r", "1")
    else:
        _press(page, effort, "a")
    expect(page.locator(f'article.item[data-record="{record}"]')).to_have_count(0)


def _press(page: Page, effort: Effort, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
        effort.keys += 1


def _check(hub: Hub) -> None:
    """Nothing is left, and nothing was approved that should have come back."""
    with hub.world.app.app_context(), reading() as session:
        states = Counter(dict(session.execute(select(Record.state, func.count()).group_by(Record.state)).all()))
    bare = district.COMMUNES * district.BARE
    assert states == {"counted": district.COMMUNES * district.EACH - bare, "returned": bare}, states
