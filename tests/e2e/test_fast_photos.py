"""All photos of an item, what they are, their keys and the facts are on the screen at 1366 x 768, also with hints."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from support.browsers.reviewer import Reviewer
from support.clients.client import Shot
from support.jobs.checks import checked
from support.likeness.honest import honest
from support.likeness.reuse import REUSE
from support.likeness.shots import shot
from support.tour.colleagues import Colleague, judge, photo
from support.world.province import Province

pytestmark = pytest.mark.slow
PHOTOS = 10
"""As many as a banner may have."""


def sent(commune: Colleague, shots: list[Shot]) -> str:
    """Push a banner with photos of the gallery. Returns the record's id."""
    registers: dict[str, Any] = {}
    for each in shots:
        registers |= {key: {**value, "source": "gallery"} for key, value in each.register.items()}
    record = commune.phone.create(slogan="s1", quantity=1, **registers)
    commune.phone.sync()
    for each in shots:
        for sha256, data in ((each.thumb_sha256, each.thumb), (each.sha256, each.data)):
            assert commune.client.create_upload(sha256, len(data), data).status_code == 201
    return record


def bottom(part: Locator) -> float:
    box = part.bounding_box()
    assert box is not None
    return box["y"] + box["height"]


def fast(province: Province, reviewer: Callable[[str], Reviewer], record: str) -> Page:
    """The fast review at a record, after the checks, on the screen of most offices."""
    checked(province.world)
    page = reviewer("huyen").page
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{province.server.url}/desk/review?at={record}")
    expect(page.locator("#undo")).to_be_visible()
    return page


@pytest.mark.costly
def test_photos_and_facts_are_above_the_bar(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    commune = Colleague(province.world, "xa1")
    shots = [photo(f"strip {number}") for number in range(PHOTOS)]
    sent(commune, shots[:1])
    record = sent(commune, shots)
    page = fast(province, reviewer, record)
    assert page.locator(".hints li").count() >= 3

    bar = page.locator("form.bar").bounding_box()
    assert bar is not None
    strip = page.locator(".strip a")
    expect(strip).to_have_count(PHOTOS)
    assert max(bottom(each) for each in strip.all()) <= bar["y"]
    assert bottom(page.locator(".facts .fields > div").first) <= bar["y"]
    assert page.evaluate("scrollY") == 0

    large, number = page.locator(".item .large"), page.locator(".photo-number")
    expect(number).to_have_text(f"Ảnh 1/{PHOTOS}")
    page.keyboard.press("n")
    expect(number).to_have_text(f"Ảnh 2/{PHOTOS}")
    expect(strip.nth(1)).to_have_attribute("aria-current", "true")
    second = re.escape(strip.nth(1).get_attribute("href") or "?")
    expect(large).to_have_attribute("href", re.compile(f"{second}$"))
    for _ in range(PHOTOS - 1):
        page.get_by_role("button", name="Ảnh sau N").click()
    expect(number).to_have_text(f"Ảnh 1/{PHOTOS}")
    page.get_by_role("button", name="Xoay T").click()
    expect(large).to_have_class("large turn-1")
    page.get_by_role("button", name="Phóng to F").click()
    expect(large).to_have_class("large turn-1 zoomed")


@pytest.mark.costly
def test_facts_stay_above_the_bar_with_a_conflict_and_hints(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    one, two = Colleague(province.world, "xa1"), Colleague(province.world, "xa2")
    shots = [photo("conflict 1"), photo("conflict 2")]
    sent(two, shots[:1])
    record = sent(one, shots)
    two.phone.sync()
    for each, quantity in ((one, 7), (two, 8)):
        each.phone.edit(record, quantity=quantity)
        each.phone.sync()
    page = fast(province, reviewer, record)
    expect(page.locator(".card.conflict")).to_have_count(1)
    assert page.locator(".hints li").count() >= 2
    bar = page.locator("form.bar").bounding_box()
    assert bar is not None
    assert bottom(page.locator(".facts .fields > div").first) <= bar["y"]
    assert max(bottom(each) for each in page.locator(".strip a").all()) <= bar["y"]


@pytest.mark.costly
def test_a_key_sets_the_like_photo_beside_it(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    """The screenshot of a chat, mirrored: its photo lies as the original, on one screen, and no key decides there."""
    original = honest(1)
    reused = REUSE["mirrored in a chat"](original, np.random.default_rng(4))
    first = sent(Colleague(province.world, "xa1"), [shot(original)])
    record = sent(Colleague(province.world, "nhanla", "12289"), [shot(reused)])
    page = fast(province, reviewer, record)
    page.keyboard.press("c")
    pair = page.locator("#beside .two-photos img")
    expect(pair).to_have_count(2)
    expect(pair.first).to_have_attribute("src", f"/desk/records/{record}/alike/{first}/photo")
    for each in pair.all():
        expect(each).to_have_js_property("complete", value=True)
        assert each.evaluate("(image) => image.naturalWidth") > 0
    assert max(bottom(each) for each in pair.all()) <= 768
    page.keyboard.press("a")
    expect(page.locator("#beside")).to_be_visible()
    page.keyboard.press("c")
    expect(page.locator("#beside")).to_be_hidden()
    expect(page.locator("article.item")).to_have_attribute("data-record", record)
    page.get_by_role("link", name="Đặt cạnh").first.click()
    expect(page.locator("#beside")).to_be_visible()
    expect(page.get_by_role("button", name="Cặp tiếp theo")).to_be_hidden()
    expect(page.get_by_role("button", name="Đóng Esc")).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(page.locator("#beside")).to_be_hidden()


@pytest.mark.costly
def test_each_of_several_like_photos_is_shown_as_it_is_named(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    original = honest(1)
    others = [sent(Colleague(province.world, "xa1"), [shot(original)]) for _ in range(2)]
    turned = shot(REUSE["mirrored"](original, np.random.default_rng(4)))
    page = fast(province, reviewer, sent(Colleague(province.world, "nhanla", "12289"), [turned]))
    links = page.locator("a[data-pair]")
    expect(links).to_have_count(len(others))
    addresses = [str(each.get_attribute("href")) for each in links.all()]
    beside = page.locator("#beside")
    for nth in (1, 0):
        links.nth(nth).click()
        expect(beside.get_by_role("heading", name=f"Hai ảnh giống nhau {nth + 1}/2")).to_be_visible()
        expect(beside.locator(f"img[src^='{addresses[nth]}']")).to_be_visible()
        if nth:
            page.keyboard.press("Escape")
    beside.get_by_role("button", name="Cặp tiếp theo").click()
    expect(beside.get_by_role("heading", name="Hai ảnh giống nhau 2/2")).to_be_visible()
    page.keyboard.press("c")
    expect(beside).to_be_hidden()


def test_approved_ones_that_were_reused_are_looked_at_again_by_keys(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    """From home: kept, returned, not counted and withdrawn by one key each, undone by one; the pair lies alike."""
    originals = [honest(nth) for nth in range(1, 5)]
    made = [sent(Colleague(province.world, "xa1"), [shot(each)]) for each in originals]
    checked(province.world)
    for record in made:
        judge(province.world, record, "counted")
    reused = [shot(REUSE["mirrored in a chat"](each, np.random.default_rng(4))) for each in originals]
    copies = [sent(Colleague(province.world, "nhanla", "12289"), [each]) for each in reused]
    checked(province.world)
    page = reviewer("huyen").page
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{province.server.url}/desk/")
    page.get_by_role("link", name="4 đã duyệt, cần xem lại").click()
    page.get_by_role("link", name="Duyệt nhanh 4 mục").click()
    expect(page.locator("#undo")).to_be_visible()
    item = page.locator("article.item")
    expect(item).to_have_attribute("data-record", made[0])
    bar = page.locator("form.bar").bounding_box()
    assert bar is not None
    assert bottom(page.locator(".facts .hints li").first) <= bar["y"]
    assert bottom(page.locator(".facts .fields > div").first) <= bar["y"]

    page.keyboard.press("c")
    pair = page.locator("#beside .two-photos img")
    expect(pair).to_have_count(2)
    expect(pair.last).to_have_attribute("src", f"/desk/records/{made[0]}/alike/{copies[0]}/photo")
    page.keyboard.press("Escape")
    loads: list[str] = []
    page.on("request", lambda one: loads.append(one.url) if one.is_navigation_request() else None)
    status = page.get_by_role("status")
    for keys, nth, said in (
        ("a", 1, "Đã xem, vẫn duyệt."),
        ("w", 2, "Đã rút lại quyết định. Số liệu thay đổi: Băng rôn −1 chiếc."),
    ):
        page.keyboard.press(keys)
        expect(item).to_have_attribute("data-record", made[nth])
        expect(status).to_contain_text(said)
    page.keyboard.press("z")
    expect(status).to_contain_text("lại có hiệu lực: Đã duyệt. Số liệu thay đổi: Băng rôn +1 chiếc.")
    expect(item).to_have_attribute("data-record", made[1])
    for key in ("w", "r", "8", "x", "1"):
        page.keyboard.press(key)
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()
    summary = "Trong lượt này: duyệt 1, đề nghị bổ sung 1, không tính 1, bỏ qua 0. Rút lại quyết định: 1."
    expect(page.get_by_text(summary)).to_be_visible()
    assert loads == []
    page.goto(f"{province.server.url}/desk/queue?state=flagged")
    expect(page.locator("a.record")).to_have_count(0)
    for state in ("counted", "returned", "not_counted"):
        page.goto(f"{province.server.url}/desk/queue?state={state}")
        expect(page.locator("a.record")).to_have_count(1)


def test_the_last_item_of_a_list_comes_back_as_it_is_now(
    province: Province, reviewer: Callable[[str], Reviewer]
) -> None:
    """Somebody decided on it meanwhile: who presses A sees that, and may then press A again."""
    record = sent(Colleague(province.world, "xa1"), [photo("one")])
    page = fast(province, reviewer, record)
    judge(province.world, record, "returned", "Ảnh mờ")
    page.keyboard.press("a")
    item = page.locator("article.item")
    expect(item.locator(".refused")).to_contain_text("Trong lúc đó người khác đã quyết định khác")
    expect(item).to_have_attribute("data-record", record)
    page.keyboard.press("a")
    expect(page.get_by_text("Đã xem hết danh sách")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("Đã duyệt")
