"""The PDF of an issued document, from a phone without a network to the desk and its exports (SPEC P-17 to P-19)."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from support.browsers.kept import rows
from support.browsers.legible import large
from support.browsers.officer import MakeOfficer, Officer
from support.browsers.reviewer import MakeReviewer
from support.clients import pdfs
from support.clients.pdfs import Pdf

pytestmark = pytest.mark.slow
THUMB_PX = 56
NAME = "Kế hoạch 12-KH-UBND.pdf"
ABOUT = "Kế hoạch hưởng ứng ngày 30/7"


def attach(one: Officer, *files: tuple[str, bytes]) -> None:
    chosen = [FilePayload(name=name, mimeType="application/pdf", buffer=data) for name, data in files]
    one.page.get_by_label("Thêm tệp PDF").set_input_files(chosen)


def documents(one: Officer) -> Locator:
    return one.page.get_by_role("region", name="Tệp PDF")


def directive(one: Officer, document: Pdf) -> None:
    """Record one with its PDF."""
    one.kind("Tin bài").click()
    one.page.get_by_text("Văn bản chỉ đạo", exact=True).click()
    one.page.get_by_label("Tên bài hoặc trích yếu").fill(ABOUT)
    attach(one, (NAME, document.data))
    one.save()


@pytest.mark.costly
def test_a_directive_with_its_pdf_recorded_offline_is_at_the_desk(
    officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    one, document = officer("xa1"), pdfs.pdf()
    one.offline()
    page = one.page
    one.kind("Tin bài").click()
    page.get_by_text("Văn bản chỉ đạo", exact=True).click()
    page.get_by_label("Tên bài hoặc trích yếu").fill(ABOUT)
    attach(one, ("Danh sách.pdf", b"PK\x03\x04 a table"), ("Có khóa.pdf", pdfs.locked().data))
    alerts = documents(one).get_by_role("alert")
    expect(alerts).to_have_text(
        [re.compile("^Danh sách.pdf: Tệp này không phải PDF."), re.compile("^Có khóa.pdf: Tệp PDF có mật khẩu")]
    )
    assert rows(page, "bytes") == [], "nothing of a file that is refused is kept"
    attach(one, (NAME, document.data))
    expect(documents(one).get_by_role("button", name=f"Mở tệp {NAME}, 1 kB")).to_be_visible()
    expect(alerts).to_have_count(0)
    assert large(page, THUMB_PX, [(180, 320, 16)]) == []
    one.kill()
    one.open()
    one.offline()
    expect(documents(one).get_by_role("button", name=re.compile(f"^Mở tệp {NAME}"))).to_be_visible()
    one.save()
    one.open_record(ABOUT)
    with one.page.expect_download() as download:
        documents(one).get_by_role("button", name=re.compile(f"^Mở tệp {NAME}")).click()
    download.value.save_as(tmp_path / "on-the-phone.pdf")
    assert (tmp_path / "on-the-phone.pdf").read_bytes() == document.data
    one.offline(on=False)
    one.send()
    expect(one.status).to_contain_text("1 đã gửi đủ")
    district = reviewer("huyen")
    district.open("TB-1")
    desk = district.page
    with desk.expect_download() as fetched:
        desk.get_by_role("link", name=NAME).click()
    fetched.value.save_as(tmp_path / "at-the-desk.pdf")
    assert hashlib.sha256((tmp_path / "at-the-desk.pdf").read_bytes()).hexdigest() == document.sha256
    desk.goto(f"{district.url}/desk/exports?parts=1")
    with desk.expect_download() as packed:
        desk.get_by_role("link", name=re.compile("^Ảnh gốc")).first.click()
    packed.value.save_as(tmp_path / "parts.zip")
    file = zipfile.ZipFile(io.BytesIO((tmp_path / "parts.zip").read_bytes()))
    (name,) = (name for name in file.namelist() if name.endswith(".pdf"))
    assert file.read(name) == document.data


@pytest.mark.costly
def test_a_phone_without_a_network_hands_its_pdf_in(
    officer: MakeOfficer, reviewer: MakeReviewer, tmp_path: Path
) -> None:
    """R-1: the file that the phone seals, taken at the desk."""
    one, document = officer("xa1"), pdfs.pdf()
    one.offline()
    directive(one, document)
    one.status.get_by_role("link").click()
    one.page.get_by_role("link", name="Lưu ra tệp để nộp").click()
    one.page.get_by_role("button", name="Lập tệp").click()
    with one.page.expect_download() as sealed:
        one.page.get_by_role("button", name=re.compile("^Chuyển tệp")).click()
    sealed.value.save_as(tmp_path / "nop.loa")
    district = reviewer("huyen")
    desk = district.page
    desk.goto(f"{district.url}/desk/rescue")
    desk.get_by_label(re.compile("Tệp .loa")).set_input_files(tmp_path / "nop.loa")
    desk.get_by_role("button", name="Nhận tệp").click()
    taken = desk.get_by_role("row").filter(has_text="Vừa nhận").get_by_role("cell")
    expect(taken).to_have_text(["1", "1"])
    district.open("TB-1")
    with desk.expect_download() as fetched:
        desk.get_by_role("link", name=NAME).click()
    fetched.value.save_as(tmp_path / "at-the-desk.pdf")
    assert (tmp_path / "at-the-desk.pdf").read_bytes() == document.data


@pytest.mark.costly
def test_a_colleagues_phone_opens_the_pdf_once_it_has_a_network(officer: MakeOfficer, tmp_path: Path) -> None:
    one, other, document = officer("xa1"), officer("xa2"), pdfs.pdf()
    directive(one, document)
    one.send()
    other.send()
    other.open_record(ABOUT)
    other.offline()
    row = documents(other).get_by_role("button", name=re.compile(f"^Mở tệp {NAME}"))
    row.click()
    expect(other.page.get_by_text("Tệp PDF chưa có trên máy này.")).to_be_visible()
    other.offline(on=False)
    with other.page.expect_download() as download:
        row.click()
    download.value.save_as(tmp_path / "fetched.pdf")
    assert (tmp_path / "fetched.pdf").read_bytes() == document.data


@pytest.mark.costly
def test_a_pdf_that_another_app_shares_waits_for_a_record_and_goes_with_it(officer: MakeOfficer) -> None:
    """Kept over a kill, without a network; until it has gone it is counted as a PDF, not as a photo."""
    one, document = officer("xa1"), pdfs.pdf()
    one.offline()
    one.hand_over_pdf(NAME, document.data)
    received = "1 tệp PDF mới nhận, chưa thành bản ghi"
    expect(one.page.get_by_role("link", name=received)).to_be_visible()
    one.kill()
    one.open()
    one.offline()
    one.page.get_by_role("link", name=received).click()
    expect(one.page.get_by_text(NAME)).to_be_visible()
    one.page.get_by_role("link", name=re.compile("^Ghi vào “Tin bài")).click()
    one.page.get_by_text("Văn bản chỉ đạo", exact=True).click()
    one.page.get_by_label("Tên bài hoặc trích yếu").fill(ABOUT)
    one.page.get_by_role("button", name=re.compile("^Đính kèm vào bản ghi này")).click()
    expect(documents(one).get_by_role("button", name=f"Mở tệp {NAME}, 1 kB")).to_be_visible()
    one.save()
    one.expect_status("1 chờ gửi · 1 tệp PDF chờ gửi")
    expect(one.page.get_by_role("link", name=received)).to_have_count(0)
    one.offline(on=False)
    one.send()
    one.expect_status("1 đã gửi đủ")
