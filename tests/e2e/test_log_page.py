"""A photographed page of the station's log is evidence of a week (SPEC P-29)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.world.province import Province

pytestmark = pytest.mark.slow
NAME = "Tin số 1"
WEEK = "Trang sổ nhật ký, tuần 19/07 – 25/07/2021"


@pytest.mark.costly
def test_a_page_of_the_log_says_of_which_week_it_is(
    province: Province, officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    one = officer("xa1")
    one.broadcast(NAME, "2021-07-21", "2021-07-30", 2, 15)
    Image.effect_noise((640, 480), 40).convert("RGB").save(tmp_path / "page.jpg")
    one.page.get_by_label("Chọn ảnh từ máy").set_input_files(tmp_path / "page.jpg")
    page_of = one.page.get_by_label("Ảnh này là")
    expect(page_of.get_by_role("option")).to_have_text(
        ["ảnh buổi phát, thiết bị", "Trang sổ nhật ký, tuần 26/07 – 01/08/2021", WEEK]
    )
    page_of.select_option(label=WEEK)
    one.save()
    one.expect_status("1 đã gửi đủ")
    one.open_record(NAME)
    expect(one.page.get_by_role("figure").get_by_text(WEEK)).to_be_visible()
    record = one.page.evaluate("() => location.hash").rsplit("/", 1)[1]
    desk = reviewer("huyen").page
    desk.goto(f"{province.server.url}/desk/records/{record}")
    expect(desk.get_by_text("Trang sổ nhật ký, tuần 19/07/2021 – 25/07/2021")).to_be_visible()
