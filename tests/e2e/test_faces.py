"""A child's face is covered with the mouse and by keys, and is covered in the Word file."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.tour.colleagues import Colleague, judge, photo
from support.world.faces import is_covered, pictures
from support.world.province import Province

pytestmark = pytest.mark.slow


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag over the photo, from and to shares of its width and height."""
    page.wait_for_function("() => document.querySelector('.mask-board img')?.naturalWidth > 0")
    box = page.locator(".mask-board").bounding_box()
    assert box is not None
    for (across, down), act in ((start, page.mouse.down), (end, page.mouse.up)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
        act()


def parts(page: Page) -> list[list[int]]:
    value = page.locator("input[name=parts]").input_value()
    return [[int(each) for each in part.split(",")] for part in value.split()]


def test_a_face_is_covered_and_is_so_in_the_word_file(province: Province, reviewer: Callable[[str], Reviewer]) -> None:
    shot = photo("face")
    record = Colleague(province.world, "xa1").banner(shot, quantity=1)
    judge(province.world, record, "counted")
    page = reviewer("huyen").page
    at = f"{province.server.url}/desk/report/word?unit={province.world.units['331']}&annexes=photos"
    assert not any(map(is_covered, pictures(page.request.get(at).body())))
    page.goto(f"{province.server.url}/desk/records/{record}")
    page.get_by_role("link", name="Che mặt trẻ em…").click()
    drag(page, (0.17, 0.07), (0.63, 0.63))
    (drawn,) = parts(page)
    assert all(abs(found - wanted) < 60 for found, wanted in zip(drawn, (1700, 700, 4600, 5600), strict=True))
    part = page.get_by_role("button", name="Vùng che 1")
    expect(part).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    assert parts(page) == [[drawn[0] + 100, drawn[1], drawn[2], drawn[3] + 100]]
    page.keyboard.press("ArrowLeft")
    drag(page, (0.4, 0.3), (0.5, 0.4))
    assert parts(page)[0][0] - drawn[0] == pytest.approx(1000, abs=60), "it is moved by dragging it"
    drag(page, (0.5, 0.4), (0.4, 0.3))
    page.get_by_role("button", name="Thêm vùng che").click()
    assert len(parts(page)) == 2
    page.keyboard.press("Delete")
    assert len(parts(page)) == 1
    page.get_by_label("Có, rõ mặt trẻ em").check()
    fits(page)
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("Rõ mặt trẻ em · 1 vùng che")).to_be_visible()
    (picture,) = pictures(page.request.get(at).body())
    assert is_covered(picture)
    page.get_by_role("link", name="Che mặt trẻ em…").click()
    page.set_viewport_size({"width": 360, "height": 640})
    fits(page)
    assert len(parts(page)) == 1, "it is drawn again as it was"
