"""A reviewer clears a list by keys: counted, returned, undone; a refusal comes back; pages loaded are counted."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import update

from server.core.db import writing
from server.models import Campaign
from support.browsers.reviewer import MakeReviewer
from support.jobs.checks import checked
from support.tour.colleagues import Colleague, judge, photo
from support.waiting import until
from support.world.province import Province

pytestmark = pytest.mark.slow
ACTS = 10
"""Eight items, two of them decided again."""
HURRY_MS = 500


def ready(page: Page) -> None:
    """Wait until the script has taken over."""
    expect(page.locator("#undo")).to_be_visible()


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=2).first).to_contain_text(text)


def test_a_list_by_keys(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(1, 9):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    desk = reviewer("huyen")
    page = desk.page
    page.goto(f"{province.server.url}/desk/queue")
    page.get_by_role("link", name="Duyệt nhanh 8 mục").click()
    ready(page)
    title(page, "BR-1")
    loads: list[str] = []
    answered: list[str] = []
    page.on("response", lambda one: answered.append(one.url) if one.url.endswith("/decide") else None)
    page.on("request", lambda one: loads.append(one.url) if one.is_navigation_request() else None)

    page.keyboard.press("a")
    title(page, "BR-2")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")
    page.keyboard.press("r")
    page.keyboard.press("4")
    title(page, "BR-3")
    expect(page.get_by_role("status")).to_contain_text("BR-2: Đã đề nghị bổ sung.")
    page.keyboard.press("x")
    page.keyboard.press("3")
    title(page, "BR-4")
    page.keyboard.press("j")
    title(page, "BR-5")
    page.keyboard.press("k")
    title(page, "BR-4")
    expect(page.locator("#count")).to_have_text("4/8")

    page.keyboard.press("z")  # BR-3
    title(page, "BR-3")
    expect(page.get_by_role("status")).to_contain_text("BR-3: Đã hoàn tác")
    page.keyboard.press("z")  # BR-2
    title(page, "BR-2")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Chờ duyệt")
    page.keyboard.press("a")
    title(page, "BR-3")

    photo_shown = page.locator(".item .large img")
    expect(photo_shown).to_be_visible()
    assert photo_shown.evaluate("(img) => img.complete && img.naturalWidth > 0")
    page.keyboard.press("t")
    expect(page.locator(".item .large")).to_have_class("large turn-1")

    for _ in range(6):
        page.keyboard.press("a")
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()
    assert loads == []
    until(lambda: len(answered) >= ACTS, page)  # they come in any order
    expect(page.get_by_text("Trong lượt này: duyệt 8, đề nghị bổ sung 0, không tính 0, bỏ qua 0.")).to_be_visible()
    expect(page.get_by_role("link", name="Xem số liệu")).to_be_visible()
    desk.queue("counted")
    assert page.locator("a.record").count() == 8


@pytest.mark.costly
def test_what_was_decided_before_is_in_force_again(province: Province, reviewer: MakeReviewer) -> None:
    """SPEC D-14. An act that said what was said already is no step of its own."""
    commune = Colleague(province.world, "xa1")
    made = [commune.banner(photo(f"fast {number}"), quantity=number) for number in range(1, 5)]
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    judge(province.world, made[0], "counted", by="tinh")
    page.keyboard.press("a")
    title(page, "BR-2")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")
    page.keyboard.press("k")
    title(page, "BR-1")
    page.keyboard.press("a")
    title(page, "BR-2")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã hoàn tác, quyết định trước đó lại có hiệu lực")
    title(page, "BR-1")
    page.keyboard.press("z")
    expect(page.get_by_role("status")).to_contain_text("Không còn thao tác nào để hoàn tác")


@pytest.mark.costly
def test_undone_in_a_hurry_the_first_of_them_is_shown(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(1, 6):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    for number in range(1, 4):
        page.keyboard.press("a")
        title(page, f"BR-{number + 1}")
    expect(page.get_by_role("status")).to_contain_text("BR-3: Đã duyệt.")
    undone: list[Route] = []

    def hold_the_first(route: Route) -> None:
        undone.append(route)
        if len(undone) > 1:
            route.continue_()

    page.route("**/undo", hold_the_first)
    for _ in range(3):
        page.keyboard.press("z")
    page.wait_for_timeout(HURRY_MS)  # in which the others would overtake it
    undone[0].continue_()
    until(lambda: len(undone) == 3, page)
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã hoàn tác")
    page.wait_for_load_state("networkidle")
    title(page, "BR-1")
    expect(page.locator("#count")).to_have_text("1/5")


@pytest.mark.costly
def test_a_key_held_down_decides_one_item(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(1, 5):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    posts: list[str] = []
    page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    for _ in range(4):
        page.keyboard.down("a")
    page.keyboard.up("a")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")
    title(page, "BR-2")
    assert len(posts) == 1


@pytest.mark.costly
def test_after_a_lost_line_the_list_goes_on_where_it_was(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(1, 6):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    page = reviewer("huyen").page
    page.route("**/review/items**", lambda route: route.abort())
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    page.keyboard.press("j")
    expect(page.get_by_role("status")).to_contain_text("Không lưu được")
    title(page, "BR-1")
    page.unroute_all(behavior="wait")
    for number in range(2, 6):
        page.keyboard.press("j")
        title(page, f"BR-{number}")
    page.keyboard.press("j")
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()


@pytest.mark.costly
def test_a_refusal_comes_back_as_the_next_item(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(1, 5):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    title(page, "BR-1")
    page.route("**/decide", lambda route: route.abort(), times=1)
    page.keyboard.press("a")
    title(page, "BR-2")
    expect(page.get_by_role("status")).to_have_text(
        "Chính Nghĩa BR-1: Không lưu được, có thể do mất mạng. Mục này sẽ hiện lại ngay sau mục đang xem."
    )
    page.keyboard.press("a")
    title(page, "BR-1")
    expect(page.locator(".refused")).to_contain_text("Không lưu được")
    expect(page.get_by_role("status")).to_contain_text("BR-2: Đã duyệt.")  # the last answer is the one that is shown
    page.keyboard.press("a")
    title(page, "BR-3")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")


@pytest.mark.costly
def test_typing_is_no_key(province: Province, reviewer: MakeReviewer) -> None:
    commune = Colleague(province.world, "xa1")
    for number in (1, 2):
        commune.banner(photo(f"fast {number}"), quantity=number)
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    sent: list[Request] = []
    page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    page.keyboard.press("r")
    page.locator(".reasons[open]").get_by_text("Lý do khác").click()
    page.locator(".reasons[open]").get_by_role("textbox", name="Lý do khác").fill("")
    page.keyboard.type("ảnh lạ zxa 1")
    page.locator(".reasons[open]").get_by_role("checkbox", name="Số lượng").focus()
    page.keyboard.press("Enter")
    assert sent == []
    page.keyboard.press("Escape")
    title(page, "BR-1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("a")
    title(page, "BR-1")


@pytest.mark.costly
def test_many_at_once_a_conflict_by_keys_and_photos_turned(province: Province, reviewer: MakeReviewer) -> None:
    """Approve what has no warning, take it back, do it again; settle what is left by keys."""
    with province.world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))
    one, two = Colleague(province.world, "xa1"), Colleague(province.world, "xa2")
    made = [one.banner(photo(f"many {number}"), quantity=number, put_up_on="2021-07-05") for number in range(1, 5)]
    two.phone.sync()
    for each, quantity in ((one, 7), (two, 8)):
        each.phone.edit(made[3], quantity=quantity)
        each.phone.sync()
    checked(province.world)
    desk = reviewer("huyen")
    page = desk.page
    desk.queue()
    page.get_by_role("button", name="Duyệt tất cả 3 mục của bộ lọc này").click()
    expect(page.get_by_text("Đã duyệt 3 mục.")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác cả lần này").click()
    expect(page.get_by_text("Đã hoàn tác 3 mục.")).to_be_visible()
    page.get_by_role("button", name="Duyệt tất cả 3 mục của bộ lọc này").click()
    page.get_by_role("link", name="Duyệt nhanh 1 mục").click()
    ready(page)
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.locator(".card.conflict")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("BR-4: Đã duyệt.")
    page.goto(f"{desk.url}/desk/records/{made[0]}")
    photo_shown = page.locator(".photos figure a:has(img)")
    expect(page.locator(".photo-keys")).to_be_visible()  # the script has taken over
    page.keyboard.press("f")
    page.keyboard.press("t")
    expect(photo_shown).to_have_class("zoomed turn-1")
    page.get_by_role("button", name="Xoay").click()
    photo_shown.click()
    expect(photo_shown).to_have_class("turn-2")


@pytest.mark.costly
def test_a_record_deleted_and_edited_is_kept_or_deleted_by_keys(province: Province, reviewer: MakeReviewer) -> None:
    one, two = Colleague(province.world, "xa1"), Colleague(province.world, "xa2")
    made = [one.banner(photo(f"both {number}"), quantity=number) for number in (1, 2)]
    two.phone.sync()
    for record in made:
        one.phone.delete(record)
        two.phone.edit(record, quantity=9)
    one.phone.sync()
    two.phone.sync()
    checked(province.world)
    page = reviewer("huyen").page
    page.goto(f"{province.server.url}/desk/review")
    ready(page)
    conflict = page.locator(".card.conflict")
    expect(conflict.get_by_role("button", name="Giữ bản ghi 1")).to_be_visible()
    page.keyboard.press("1")
    expect(conflict).to_have_count(0)
    page.keyboard.press("a")
    title(page, "BR-2")
    expect(conflict.get_by_role("button", name="Xóa bản ghi 2")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Đã xóa")
    expect(page.get_by_role("status")).to_contain_text("BR-1: Đã duyệt.")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Enter")


def test_what_an_item_adds_is_of_now(province: Province, reviewer: MakeReviewer) -> None:
    """Four airings of one script: once one is counted, the others add no script, whatever was loaded before."""
    commune = Colleague(province.world, "xa1")
    lines = {}
    for day in range(1, 5):
        told = {"programme": "own", "script": "Tin số 1", "minutes": 5, "standing": True}
        schedule = {"from": f"2021-07-0{day}", "to": f"2021-07-0{day}", "times_a_day": 1}
        aired = {f"aired/2021070{day}": day}
        record = commune.phone.create("broadcast", **told, schedule=schedule, **aired)
        lines[record] = f"Nếu duyệt, số liệu thay đổi: Lượt phát +{day} lượt · Thời lượng phát +{day * 5} phút"
    commune.phone.sync()
    checked(province.world)
    desk = reviewer("huyen")
    page = desk.page
    page.goto(f"{province.server.url}/desk/queue")
    page.get_by_role("link", name="Duyệt nhanh 4 mục").click()
    ready(page)
    until(lambda: page.evaluate("order.length === 4"), page)
    order = page.evaluate("order")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url) if "line=" in one.url else None)

    def adds(nth: int, more: str = "") -> None:
        expect(page.locator("article.item")).to_have_attribute("data-record", order[nth])
        line = page.locator(".item .adds")
        expect(line).to_have_text(lines[order[nth]] + more)
        expect(line).to_be_visible()

    script = " · Tin, bài phát thanh +1 tin, bài"
    adds(0, script)
    page.keyboard.press("a")
    adds(1)
    assert asked == [], "it came with the answer to the act"
    page.keyboard.press("j")
    adds(2)
    assert len(asked) == 1, "it was loaded before the act"
    page.keyboard.press("z")
    adds(0, script)
    page.keyboard.press("j")
    adds(1, script)
    page.keyboard.press("k")
    for _ in range(3):
        page.keyboard.press("a")
    adds(3)
