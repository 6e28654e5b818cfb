"""Figures of the same period pasted from Excel, and the confidential annex, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import expect

from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.tour import apart
from support.world.confidential import appoint
from support.world.province import Province

pytestmark = pytest.mark.slow


@pytest.mark.costly
def test_a_pasted_table_with_a_name_that_is_none(
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer]
) -> None:
    one = officer("xa1")
    one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("1 đã gửi đủ")
    desk = reviewer("huyen")
    page = desk.page
    desk.open("BR-1")
    desk.say("Duyệt")
    page.goto(f"{desk.url}/desk/figures")
    page.locator(".bar summary", has_text="Xem").click()
    page.get_by_role("link", name="So sánh cùng kỳ").click()
    page.get_by_label("Hoặc dán từ Excel").fill(apart.PASTED)
    page.get_by_role("button", name="Đọc và xem thử").click()
    expect(page.get_by_text("A5: Xã Cũ")).to_be_visible()
    expect(page.get_by_text("Ô A2: dòng tổng ghi 40, cộng các dòng là 37.")).to_be_visible()
    expect(page.get_by_text("ô C4: 1.234,5 thành 1.235")).to_be_visible()
    fits(page)
    page.get_by_label("Đơn vị hiện nay").fill("xa nhan la")
    page.get_by_role("button", name="Đối chiếu lại").click()
    page.get_by_role("checkbox", name="Đã xem, đồng ý").check()
    page.get_by_role("button", name="Nhận số liệu cùng kỳ").click()
    row = page.get_by_role("row").filter(has_text="Băng rôn").first
    expect(row).to_contain_text("37")
    expect(row).to_contain_text("%")
    fits(page)


@pytest.mark.costly
def test_who_may_sees_the_annex_and_who_may_not_sees_nothing(
    province: Province, reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    appoint(province.world, "mat_xa", "mat_huyen")
    page, at = reviewer("tinh").page, province.server.url
    expect(page.get_by_role("link", name="Phụ lục nội bộ")).to_have_count(0)
    apart.enter(province.world, page, at, "mat_xa")
    page.locator(".top nav summary", has_text="Hồ sơ hỗ trợ").click()
    page.get_by_role("link", name="Phụ lục nội bộ").click()
    fits(page)
    apart.unlock(page)
    page.get_by_label("Số người tiếp nhận").fill("3")
    page.get_by_label("Số người được hỗ trợ").fill("2")
    page.get_by_label("Hỗ trợ y tế").fill("2")
    page.get_by_role("button", name="Lưu số liệu").click()
    fits(page)
    page.get_by_role("checkbox", name="Đã xem số liệu").check()
    page.get_by_role("button", name="Chốt phụ lục nội bộ").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    fits(page)
    address = page.url
    id_ = address.rpartition("=")[2]
    with page.expect_download() as got:
        page.get_by_role("link", name="Tải văn bản (Word)").click()
    got.value.save_as(tmp_path / "a.docx")
    assert "Tiếp nhận: 03 người." in [each.text for each in docx.Document(str(tmp_path / "a.docx")).paragraphs]
    apart.enter(province.world, page, at, "mat_huyen")
    page.locator(".top nav summary", has_text="Hồ sơ hỗ trợ").click()
    page.get_by_role("link", name="Phụ lục nội bộ").click()
    apart.unlock(page)
    expect(page.get_by_role("row").filter(has_text="Xã Chính Nghĩa")).to_contain_text("3")

    other = reviewer("huyen").page
    other.goto(address)
    expect(other.get_by_text("Không tìm thấy nội dung này")).to_be_visible()
    other.goto(f"{at}/desk/locked?id={id_}")
    expect(other.get_by_text("Không có số liệu đã khóa mang mã")).to_be_visible()
