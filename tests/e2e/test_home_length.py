"""Home is a list of tasks and stays short on a full day: its buttons first, the whole list on a page of its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.tour.colleagues import SLOGAN, commune
from support.tour.day import prepare
from support.world.province import Province

pytestmark = pytest.mark.browser
LENGTH = "() => document.scrollingElement.scrollHeight"
MOST_PX, MOST_LARGE_PX = 1_500, 4_000


@pytest.mark.costly
def test_a_full_day_is_no_longer_than_three_screens(province: Province, officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    page = one.page
    page.set_viewport_size({"width": 360, "height": 640})
    commune(province.world)
    prepare(province.world)
    one.send()
    one.banner(SLOGAN)
    one.close_notice()
    one.kind("Tờ rơi").click()
    page.get_by_label("Tên tài liệu").fill("Gọi 111")
    one.home()
    for name in ("Hôm nay đã phát?", "Đề nghị bổ sung", "Phản hồi của cấp trên", "Đang ghi dở"):
        expect(page.get_by_role("region", name=name)).to_be_visible()
    expect(page.get_by_role("region", name="Kế hoạch")).to_be_visible()
    assert page.evaluate(LENGTH) <= MOST_PX
    page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
    assert page.evaluate(LENGTH) <= MOST_LARGE_PX
