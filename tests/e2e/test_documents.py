"""From the start page of the demo to documents of the province, click by click, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from playwright.sync_api import Page, expect

from server.core.db import writing
from server.models import Meta
from server.models.installation import DEMO
from support.browsers.browser import Browser
from support.tour.colleagues import commune
from support.tour.papers import waiting
from support.world.province import Province

pytestmark = pytest.mark.slow
MOST_CLICKS = 12


class Clicks:
    """Clicks, counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def on(self, what: Any) -> None:
        what.click()
        self.count += 1


@pytest.mark.costly
def test_from_the_start_page_to_the_provinces_word(province: Province, browser: Browser, tmp_path: Path) -> None:
    commune(province.world)
    with province.world.app.app_context(), writing() as session:
        session.add(Meta(key=DEMO, value="1"))
    with browser.desk() as context:
        page = context.new_page()
        clicks = Clicks(page)
        page.goto(f"{province.server.url}/")
        clicks.on(page.get_by_role("button", name="Cán bộ tổng hợp").first)
        clicks.on(page.get_by_role("link", name="Báo cáo", exact=True).first)
        with page.expect_download() as download:
            clicks.on(page.get_by_role("link", name="Tải báo cáo (Word)").first)
        file = tmp_path / "report.docx"
        download.value.save_as(file)
        assert clicks.count <= MOST_CLICKS
        document = docx.Document(str(file))
        assert "UBND TỈNH HƯNG YÊN" in document.tables[0].rows[0].cells[0].text

        # A document in the background: asked for, left, found again under the report.
        page.get_by_role("link", name="Tài liệu khác").click()
        excel = page.locator("form.card").filter(has=page.get_by_role("heading", name="Phụ lục (Excel)", exact=True))
        excel.get_by_role("button", name="Lập tài liệu").dblclick()
        expect(page.get_by_text("Đang chờ")).to_have_count(1)
        page.get_by_role("link", name="Số liệu", exact=True).first.click()
        waiting(province.world)
        page.get_by_role("link", name="Báo cáo", exact=True).first.click()
        page.get_by_role("link", name="Tài liệu khác").click()
        expect(page.get_by_text("Đã xong")).to_have_count(1)
        with page.expect_download() as download:
            page.get_by_role("link", name="phu-luc-tinh-hung-yen").click()
        file = tmp_path / "annexes.xlsx"
        download.value.save_as(file)
        book = openpyxl.load_workbook(file, data_only=True)
        rows = {row[1]: row for row in book["Phụ lục I"].iter_rows(min_row=5, values_only=True)}
        assert rows["Tổng cộng"][2:] == rows["Huyện Kim Động"][2:]
