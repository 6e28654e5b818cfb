"""A double click on a proof, in a browser: the form is sent once, and the person stays signed in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect
from sqlalchemy import select, update

from server.core.db import reading, writing
from server.models import AuditLine, DeskSession
from support.browsers.browser import Browser
from support.tour.signing_in import sign_in
from support.world.province import Province
from support.world.world import PASSWORD


@pytest.mark.slow
@pytest.mark.costly
def test_a_double_click_on_a_proof_signs_nobody_out(province: Province, browser: Browser) -> None:
    at, posts = province.server.url, []

    def count(request: Request) -> None:
        if request.method == "POST":
            posts.append(request.url)

    with browser.desk() as context:
        page = context.new_page()
        sign_in(page, at, "quantri")
        page.goto(f"{at}/desk/people?factors=1")
        page.get_by_role("checkbox", name="Cán bộ tổng hợp", exact=True).check()
        with province.world.app.app_context(), writing() as session:
            session.execute(update(DeskSession).values(proved_at=0))
        page.get_by_role("button", name="Lưu yêu cầu").click()
        page.get_by_label("Mật khẩu của đồng chí").fill(PASSWORD)
        page.on("request", count)
        page.get_by_role("button", name="Xác nhận và thực hiện").dblclick()
        expect(page.get_by_text("Những người bắt buộc mà chưa thiết lập")).to_be_visible()
        page.locator(".brand").click()
        expect(page.locator(".who > summary")).to_be_visible()
        assert len(posts) == 1, posts
    with province.world.app.app_context(), reading() as session:
        assert len(session.scalars(select(AuditLine).where(AuditLine.act == "factor_required")).all()) == 1
