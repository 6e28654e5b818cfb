"""What the app says for some seconds never lies over a choice, and nothing moves when it goes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from support.browsers.officer import MakeOfficer, Officer
from support.tour.colleagues import SLOGAN

pytestmark = pytest.mark.slow
COVERED = """() => {
    const notice = document.querySelector(".notice").getBoundingClientRect();
    const choices = document.querySelectorAll("main :is(a, button, input, select, textarea, summary, label)");
    return [...choices].filter((one) => {
        const box = one.getBoundingClientRect();
        return box.height > 0 && box.bottom > 0 && box.top < notice.bottom - 1;
    }).map((one) => one.textContent);
}"""
"""The choices on the screen that lie under the notice, or are above its foot."""


def nothing_is_covered(one: Officer) -> None:
    expect(one.page.locator(".notice")).to_be_visible()
    assert one.page.evaluate(COVERED) == []


@pytest.mark.costly
@pytest.mark.parametrize(("width", "height"), [(360, 640), (320, 568)])
@pytest.mark.parametrize("size", [100, 200])
def test_a_notice_lies_over_the_header_and_what_is_below_makes_room(
    officer: MakeOfficer, width: int, height: int, size: int
) -> None:
    one = officer("xa1")
    one.page.set_viewport_size({"width": width, "height": height})
    one.page.evaluate("(size) => { document.documentElement.style.fontSize = `${size}%` }", size)
    one.offline()
    one.banner(SLOGAN)
    nothing_is_covered(one)
    nav = one.page.get_by_role("navigation", name="Ghi việc mới")
    before: Any = nav.bounding_box()
    one.close_notice()
    expect(one.page.locator(".notice")).to_have_count(0)
    assert nav.bounding_box() == before, "nothing moves under a thumb when it goes"
