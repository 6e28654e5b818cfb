"""From the letter to the signed report where communes and wards stand right below the province (since July 2025)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from server.core.db import reading
from server.models import Campaign
from support.browsers.browser import Browser
from support.browsers.enrolled import Enrolled
from support.browsers.officer import Officer
from support.browsers.papers import figures, lock, prose, sign, to_report, word
from support.browsers.reviewer import Reviewer
from support.browsers.widths import fits
from support.installation.databases import Engine
from support.installation.served import forked
from support.letters import files
from support.network.proxy import Proxy
from support.world import tree_2025
from support.world.issuing import changes
from support.world.province import Province
from support.world.world import world_of

pytestmark = pytest.mark.slow
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SLOGAN = "Vì một cộng đồng không có mua bán người"
HEAD = [
    ["UBND TỈNH HƯNG YÊN\nSỞ Y TẾ", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"],
    [
        "Số: 1482/SYT-BTXH\nV/v hưởng ứng Ngày toàn dân phòng, chống mua bán người năm 2025",
        "Hưng Yên, ngày 08 tháng 7 năm 2025",
    ],
]
LETTER = f"""Kính gửi: Ủy ban nhân dân các xã, phường
Thực hiện Kế hoạch số 97/KH-UBND ngày 20/6/2025 của Ủy ban nhân dân tỉnh về phòng, chống mua bán người năm 2025, \
Sở Y tế đề nghị Ủy ban nhân dân các xã, phường treo băng rôn với khẩu hiệu “{SLOGAN}”, tuyên truyền về đường dây nóng \
111 và báo cáo kết quả về Sở Y tế chậm nhất ngày 10/8/2025 để tổng hợp./.
Nơi nhận:
- Như trên;
- Lưu: VT, BTXH.
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC"""
NAME = "Ngày toàn dân phòng, chống mua bán người năm 2025"


@pytest.fixture
def province(database_engine: Callable[[str], Engine], tmp_path: Path, enrolled: Enrolled) -> Iterator[Province]:
    """The province of 2025."""
    url = database_engine("sqlite").fresh()
    with ExitStack() as stack:
        world = stack.enter_context(world_of(tree_2025.fill, url, tmp_path / "data", {}))
        server = stack.enter_context(forked(url, tmp_path / "data"))
        yield Province(world, server, stack.enter_context(Proxy(server.port, enrolled.port)))


def publish(page: Page) -> None:
    """Make the campaign of the letter."""
    page.get_by_role("link", name="Đợt hoạt động").click()
    payload = FilePayload(name="cong-van.docx", mimeType=DOCX, buffer=files.word(LETTER, HEAD))
    page.get_by_label("Tệp công văn").set_input_files([payload])
    page.get_by_role("button", name="Đọc công văn").click()
    expect(page.get_by_label("Tên đợt")).to_have_value(NAME)
    expect(page.locator('[name="slogans"]')).to_have_value(SLOGAN)
    expect(page.locator('[name="due_before"]')).to_have_value("11/08/2025")
    page.get_by_label("Bắt đầu").fill("2025-07-01")
    page.get_by_label("Kết thúc").fill("2025-07-31")
    page.get_by_role("checkbox", name="Đúng, ngày 11/08/2025").check()
    page.get_by_role("button", name="Xem trước").click()
    page.get_by_role("button", name="Phát hành đợt này").click()
    expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()


def banner(one: Officer) -> None:
    """Record one for the campaign and send it."""
    one.send()
    one.page.get_by_label("Đợt hoạt động").select_option(label=NAME)
    one.banner(SLOGAN, asked=True)
    one.send()


@pytest.mark.costly
def test_from_the_letter_of_the_health_department_to_the_signed_report(
    province: Province, browser: Browser, reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    publish(reviewer("tinh").page)
    url = province.server.url
    phones = []
    for username in ("phohien", "chiminh"):
        one = Officer(browser, tmp_path / username, f"http://127.0.0.1:{province.line.port}").open()
        one.enrol(province.world.code(username))
        banner(one)
        phones.append(one)
    with province.world.app.app_context(), reading() as session:
        campaign = session.scalars(select(Campaign.id).where(Campaign.name == NAME)).one()
    ward = reviewer("phohien").page
    ward.goto(f"{url}/desk/figures/give?campaign={campaign}")
    send = ward.get_by_role("button", name="Xác nhận và gửi số liệu")
    expect(send).to_be_visible()
    fits(ward)
    send.click()
    expect(ward.get_by_text("Đã xác nhận và gửi").first).to_be_visible()

    duty = reviewer("duyet")
    for _ in phones:
        duty.open("BR-1")
        duty.say("Duyệt")
    head = reviewer("tinh").page
    lock(head, url, campaign)
    first = report(head, url, campaign)
    made = word(head, tmp_path, "Tải bản dự thảo (Word)")
    assert "SỞ Y TẾ" in made.tables[0].rows[0].cells[0].text.upper()
    assert figures(made, "Tổng cộng")[2] == "2"
    assert figures(made, "Phường Phố Hiến")[2] == "1"
    assert figures(made, "Xã Như Quỳnh")[2] == "–", "silent"
    assert "huyện" not in prose(made).casefold()
    fits(head)
    sign(head, "88/BC-SYT", tmp_path)
    phones[0].banner(SLOGAN, asked=True)
    phones[0].send()
    duty.open("BR-2")
    duty.say("Duyệt")
    admin = reviewer("quantri").page
    to_report(admin, url, campaign)
    admin.get_by_role("link", name="Mở khóa số liệu").click()
    admin.get_by_label("Lý do (đơn vị đọc được)").fill("Bổ sung kết quả gửi muộn của phường Phố Hiến")
    admin.get_by_role("button", name="Mở khóa số liệu").click()
    lock(head, url, campaign)
    head.goto(first)
    head.get_by_role("button", name="Lập báo cáo bổ sung").click()
    made = word(head, tmp_path, "Tải bản dự thảo (Word)")
    made.save(str(tmp_path / "again.docx"))
    rows = changes((tmp_path / "again.docx").read_bytes())
    assert ["", "Tổng cộng", "Băng rôn (chiếc)", "2", "3", "+1", "thêm 01 kết quả"] in rows
    sign(head, "91/BC-SYT", tmp_path)
    for each in phones:
        each.close()


def report(page: Page, url: str, campaign: str) -> str:
    """Make the report of the locked figures; returns its address."""
    to_report(page, url, campaign)
    page.get_by_role("button", name="Lập báo cáo trình ký").click()
    expect(page.get_by_role("button", name="Trình", exact=True)).to_be_visible()
    return page.url
