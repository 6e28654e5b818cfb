"""The reviewer's pages: queue, records, results, fast review, hints."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from support.jobs import inline
from support.tour import figures, taken_along
from support.tour.colleagues import Colleague, commune, photo
from support.tour.signing_in import sign_in
from support.world.world import World


def the_day(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit queue, records, forms, figures."""
    sign_in(page, at, "huyen")
    yield "start.show/district"
    records = commune(world)
    for state in ("todo", "all", "conflict"):
        page.goto(f"{at}/desk/queue?state={state}")
        yield f"queue.show/{state}"
    yield from results(page, at)
    yield from fast_review(page, at, records)
    yield from hinted(world, page, at, records["waiting"])
    for name, record in records.items():
        page.goto(f"{at}/desk/records/{record}")
        yield f"records.show/{name}"
    page.goto(f"{at}/desk/records/{records['waiting']}")
    page.get_by_role("button", name="Không tính", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "records.show/reason missing"
    page.goto(f"{at}/desk/records/{'x' * 16}")
    yield "records.show/none such"
    page.goto(f"{at}/desk/records/{records['waiting']}/edit")
    yield "edits.edit/as it is"
    yield from taken_along.visited(page, at, records["waiting"])
    page.goto(f"{at}/desk/records/new")
    yield "edits.new/choose"
    page.get_by_role("button", name="Băng rôn").click()
    yield "edits.new/form"
    yield from figures.the_figures(world, page, at)


def results(page: Page, at: str) -> Iterator[str]:
    """Visit the results in each view, a search that finds nothing, and a filter that is not understood."""
    for view in ("gallery", "list", "table", "map"):
        page.goto(f"{at}/desk/results?view={view}&kind=banner")
        if view == "map":
            expect(page.locator("#map-says")).not_to_be_empty()
        yield f"results.show/{view}"
    page.goto(f"{at}/desk/results?kind=banner&answer=open")
    page.get_by_role("link", name="Ghi Có hoặc Không cho").click()
    yield "results.show/one answer for all"
    page.get_by_role("searchbox", name="Tìm theo số, đơn vị, khẩu hiệu, nội dung").fill("không có từ này")
    page.get_by_role("button", name="Tìm", exact=True).click()
    yield "results.show/nothing found"
    page.goto(f"{at}/desk/results?kind=bogus&since=2026-13-45")
    yield "results.show/not understood"


def fast_review(page: Page, at: str, records: dict[str, str]) -> Iterator[str]:
    """Visit items of the fast review, its ready reasons, its keys, and its end."""
    for name in ("waiting", "amended", "conflict", "not_counted"):
        page.goto(f"{at}/desk/review?at={records[name]}")
        expect(page.get_by_role("button", name="Hoàn tác")).to_be_visible()
        yield f"fast.show/{name}"
    page.goto(f"{at}/desk/review?at={records['waiting']}")
    page.get_by_role("button", name="Hoàn tác").wait_for()
    page.keyboard.press("?")
    yield "fast.show/keys"
    page.goto(f"{at}/desk/review?state=draft")
    yield "fast.show/nothing"


def hinted(world: World, page: Page, at: str, record: str) -> Iterator[str]:
    """Visit a record whose photo another one has, both side by side, the list of such ones, the grades of hints."""
    other = Colleague(world, "xa1").banner(photo("waiting"), quantity=7, put_up_on="2020-01-02")
    for kind in ("likeness.compare", "hints.refresh"):
        inline.done(world, kind)
    page.goto(f"{at}/desk/records/{other}")
    yield "records.show/hints"
    page.goto(f"{at}/desk/review?at={other}")
    yield "fast.show/hints"
    page.goto(f"{at}/desk/records/{other}/alike/{record}")
    yield "alike.show/two"
    page.goto(f"{at}/desk/queue?state=all&hint=photo_same")
    yield "queue.show/hint"
