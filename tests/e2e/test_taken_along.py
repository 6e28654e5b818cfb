"""At a computer: photos dropped and pasted into a record, then all photos taken along as a ZIP file."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from support.browsers.browser import Browser
from support.tour.colleagues import commune, photo
from support.tour.signing_in import sign_in
from support.world.province import Province

pytestmark = pytest.mark.slow
GIVE = """([event, name, text, type]) => {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const init = { bubbles: true, cancelable: true };
  const made = event === "paste" ? new ClipboardEvent("paste", { ...init, clipboardData: data })
    : new DragEvent(event, { ...init, dataTransfer: data });
  document.querySelector(".drop-zone").dispatchEvent(made);
}"""


def give(page: Page, event: str, name: str, data: bytes, type_: str = "image/jpeg") -> None:
    """Drop or paste a file, as a browser tells of it."""
    page.evaluate(GIVE, [event, name, base64.b64encode(data).decode(), type_])


@pytest.mark.costly
def test_photos_come_in_by_drop_and_paste_and_go_out_as_a_file(
    province: Province, browser: Browser, tmp_path: Path
) -> None:
    record = commune(province.world)["waiting"]
    with browser.desk() as context:
        page = context.new_page()
        sign_in(page, province.server.url, "huyen")
        page.goto(f"{province.server.url}/desk/records/{record}")
        give(page, "drop", "mot.jpg", photo("one").data)
        give(page, "paste", "hai.jpg", photo("two").data)
        give(page, "drop", "ba.pdf", b"%PDF-1.7", "application/pdf")
        expect(page.get_by_role("listitem").filter(has_text=".jpg")).to_have_count(2)
        page.get_by_role("button", name="Thêm vào bản ghi").click()
        expect(page.get_by_text("Đã thêm 2 ảnh.")).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("ba.pdf: Đây là tệp PDF")
        expect(page.locator("figure img")).to_have_count(3)
        page.goto(f"{province.server.url}/desk/exports?campaign={province.world.campaign}")
        with page.expect_download() as download:
            page.get_by_role("link", name="Ảnh gốc 1").click()
        download.value.save_as(tmp_path / "photos.zip")
    file = zipfile.ZipFile(tmp_path / "photos.zip")
    ours = [name for name in file.namelist() if "/BR-1 Xã Chính Nghĩa" in name]
    assert len(ours) == 3
    lines = [line.split("  ") for line in file.read("SHA256SUMS.txt").decode().splitlines()]
    sums = {name: sha256 for sha256, name in lines}
    assert all(sums[name] == hashlib.sha256(file.read(name)).hexdigest() for name in ours)
