"""Texts, locks and reports at the desk, as a person makes them; and what the Word files say."""

from __future__ import annotations

import re
from pathlib import Path

import docx
from docx.document import Document
from playwright.sync_api import Page, expect

from server.core.clock import today
from support.browsers.widths import fits
from support.world.issuing import pdf

PEOPLE = "Nguyễn Văn A, Trưởng phòng"


def write(page: Page, label: str, text: str) -> None:
    """Write one section and close it."""
    page.get_by_role("button", name=f"Sửa: {label}").click()
    page.get_by_label(label).first.fill(text)
    page.get_by_role("button", name="Lưu và đóng").click()
    expect(page.get_by_text("Đã lưu nội dung.")).to_be_visible()


def word(page: Page, folder: Path, link: str) -> Document:
    """Download the Word file and open it again."""
    with page.expect_download() as download:
        page.get_by_role("link", name=link).click()
    download.value.save_as(folder / "bao-cao.docx")
    return docx.Document(str(folder / "bao-cao.docx"))


def prose(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def figures(document: Document, row: str) -> list[str]:
    """The cells of a row in the first table of figures."""
    for table in document.tables:
        rows = [[cell.text for cell in each.cells] for each in table.rows]
        if rows[0][:2] == ["TT", "Đơn vị"]:
            return next(each for each in rows if each[1] == row)
    return []


def sign(page: Page, number: str, folder: Path) -> None:
    """Take every step to an issued report with its signed PDF."""
    page.get_by_role("button", name="Trình", exact=True).click()
    expect(page.get_by_label("Người duyệt nội dung")).to_be_visible()
    page.get_by_label("Người duyệt nội dung").fill(PEOPLE)
    page.get_by_role("button", name="Duyệt, trình ký").click()
    page.get_by_label("Người ký").fill("Trần Thị B, Phó Chủ tịch")
    page.get_by_role("button", name="Ghi nhận đã ký").click()
    page.get_by_label("Số, ký hiệu").fill(number)
    page.get_by_label("Ngày của báo cáo").fill(today().isoformat())
    (folder / "signed.pdf").write_bytes(pdf(number))
    page.get_by_label("Bản PDF đã ký").first.set_input_files(folder / "signed.pdf")
    fits(page)
    page.get_by_role("button", name="Ghi nhận đã phát hành").click()
    expect(page.get_by_text(f"Đã phát hành số {number}")).to_be_visible()


def to_report(page: Page, url: str, campaign: str = "") -> None:
    """Open what leads from the figures to lock, texts and reports, by default of the campaign that the page offers."""
    page.goto(f"{url}/desk/figures?campaign={campaign}" if campaign else f"{url}/desk/figures")
    page.locator(".bar summary", has_text="Khóa và lập báo cáo").click()


def lock(page: Page, url: str, campaign: str = "") -> None:
    """Lock the figures of one's own unit, by default of the campaign that the page offers."""
    to_report(page, url, campaign)
    page.get_by_role("link", name=re.compile("^Khóa")).first.click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=re.compile("^Khóa")).last.click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
