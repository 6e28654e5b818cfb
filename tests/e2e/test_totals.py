"""A silent commune: stated on its behalf out of a pasted message, confirmed, replaced by records, locked, on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import docx
import pytest
from playwright.sync_api import Page, expect

from support.browsers.officer import Officer
from support.browsers.papers import to_report
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.world.papers import cells, prose

pytestmark = pytest.mark.slow
MESSAGE = "Xã Chính Nghĩa: treo 10 băng rôn, loa 2 lần/ngày x 10 ngày; 3 cờ phướn"


def figure(page: Page, unit: str) -> list[str]:
    """The cells of banners in a unit's row: approved with what waits beside it, and without evidence."""
    cells = page.get_by_role("row", name=unit).get_by_role("cell")
    return [" ".join(cells.nth(place).inner_text().split()) for place in (1, 2)]


@pytest.mark.costly
def test_from_a_message_to_the_paper(  # noqa: PLR0915  # one road
    officer: Callable[[str], Officer], reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    district = reviewer("huyen")
    page = district.page
    to_report(page, district.url)
    page.get_by_role("link", name="Đơn vị chưa báo cáo").click()
    expect(page.get_by_text("0/2 đơn vị đã có số liệu.")).to_be_visible()
    page.locator("summary", has_text="Xã Chính Nghĩa").click()
    expect(page.get_by_label("Lời nhắc gửi xã Chính Nghĩa")).to_have_value(re.compile("^Kính gửi đồng chí "))
    fits(page)
    page.locator("details[open]").get_by_role("link", name="Đọc tin nhắn Zalo").click()
    page.get_by_label("Dán tin nhắn vào đây").fill(MESSAGE)
    page.get_by_role("button", name="Đọc tin nhắn").click()
    expect(page.get_by_role("heading", name="Số liệu đề xuất (2)")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="3 cờ phướn").first).to_be_visible()
    fits(page)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Lưu các số đã đánh dấu").click()
    expect(page.get_by_text("Đã lưu 2 số liệu.")).to_be_visible()
    fits(page)
    page.goto(f"{district.url}/desk/figures")
    expect(page.get_by_text("0/2 xã đã có số liệu, 2 chưa báo cáo")).to_be_visible()
    assert figure(page, "Xã Chính Nghĩa") == ["–", "10‡ chưa có minh chứng"]
    fits(page)

    one = officer("xa1")
    commune = reviewer("xa1").page
    commune.goto(f"{district.url}/desk/figures/give")
    expect(commune.get_by_text("Cấp trên đã tổng hợp 2 số liệu, chờ đơn vị xác nhận.")).to_be_visible()
    fits(commune)
    commune.get_by_role("link", name="Số liệu chưa có minh chứng").click()
    fits(commune)
    commune.get_by_role("button", name="Xác nhận 2 số liệu").click()
    expect(commune.get_by_text("Đã xác nhận 2 số liệu.")).to_be_visible()
    fits(commune)

    for _ in range(2):
        one.banner("Chung tay phòng, chống nạn mua bán người")
    one.expect_status("2 đã gửi đủ")
    district.open("BR-1")
    district.say("Duyệt")
    page.goto(f"{district.url}/desk/figures")
    expect(page.get_by_text("1/2 xã đã có số liệu, 1 chưa báo cáo")).to_be_visible()
    shown = figure(page, "Xã Chính Nghĩa")
    assert shown == ["1 +1 chờ duyệt", "8† chưa có minh chứng"], "two of ten have evidence"

    page.locator(".bar summary", has_text="Khóa và lập báo cáo").click()
    page.get_by_role("link", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Chưa báo cáo: xã Nhân La")).to_be_visible()
    fits(page)
    page.get_by_label("cộng vào số liệu, có đánh dấu").check()
    page.get_by_label("Đã xem số liệu trên").check()
    page.get_by_role("button", name="Khóa số liệu báo cáo").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    fits(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải báo cáo (Word): chỉ số đã duyệt").click()
    download.value.save_as(tmp_path / "bao-cao.docx")
    paper = docx.Document(str(tmp_path / "bao-cao.docx"))
    within = ": trong đó chưa có minh chứng"
    expected = {
        "Băng rôn (chiếc)": "9†",
        f"Băng rôn{within} (chiếc)": "8†",
        "Lượt phát (lượt)": "20†",
        f"Lượt phát{within} (lượt)": "20†",
    }
    for row in ("Tổng cộng", "Xã Chính Nghĩa"):
        found = cells(paper, row)
        assert {head: found[head] for head in expected} == expected, row
    assert cells(paper, "Xã Nhân La")["Băng rôn (chiếc)"] == "–"
    assert "Có 1/2 đơn vị cấp xã đã có số liệu" in prose(paper)
    assert "Các đơn vị chưa báo cáo: xã Nhân La." in prose(paper)
