"""The figures in a browser: one screen at a desk, a list on a phone, and on paper heads on every page."""

from __future__ import annotations

import io
import re

import pytest
from playwright.sync_api import FloatRect, Locator, expect
from pypdf import PdfReader

from support.browsers.reviewer import MakeReviewer
from support.tour.colleagues import Colleague
from support.world.changes import add_communes
from support.world.province import Province

pytestmark = pytest.mark.slow
COMMUNES = 60


def place(one: Locator) -> FloatRect:
    found = one.bounding_box()
    assert found is not None
    return found


@pytest.mark.costly
def test_one_screen_a_list_and_paper(province: Province, reviewer: MakeReviewer) -> None:
    add_communes(province.world, "331", COMMUNES)
    Colleague(province.world, "xa1").banner(quantity=1234)
    desk = reviewer("huyen")
    page = desk.page
    page.goto(f"{province.server.url}/desk/figures")
    row = page.get_by_role("row").filter(has_text="Xã Chính Nghĩa")
    assert place(row)["height"] < 33
    heads, first = page.locator("thead"), row.get_by_role("rowheader")
    before = place(heads)
    page.locator(".table").evaluate("(box) => box.scrollTo(400, 600)")
    assert place(heads)["y"] == before["y"]
    assert place(first)["x"] >= place(page.locator(".table"))["x"]

    page.set_viewport_size({"width": 360, "height": 640})
    expect(page.get_by_role("columnheader").first).to_be_hidden()
    expect(row).to_contain_text("+1.234")
    assert row.get_by_role("cell").filter(visible=True).count() == 2, "how far it is, and one figure"
    page.get_by_role("combobox", name="Chỉ tiêu").select_option("airings")
    page.locator(".one-figure").get_by_role("button", name="Xem").click()
    expect(page.get_by_role("combobox", name="Chỉ tiêu")).to_have_value("airings")
    expect(row.get_by_role("cell").filter(visible=True).last).to_have_text("–")

    page.goto(f"{province.server.url}/desk/figures?tab=all")
    reader = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    texts = [sheet.extract_text() for sheet in reader.pages]
    named = [len(re.findall(r"Xã\s+số\s+\d+", text)) for text in texts]
    assert sum(named) == COMMUNES
    assert sum(map(bool, named)) > 1
    for text, units in zip(texts, named, strict=True):
        assert units != 1, "a row is alone on its page"
        assert not units or re.search(r"Đơn\s+vị", text), "the heads are on every page of the table"
    assert "Tổng cộng" in texts[0]
    assert named[0] > 3
    for sheet in reader.pages:
        assert round(float(sheet.mediabox.width)) == 842, "A4 landscape"
