"""Officers and their phones, one's own account, the second factor, a handover."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect
from sqlalchemy import update

from server.core.db import writing
from server.models import DeskSession
from support.clients.authenticator import scanned
from support.tour.signing_in import sign_in
from support.world.world import PASSWORD, World


def people(page: Page, at: str) -> Iterator[str]:
    """Visit officers, their phones, a code."""
    sign_in(page, at, "huyen")
    page.goto(f"{at}/desk/people")
    yield "people.show/plain"
    page.locator("summary", has_text="Đã đăng ký").first.click()
    page.get_by_text("Thu hồi", exact=True).first.click()
    yield "people.show/revoking"
    page.goto(f"{at}/desk/people?q=khong+co+ai")
    yield "people.show/nobody"
    page.goto(f"{at}/desk/people?unit_name=xa")
    yield "people.show/which unit"
    page.goto(f"{at}/desk/people?q=nhanla")
    yield "people.show/one"
    page.get_by_role("button", name="Cấp mã đăng ký").click()
    yield "people_accounts.show/code"
    page.goto(f"{at}/desk/people?choose=1")
    yield "people.show/choosing"
    page.get_by_role("button", name="Cấp mã và in phiếu").click()
    expect(page.get_by_role("article").first).to_be_visible()
    yield "people.cards/some"
    page.goto(f"{at}/desk/people?q=nhanla")
    page.get_by_role("link", name="Tờ hướng dẫn để in").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "handout.show/one"


def accounts(world: World, page: Page, at: str) -> Iterator[str]:  # noqa: PLR0915  # one road
    """Visit one's own account, the second factor, what is asked again, and a handover."""
    sign_in(page, at, "phucu")
    page.locator(".who > summary").click()
    page.get_by_role("link", name="Tài khoản").click()
    page.get_by_text("Đổi mật khẩu", exact=True).first.click()
    yield "account.show/changing the password"
    page.get_by_role("link", name="Thiết lập xác thực hai lớp").click()
    yield "second_factor.show/none"
    page.get_by_role("button", name="Thiết lập xác thực hai lớp").click()
    expect(page.locator(".secret")).to_be_visible()  # the page may still be on its way
    own = scanned(page.content())
    page.get_by_label("Mã 6 chữ số").fill("000000")
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "second_factor.show/wrong code"
    page.get_by_label("Mã 6 chữ số").fill(own.code())
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "second_factor.show/recovery codes"
    page.goto(f"{at}/desk/account/second-factor")
    yield "second_factor.show/in use"
    page.goto(f"{at}/desk/people?q=dinhcao")
    page.get_by_role("link", name="Bàn giao").click()
    yield "people_accounts.show/handover"
    page.get_by_label("Tên đăng nhập của người nhận").fill("phucu")
    page.get_by_role("button", name="Bàn giao và lập biên bản").click()
    expect(page.get_by_role("article")).to_be_visible()
    yield "handovers.record/one"
    page.context.clear_cookies()
    page.goto(f"{at}/desk/sign-in")
    page.get_by_label("Tên đăng nhập").fill("phucu")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    yield "second_factor.ask/plain"
    page.get_by_label("Mã xác thực").fill("000000")
    page.get_by_role("button", name="Tiếp tục").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "second_factor.ask/wrong code"
    sign_in(page, at, "quantri")
    page.goto(f"{at}/desk/people?factors=1")
    page.get_by_role("checkbox", name="Cán bộ tổng hợp", exact=True).check()
    with world.app.app_context(), writing() as session:
        session.execute(update(DeskSession).values(proved_at=0))
    page.get_by_role("button", name="Lưu yêu cầu").click()
    yield "people.show/asked again"
    page.get_by_label("Mật khẩu của đồng chí").fill(PASSWORD)
    page.get_by_role("button", name="Xác nhận và thực hiện").click()
    expect(page.get_by_text("Những người bắt buộc mà chưa thiết lập")).to_be_visible()
    yield "people.show/second factors"
    page.get_by_role("checkbox", name="Cán bộ tổng hợp", exact=True).uncheck()
    page.get_by_role("button", name="Lưu yêu cầu").click()
