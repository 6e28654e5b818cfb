"""The part of the desk's walk that is beside the figures: money, documents, the same period, the annex, progress."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from server.core.clock import now_ms
from server.core.db import writing
from server.models import Campaign, DeskSession, Device, Officer, Unit
from server.models.installation import lock_catalog
from server.services.cases import rights
from support.world.confidential import PASSPHRASE, appoint, authenticator, vault
from support.world.world import PASSWORD, World

PASTED = "Đơn vị\tBăng rôn\tTờ rơi\nTổng cộng\t40\t\nXa chinh nghia\t10\t500\nNhân La\t20\t1.234,5\nXã Cũ\t7\t\n"


def stated(page: Page, at: str) -> Iterator[str]:
    """Visit what a unit states, before and after."""
    page.goto(f"{at}/desk/statements")
    yield "statements.show/nothing"
    page.get_by_label("Ngân sách huyện").fill("5.000")
    page.get_by_role("button", name="Lưu kinh phí").click()
    page.get_by_label("Số, ký hiệu").fill("7/KH-UBND")
    page.get_by_label("Ngày ban hành").fill("2021-07-05")
    page.get_by_label("Trích yếu").fill("Hưởng ứng Ngày toàn dân phòng, chống mua bán người 30/7")
    page.get_by_role("button", name="Thêm văn bản").click()
    expect(page.get_by_text("Đã thêm văn bản.")).to_be_visible()
    yield "statements.show/stated"


def compared(page: Page, at: str) -> Iterator[str]:
    """Visit the same period: none yet, a table with a fault, a dry run with a mismatch, taken, beside the figures."""
    page.goto(f"{at}/desk/comparison")
    yield "comparison.show/none"
    page.get_by_label("Hoặc dán từ Excel").fill("Đơn vị\tBăng rôn\nChính Nghĩa\tmười\n")
    page.get_by_role("button", name="Đọc và xem thử").click()
    expect(page.get_by_text("Ô B2 không phải là số")).to_be_visible()
    yield "comparison.show/a fault"
    page.get_by_label("Hoặc dán từ Excel").fill(PASTED)
    page.get_by_role("button", name="Đọc và xem thử").click()
    expect(page.get_by_text("1 dòng không khớp tên đơn vị")).to_be_visible()
    yield "comparison.show/a mismatch"
    page.get_by_label("Đơn vị hiện nay").fill("Nhân La")
    page.get_by_role("button", name="Đối chiếu lại").click()
    page.get_by_role("checkbox", name="Đã xem, đồng ý").check()
    page.get_by_role("button", name="Nhận số liệu cùng kỳ").click()
    expect(page.get_by_text("Đã nhận số liệu cùng kỳ.")).to_be_visible()
    yield "comparison.show/taken"
    page.get_by_role("link", name="Cột cùng kỳ trên bảng số liệu").click()
    yield "figures.show/same period"


def confidential(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the annex: its door, empty, with numbers, frozen, and the search for one."""
    appoint(world, "mat_huyen")
    enter(world, page, at, "mat_huyen")
    page.locator(".top nav summary", has_text="Hồ sơ hỗ trợ").click()
    page.get_by_role("link", name="Phụ lục nội bộ").click()
    yield "case_key.show/closed"
    unlock(page)
    yield "annex.show/empty"
    yield from key(page, at)
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    page.goto(f"{at}/desk/annex")
    yield "annex.show/door"
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=now_ms()))
    page.get_by_role("button", name="Mở phụ lục nội bộ").click()
    page.get_by_label("Số người tiếp nhận").fill("3")
    page.get_by_label("Số người được hỗ trợ").fill("2")
    page.get_by_role("button", name="Lưu số liệu").click()
    expect(page.get_by_text("Đã lưu số liệu phụ lục nội bộ.")).to_be_visible()
    yield "annex.show/entered"
    page.get_by_role("checkbox", name="Đã xem số liệu").check()
    page.get_by_role("button", name="Chốt phụ lục nội bộ").click()
    expect(page.get_by_text("Đúng số liệu đã khóa")).to_be_visible()
    yield "annex.show/frozen"
    page.goto(f"{at}/desk/annex?id=7F3K")
    yield "annex.show/no such id"


def unlock(page: Page) -> None:
    """Open the case key, and go on to the page that was wanted."""
    page.get_by_label("Mật khẩu mở hồ sơ của đồng chí").fill(PASSPHRASE)
    page.get_by_role("button", name="Mở", exact=True).click()


def is_news(page: Page) -> bool:
    """After the key was opened for the list of cases, which is empty: did something happen to another holder?"""
    news = page.get_by_role("link", name="Tiếp tục")
    expect(news.or_(_none_yet(page))).to_be_visible()
    return news.is_visible()


def _none_yet(page: Page) -> Locator:
    return page.get_by_text("Chưa có hồ sơ nào")


def key(page: Page, at: str) -> Iterator[str]:
    """Visit the key: open, with its holders, and the recovery sheet."""
    page.goto(f"{at}/desk/case-key")
    expect(page.get_by_role("heading", name="Người giữ khóa")).to_be_visible()
    yield "case_key.show/open"
    page.get_by_role("button", name="In phiếu khôi phục").click()
    expect(page.get_by_text("Mật. Để trong phong bì dán kín")).to_be_visible()
    yield "case_key.show/sheet"


def cases(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit the cases: the door, none, a new one, its page and sheet, the list, figures, the log, the rights."""
    appoint(world, "mat_tinh")
    with world.app.app_context(), writing() as session:
        officer, unit = session.get_one(Officer, world.officers["mat_tinh"]), session.get_one(Unit, world.units["33"])
        rights.first(session, vault(world), officer, unit)
    enter(world, page, at, "mat_tinh")
    page.locator(".top nav summary", has_text="Hồ sơ hỗ trợ").click()
    page.get_by_role("link", name="Hồ sơ hỗ trợ", exact=True).click()
    yield "cases.show/door"
    page.get_by_role("button", name="Mở hồ sơ hỗ trợ").click()
    unlock(page)
    if is_news(page):
        yield "case_key.show/news"
        page.get_by_role("link", name="Tiếp tục").click()
    expect(_none_yet(page)).to_be_visible()
    yield "cases.show/none"
    page.locator("summary", has_text="Lập hồ sơ mới").click()
    yield "cases.show/new"
    page.get_by_label("Đối tượng").select_option("victim")
    page.get_by_label("Ngày tiếp nhận").fill("2021-07-28")
    for name, value in (("Giới tính", "female"), ("Nhóm tuổi", "adult"), ("Nguồn tiếp nhận", "border")):
        page.get_by_label(name).select_option(value)
    page.get_by_role("button", name="Lập hồ sơ").click()
    expect(page.get_by_text("Đề nghị ghi mã lên hồ sơ giấy")).to_be_visible()
    yield "case.show/new"
    page.get_by_role("link", name="Phiếu in").click()
    yield "case.show/sheet"
    page.get_by_role("link", name="Về hồ sơ").click()
    page.get_by_role("link", name="Về danh sách").click()
    yield "cases.show/one"
    page.get_by_role("link", name="Số liệu", exact=True).last.click()
    yield "cases.figures/province"
    page.goto(f"{at}/desk/cases/log")
    yield "cases.log/one"
    page.goto(f"{at}/desk/case-rights")
    yield "case_rights.show/one"


def table(page: Page, at: str) -> Iterator[str]:
    """Visit the table of support: none taken over, a fault, a dry run. Signed in as a chief administrator."""
    page.goto(f"{at}/desk/checklist")
    page.get_by_role("link", name="Phiên bản bảng chế độ").click()
    yield "regimes.show/none"
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải bảng đang dùng (Excel)").click()
    with TemporaryDirectory(prefix="loa-") as folder:
        path = Path(folder) / "bang.xlsx"
        download.value.save_as(path)
        book = openpyxl.load_workbook(path)
        sheet = book["Chế độ"]
        codes = [cell.value for cell in sheet[1]]
        sheet.cell(3, codes.index("source") + 1, "Nghị định số 1/2022/NĐ-CP")
        sheet.cell(3, codes.index("from") + 1, "01/01/2022")
        book.save(path)
        page.get_by_label("Tệp Excel (.xlsx)").set_input_files(path)
        page.get_by_role("button", name="Xem thử").click()
        expect(page.get_by_text("Nghị định số 1/2022")).to_be_visible()
    yield "regimes.show/dry run"


def enter(world: World, page: Page, at: str, username: str) -> None:
    """Sign in with the second factor."""
    page.context.clear_cookies()
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_label("Mã xác thực").fill(authenticator(world, username).code(30))
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.locator(".who > summary")).to_be_visible()


def behind(world: World, page: Page, at: str) -> Iterator[str]:
    """Visit what is planned and done, and the board with a reminder of a unit whose replaced phone holds work."""
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banners", "amount": 3}]
        session.get_one(Officer, world.officers["xa1"]).phone = "0912 345 678"
        told = {"held_writes": 3, "held_photos": 2, "held_bytes": 1_400_000, "held_at": now_ms()}
        session.execute(update(Device).where(Device.officer_id == world.officers["xa1"]).values(**told))
    page.goto(f"{at}/desk/progress")
    yield "progress.show/district"
    page.goto(f"{at}/desk/board?who=all")
    page.get_by_text("Đôn đốc").first.click()
    yield "board.show/district"
