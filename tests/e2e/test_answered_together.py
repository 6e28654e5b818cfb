"""A commune's officer finds what nobody answered, answers for all of it at once, and takes that back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.legible import faults
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import Colleague, photo
from support.world.province import Province

pytestmark = pytest.mark.browser
MOUSE_PX = 24


@pytest.mark.costly
@pytest.mark.parametrize("width", [1366, 360])
def test_one_answer_for_a_list(province: Province, reviewer: Callable[[str], Reviewer], width: int) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(3):
        commune.banner(photo(f"answered {number}"), quantity=number + 1)
    page = reviewer("xa2").page
    page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 640})
    page.goto(f"{province.server.url}/desk/results?kind=banner&answer=open")
    page.get_by_role("link", name="Ghi Có hoặc Không cho 3 mục này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ghi một câu trả lời cho nhiều mục")
    assert faults(page, MOUSE_PX) == []
    page.get_by_role("button", name="Ghi “Có” cho 3 mục").click()
    expect(page.get_by_text("Đã ghi “Có” cho 3 mục.")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác cả lần này").click()
    expect(page.get_by_text("Đã trả 3 mục về như trước.")).to_be_visible()
    expect(page.get_by_role("link", name="Ghi Có hoặc Không cho 3 mục này")).to_be_visible()
