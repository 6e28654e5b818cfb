"""A district locks its figures, the province unlocks them, and a paper is checked, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_from_a_phone_to_a_paper_that_is_checked(
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    one = officer("xa1")
    one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("1 đã gửi đủ")
    desk = reviewer("huyen")
    page = desk.page
    desk.open("BR-1")
    desk.say("Duyệt")
    page.goto(f"{desk.url}/desk/figures")
    page.locator(".bar summary", has_text="Khóa và lập báo cáo").click()
    page.get_by_role("link", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Chưa báo cáo: xã Nhân La")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_role("heading", name="Khóa số liệu báo cáo", exact=True)).to_be_visible()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    fits(page)
    heading = page.get_by_role("heading", level=1).inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải báo cáo (Word): chỉ số đã duyệt").click()
    download.value.save_as(tmp_path / "bao-cao.docx")
    document = docx.Document(str(tmp_path / "bao-cao.docx"))
    said = document.sections[1].first_page_footer.paragraphs[0].text
    assert heading in said, "the paper names what the page shows"

    above = reviewer("tinh").page
    above.goto(f"{desk.url}/desk/report")
    above.get_by_role("link", name="Kiểm tra số liệu đã khóa").click()
    above.get_by_label("Mã số liệu đã khóa").fill(heading.rpartition(" ")[2].lower())
    above.get_by_role("button", name="Kiểm tra").click()
    expect(above.get_by_role("heading", level=1)).to_have_text(heading)
    above.get_by_role("link", name="Xem quá trình khóa").click()
    above.get_by_label("Lý do (đơn vị đọc được)").fill("Thiếu số liệu của xã Nhân La")
    above.get_by_role("button", name="Mở khóa số liệu").click()
    expect(above.get_by_text("Lý do: Thiếu số liệu của xã Nhân La")).to_be_visible()
    fits(above)
    page.goto(f"{desk.url}/desk/figures")
    page.locator(".bar summary", has_text="Khóa và lập báo cáo").click()
    expect(page.get_by_role("link", name="Khóa lại số liệu báo cáo")).to_be_visible()
    expect(page.get_by_text("Lý do: Thiếu số liệu của xã Nhân La")).to_be_visible()
    fits(page)
