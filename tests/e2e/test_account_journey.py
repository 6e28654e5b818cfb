"""The journey of accounts and log in a browser: from a required second factor to an altered line that is named."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text, update

from server.core.db import writing
from server.models import DeskSession
from server.serving.installation import installed
from support.browsers.browser import Browser
from support.checks.audit_log import tamper
from support.clients.authenticator import Authenticator, scanned
from support.installation.machine import Machine
from support.tour.signing_in import sign_in
from support.world.province import Province
from support.world.world import PASSWORD

pytestmark = pytest.mark.slow
NEW = "Bốn con voi uống trà đá 58"
SAID = (
    "Bắt buộc xác thực hai lớp",
    "Thiết lập xác thực hai lớp",
    "Đăng nhập: đã nhập mã xác thực",
    "Dùng mã dự phòng",
    "Cấp mã đăng ký",
    "Thu hồi thiết bị",
    "Tự đổi mật khẩu",
    "Kết thúc các phiên làm việc khác",
)
"""What the journey leaves in the log, in the words of the file."""


@pytest.mark.costly
def test_from_a_required_second_factor_to_the_named_line(province: Province, browser: Browser, tmp_path: Path) -> None:
    at, world = province.server.url, province.world
    world.token("xa2")
    with browser.desk() as chief_pc, browser.desk() as pc, browser.desk() as elsewhere:
        chief, page, other = chief_pc.new_page(), pc.new_page(), elsewhere.new_page()
        sign_in(chief, at, "quantri")
        chief.goto(f"{at}/desk/people?factors=1")
        chief.get_by_role("checkbox", name="Người duyệt", exact=True).check()
        chief.get_by_role("button", name="Lưu yêu cầu").click()
        expect(chief.get_by_text("Những người bắt buộc mà chưa thiết lập")).to_be_visible()

        own, codes = set_up(page, at)
        page.locator(".who > summary").click()
        page.get_by_role("button", name="Đăng xuất").click()
        password(page, at, PASSWORD)
        proof(page, codes[0])
        code_and_revocation(province, page, own)
        page.goto(f"{at}/desk/account")
        new_password(page)
        password(other, at, NEW)
        proof(other, codes[1])
        page.goto(f"{at}/desk/account")
        page.get_by_role("button", name="Kết thúc tất cả phiên khác").click()
        expect(page.get_by_role("button", name="Kết thúc tất cả phiên khác")).to_have_count(0)
        other.reload()
        expect(other.get_by_label("Tên đăng nhập")).to_be_visible()

        acts = page.locator("section", has=page.get_by_role("heading", name="Hoạt động của tôi"))
        for said in SAID[1:]:
            expect(acts.get_by_text(said).first).to_be_visible()
        rows = exported(chief, at, tmp_path)
    assert {row["Việc"] for row in rows} >= set(SAID)
    assert not [row for row in rows for value in row.values() if own.secret in value or codes[0] in value]
    machine = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    assert "The audit log is whole." in machine.done("audit", "verify")
    number = int(next(row["Dòng"] for row in rows if row["Việc"] == "Thu hồi thiết bị"))
    altered = text("UPDATE audit_line SET actor_id = 'nobody' WHERE number = :number")
    tamper(world, lambda connection: connection.execute(altered, {"number": number}))
    result = machine.loa("audit", "verify")
    assert result.exit_code == 1
    assert f"Line {number}: changed: not as they were written." in result.output


def password(page: Page, at: str, secret: str) -> None:
    """The first of the two doors."""
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill("huyen")
    page.get_by_label("Mật khẩu").fill(secret)
    page.get_by_role("button", name="Đăng nhập").click()


def proof(page: Page, code: str) -> None:
    """The second of the two doors."""
    page.get_by_label("Mã xác thực").fill(code)
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("heading", name="Huyện Kim Động", exact=True)).to_be_visible()


def set_up(page: Page, at: str) -> tuple[Authenticator, list[str]]:
    """Led to the second factor by the sign-in: the picture is there, and its key goes into an authenticator."""
    password(page, at, PASSWORD)
    expect(page.get_by_text("Vai trò của đồng chí bắt buộc xác thực hai lớp")).to_be_visible()
    page.get_by_role("button", name="Thiết lập xác thực hai lớp").click()
    picture = page.get_by_role("img", name="Mã QR để quét bằng ứng dụng xác thực")
    expect(picture).to_be_visible()
    assert picture.evaluate("img => img.complete && img.naturalWidth > 0")
    expect(page.locator(".secret")).to_be_visible()  # the page may still be on its way
    own = scanned(page.content())
    page.get_by_label("Mã 6 chữ số").fill(own.code())
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("article")).to_be_visible()
    return own, page.get_by_role("article").locator("code").all_inner_texts()


def code_and_revocation(province: Province, page: Page, own: Authenticator) -> None:
    """A code for an officer's phone, for which the second factor is asked again, and a phone shut out."""
    page.goto(f"{province.server.url}/desk/people")
    with province.world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))  # eleven minutes later
    page.locator("summary", has_text="Cán bộ nhập liệu").first.click()
    page.get_by_role("button", name="Cấp mã đăng ký").click()
    page.get_by_label("Mã xác thực").fill(own.code(30))  # the one of now was used for the set-up
    page.get_by_role("button", name="Xác nhận và thực hiện").click()
    expect(page.get_by_text(re.compile(r"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}")).first).to_be_visible()
    page.goto(f"{province.server.url}/desk/people")
    page.locator("summary", has_text="Đã đăng ký").first.click()
    page.get_by_text("Thu hồi", exact=True).first.click()
    page.get_by_role("button", name="Thu hồi máy này").first.click()
    page.locator("summary", has_text="Không còn máy").first.click()
    expect(page.get_by_text("Đã thu hồi").first).to_be_visible()


def new_password(page: Page) -> None:
    """Change the password."""
    page.get_by_text("Đổi mật khẩu", exact=True).first.click()
    page.get_by_label("Mật khẩu hiện tại").fill(PASSWORD)
    page.get_by_label("Mật khẩu mới").fill(NEW)
    page.get_by_label("Gõ lại mật khẩu").fill(NEW)
    page.get_by_role("button", name="Đổi mật khẩu").click()
    expect(page.get_by_role("status").first).to_be_visible()


def exported(page: Page, at: str, folder: Path) -> list[dict[str, str]]:
    """The log as its file has it."""
    page.goto(f"{at}/desk/audit")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tải về (CSV)").click()
    file = folder / "log.csv"
    taken.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines, delimiter=";"))
