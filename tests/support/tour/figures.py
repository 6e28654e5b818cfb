"""Figures, totals, locks, and who is behind."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect

from server.services.airing_log import reading
from support.tour import apart, letters, papers
from support.tour.signing_in import sign_in
from support.world.world import World


def the_figures(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit figures, totals, the campaign, reports and locks."""
    page.goto(f"{at}/desk/figures")
    yield "figures.show/district"
    page.goto(f"{at}/desk/figures?quick=1")
    yield "figures.show/as a text"
    yield from totals(world, page, at)
    page.goto(f"{at}/desk/figures/give")
    page.get_by_text("Báo không phát sinh", exact=True).click()
    yield "giving.show/district, nothing to report"
    yield from apart.stated(page, at)
    yield from apart.compared(page, at)
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/figures")
    yield "figures.show/province"
    page.goto(f"{at}/desk/queue?state=below")
    yield "queue.show/below"
    page.goto(f"{at}/desk/figures?tab=all&reach=every&count=with_waiting")
    yield "figures.show/all of every commune"
    page.locator(".bar summary", has_text="Xem").click()
    page.get_by_role("link", name="Công văn", exact=True).click()
    page.get_by_text("Kết thúc hoặc mở lại đợt này").click()
    yield "letter.show/ending"
    yield from letters.hint_grades(world, page, at)
    yield from letters.from_a_letter(page, at)
    page.goto(f"{at}/desk/report")
    yield "report.show/province"
    yield from papers.documents(world, page, at)
    yield from locked(page, at)
    yield from papers.checklist(page, at)


def progress(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the first page of a province, its plan, the pages of a district, and charts."""
    sign_in(page, at, "tinh")
    yield "start.show/province"
    page.goto(f"{at}/desk/progress?reach=every&order=behind")
    yield "progress.show/every commune"
    sign_in(page, at, "huyen")
    yield from apart.behind(world, page, at)
    sign_in(page, at, "tinh")
    page.goto(f"{at}/desk/figures?chart=1&figure=banners")
    expect(page.locator("figure.chart-card")).to_have_count(3)  # units with their plan, and days
    expect(page.locator(".chart-row .plan")).to_have_count(2)
    yield "figures.show/charts"


def totals(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit totals without evidence, a message to paste, silent units."""
    place = f"unit={world.units['12289']}&campaign={world.campaign}"
    page.goto(f"{at}/desk/totals?{place}")
    yield "totals.show/a commune's"
    page.locator(".paste > summary").click()
    yield "totals.show/a message"
    page.goto(f"{at}/desk/airing-log?{place}")
    yield "airing_log.show/empty"
    sample = FilePayload(name="a.csv", mimeType="text/csv", buffer=reading.scheduler())
    page.get_by_label("Tệp nhật ký").set_input_files(sample)
    page.get_by_role("button", name="Đọc thử").click()
    expect(page.get_by_role("button", name="Ghi các lượt phát đã đánh dấu")).to_be_visible()
    yield "airing_log.show/dry run"
    page.goto(f"{at}/desk/totals/silent?unit={world.units['331']}&campaign={world.campaign}")
    yield "silent.show/district"


def locked(page: Page, at: str) -> Iterator[str]:
    """Visit the page before figures are locked, those that were, and the search for them."""
    page.goto(f"{at}/desk/figures")
    page.locator(".bar summary", has_text="Khóa và lập báo cáo").click()
    page.get_by_role("link", name="Khóa số liệu báo cáo").click()
    yield "locks.show/before"
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    yield "frozen.show/province"
    page.get_by_role("link", name="Xem như bản in").click()
    yield "frozen.read"
    page.go_back()
    page.get_by_role("link", name="Xem quá trình khóa").click()
    yield "locks.show/locked"
    page.get_by_role("link", name="Xem bảng số liệu").click()
    yield "figures.show/locked"
    page.goto(f"{at}/desk/locked?id=7F3K")
    yield "frozen.find/none"
    yield from papers.papers(page, at)
