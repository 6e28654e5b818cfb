"""The pages by which photos come in from a computer, and everything goes out as files."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import FilePayload, Page, expect


def visited(page: Page, at: str, record: str) -> Iterator[str]:
    """Visit the photos from a computer, with a refused file; the exports, with a link."""
    page.goto(f"{at}/desk/records/{record}")
    page.locator(".add-files > summary").click()
    yield "records.show/adding photos"
    file: FilePayload = {"name": "quyet-dinh.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.get_by_label("Chọn ảnh").set_input_files([file])
    yield "records.show/photos chosen"
    page.get_by_role("button", name="Thêm vào bản ghi").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "records.show/photos refused"
    page.goto(f"{at}/desk/queue?state=all")
    page.get_by_text("Xem, xuất", exact=True).click()
    page.get_by_role("link", name="Xuất dữ liệu").click()
    yield "exports.show/all"
    page.get_by_role("button", name="Tạo đường dẫn").click()
    expect(page.get_by_label("Địa chỉ")).to_be_visible()
    yield "exports.show/a link's address"
    page.get_by_role("link", name="Về trang xuất dữ liệu").click()
    expect(page.get_by_role("button", name="Thu hồi")).to_be_visible()
    yield "exports.show/with a link"
    page.goto(f"{at}/desk/exports?state=deleted&kind=broadcast")
    yield "exports.show/nothing"
