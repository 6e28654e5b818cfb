"""What nobody answered gets one answer for all of it, at the desk and on the phone, and that is taken back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server.core.db import reading
from server.models import Record
from server.services.records.stored import as_write, writes_of
from support.browsers.legible import faults
from support.browsers.officer import Officer
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import SLOGAN, Colleague, photo
from support.tour.day import go
from support.world.province import Province
from sync.record import State
from sync.values import Value

pytestmark = pytest.mark.slow
MOUSE_PX = 24


@pytest.mark.costly
@pytest.mark.parametrize("width", [1366, 360])
def test_one_answer_for_a_list(province: Province, reviewer: Callable[[str], Reviewer], width: int) -> None:
    commune = Colleague(province.world, "xa1")
    for number in range(3):
        commune.banner(photo(f"answered {number}"), quantity=number + 1)
    page = reviewer("xa2").page
    page.set_viewport_size({"width": width, "height": 768 if width > 1000 else 640})
    page.goto(f"{province.server.url}/desk/results?kind=banner&answer=open")
    page.get_by_role("link", name="Ghi Có hoặc Không cho 3 mục này").click()
    expect(page.get_by_role("heading", name="Ghi một câu trả lời cho nhiều mục")).to_be_visible()
    assert faults(page, MOUSE_PX) == []
    page.get_by_role("button", name="Ghi “Có” cho 3 mục").click()
    expect(page.get_by_text("Đã ghi “Có” cho 3 mục.")).to_be_visible()
    page.get_by_role("button", name="Hoàn tác cả lần này").click()
    expect(page.get_by_text("Đã trả 3 mục về như trước.")).to_be_visible()
    expect(page.get_by_role("link", name="Ghi Có hoặc Không cho 3 mục này")).to_be_visible()


def hotline(province: Province) -> list[tuple[Value, Value]]:
    """What the server holds of each banner: the answer, and who gave it."""
    with province.world.app.app_context(), reading() as session:
        ids = session.scalars(select(Record.id).where(Record.kind == "banner").order_by(Record.number)).all()
        states = (State.of(as_write(row) for row in rows) for rows in writes_of(session, ids).values())
        return [(state.value("hotline"), state.value("hotline_by")) for state in states]


def test_one_answer_for_a_whole_kind_on_the_phone(province: Province, officer: Callable[[str], Officer]) -> None:
    """F-39: without a network; to the next form as well; answered again, it is another one."""
    one = officer("xa1")
    page = one.page
    one.offline()
    one.banner(SLOGAN)
    one.banner(SLOGAN, asked=True)
    asked = page.get_by_role("group", name="Băng rôn của đợt này có in đường dây nóng 111 không?")
    task = page.get_by_role("link").filter(has_text="Ghi một lần cho cả loại")
    task.click()
    expect(page.get_by_text("2 mục chưa ghi.")).to_be_visible()
    asked.get_by_role("button", name="Có", exact=True).click()
    expect(page.get_by_text("Đã ghi vào 2 mục.")).to_be_visible()
    one.home()
    expect(task).to_have_count(0)
    one.kind("Băng rôn").click()
    page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
    expect(page.locator("[data-field=hotline]").get_by_role("radio", name="Có", exact=True)).to_be_checked()
    one.home()
    one.offline(on=False)
    one.send()
    assert hotline(province) == [(True, "person")] * 2
    go(one, "plan")
    page.set_viewport_size({"width": 360, "height": 640})
    expect(asked.get_by_role("button", name="Có", exact=True)).to_have_attribute("aria-pressed", "true")
    asked.get_by_role("button", name="Không", exact=True).click()
    expect(page.get_by_text("Đã ghi vào 2 mục.")).to_be_visible()
    one.send()
    assert hotline(province) == [(False, "person")] * 2
    go(one, "plan")
    asked.get_by_role("button", name="Chưa biết").click()
    one.send()
    expect(asked).to_have_count(0)
    assert hotline(province) == [(None, None)] * 2
