"""The unit's own report: the way from the phone, the page at the desk, and that page on paper."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.world.province import Province

pytestmark = pytest.mark.slow
A4_PT = (595, 842)


@pytest.mark.costly
def test_it_is_printed_on_a4_and_with_it_nothing_of_the_page(
    province: Province, officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer]
) -> None:
    one = officer("xa1")
    one.page.evaluate("() => { location.hash = '/summary' }")
    link = one.page.get_by_role("link", name="Báo cáo của đơn vị")
    expect(link).to_be_visible()
    address = link.get_attribute("href")
    assert address == f"/desk/report?unit={province.world.units['12286']}&campaign={province.world.campaign}"
    page = reviewer("xa1").page
    page.goto(f"{province.server.url}{address}")
    expect(page.get_by_role("button", name="In trang này (A4)")).to_be_visible()
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    sizes = {(round(float(each.mediabox.width)), round(float(each.mediabox.height))) for each in printed.pages}
    assert sizes == {A4_PT}
    text = "\n".join(each.extract_text() for each in printed.pages)
    assert "CHÍNH NGHĨA" in text
    assert "In trang này" not in text
    assert "Tải" not in text.splitlines()[0]
