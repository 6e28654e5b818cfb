"""The shortest road of a report, counted in clicks; and its texts written where they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.core.clock import today
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.world.issuing import pdf

pytestmark = pytest.mark.slow

COUNTING = """() => addEventListener("click", (event) => {
  if (event.isTrusted) localStorage.setItem("clicks", Number(localStorage.getItem("clicks") ?? 0) + 1);
}, true)"""


def counting(page: Page) -> None:
    """Count each click from now on, in the browser itself."""
    page.add_init_script(f"({COUNTING})()")
    page.evaluate(COUNTING)
    page.evaluate("localStorage.removeItem('clicks')")


@pytest.mark.costly
def test_six_clicks_from_the_figures_to_an_issued_report(
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    one = officer("xa1")
    one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("1 đã gửi đủ")
    desk = reviewer("huyen")
    desk.open("BR-1")
    desk.say("Duyệt")
    page = desk.page
    page.goto(f"{desk.url}/desk/figures")
    counting(page)
    page.get_by_role("link", name="Báo cáo", exact=True).first.click()
    expect(page.get_by_role("navigation", name="Các bước của báo cáo")).to_contain_text("chưa khóa")
    expect(page.get_by_text("Chưa báo cáo: xã Nhân La").first).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Khóa số liệu và lập báo cáo").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dự thảo")
    fits(page)
    page.get_by_role("button", name="Trình", exact=True).click()
    page.get_by_label("Người ký (họ tên, chức vụ)").fill("Trần Thị B, Phó Chủ tịch")
    page.get_by_role("button", name="Ghi nhận đã ký").click()
    page.get_by_label("Số, ký hiệu").fill("101")
    page.get_by_label("Ngày của báo cáo").fill(today().isoformat())
    (tmp_path / "ky.pdf").write_bytes(pdf("signed"))
    with page.expect_file_chooser() as chooser:
        page.get_by_label("Bản PDF đã ký").first.click()
    chooser.value.set_files(tmp_path / "ky.pdf")
    page.get_by_role("button", name="Ghi nhận đã phát hành").click()
    expect(page.get_by_text("Đã phát hành số 101/BC-")).to_be_visible()
    assert page.evaluate("Number(localStorage.getItem('clicks'))") == 6
    road = page.get_by_role("navigation", name="Các bước của báo cáo").get_by_role("listitem")
    expect(road.filter(has_text="Phát hành")).to_contain_text("số 101/BC-")
    expect(page.get_by_text("PDF là ảnh quét")).to_be_visible()
    page.goto(f"{desk.url}/desk/report")
    expect(page.get_by_role("heading", level=1)).to_contain_text("101/BC-")
    fits(page)


@pytest.mark.costly
def test_a_text_is_written_where_it_is_read(province: object, reviewer: Callable[[str], Reviewer]) -> None:
    assert province
    desk = reviewer("huyen")
    page = desk.page
    page.goto(f"{desk.url}/desk/report")
    page.get_by_role("button", name="Sửa: III.2. Khó khăn, hạn chế").click()
    field = page.get_by_label("III.2. Khó khăn, hạn chế")
    field.fill("Kinh phí bố trí chậm.")
    expect(page.get_by_text("Đã tự lưu lúc")).to_be_visible(timeout=15_000)
    fits(page)
    page.reload()
    expect(field).to_have_value("Kinh phí bố trí chậm.")
    page.get_by_role("button", name="Lưu và đóng").click()
    expect(page.get_by_role("article")).to_contain_text("Kinh phí bố trí chậm.")
    page.get_by_role("button", name="Khóa số liệu và lập báo cáo").click()
    page.get_by_role("button", name="Sửa: Kính gửi").click()
    page.get_by_label("Kính gửi").fill("Thường trực Huyện ủy")
    page.get_by_role("button", name="Lưu và đóng").click()
    page.get_by_role("button", name="Sửa: Phụ lục kèm theo báo cáo").click()
    page.get_by_role("checkbox", name="Danh sách hoạt động").check()
    page.get_by_role("button", name="Lưu và đóng").click()
    expect(page.get_by_role("article")).to_contain_text("Kính gửi: Thường trực Huyện ủy")
    expect(page.get_by_role("article")).to_contain_text("Kinh phí bố trí chậm.")
    fits(page)
