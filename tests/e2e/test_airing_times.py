"""The time of day of each airing, on the phone: which of several was aired, and what a day had (SPEC F-41)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from server.core.db import reading
from server.models import Record
from server.services.records.stored import as_write, writes_of
from support.browsers.officer import Officer
from support.waiting import until
from support.world.province import Province
from sync.record import State

pytestmark = pytest.mark.slow
NAME = "Bản tin sáng"


def day(ahead: int) -> date:
    """So many days from today, which in Viet Nam began seven hours earlier."""
    return (datetime.now(UTC) + timedelta(days=ahead, hours=7)).date()


def stored(province: Province) -> dict[str, Any]:
    with province.world.app.app_context(), reading() as session:
        ids = session.scalars(select(Record.id).where(Record.kind == "broadcast")).all()
        [rows] = writes_of(session, ids).values()
        state = State.of(as_write(row) for row in rows)
        return {name: state.value(name) for name in state.fields}


@pytest.mark.costly
def test_it_is_said_which_one_was_aired_and_when(province: Province, officer: Callable[[str], Officer]) -> None:
    one = officer("xa1")
    page = one.page
    one.broadcast(NAME, day(-1).isoformat(), day(5).isoformat(), 2, 15)
    page.get_by_text("Thêm", exact=True).click()
    page.get_by_label("Giờ phát trong ngày").fill("5h30 và 17 giờ")
    page.get_by_role("button", name="Đã phát đủ").click()
    one.save()
    asked = page.get_by_role("region", name="Hôm nay đã phát?")
    asked.get_by_role("button", name="Khác").click()
    which = asked.get_by_role("group", name="Đã phát lượt nào?")
    expect(which.get_by_role("button", name="05:30", pressed=True)).to_be_visible()
    which.get_by_role("button", name="17:00").click()
    expect(which.get_by_role("button", name="Mất điện")).to_be_disabled()
    which.get_by_role("button", name="05:30").click()
    which.get_by_role("button", name="Mất điện").click()
    today, before = f"{day(0):%Y%m%d}", f"{day(-1):%Y%m%d}"
    until(lambda: stored(province).get(f"aired_at/{today}") == "17:00")
    assert stored(province)[f"aired/{today}"] == 1
    one.open_record(NAME)
    page.get_by_text("đã xác nhận 2/2 ngày").click()
    page.get_by_text("Giờ phát từng lượt").click()
    of_day = page.get_by_role("group", name=f"{day(-1):%d/%m/%Y}")
    first, second = (of_day.get_by_label(f"Giờ phát lượt {n}") for n in (1, 2))
    expect(first).to_have_value("05:30")
    expect(second).to_have_value("17:00")
    save = page.get_by_role("button", name="Lưu các ngày đã chọn")
    not_kept = page.get_by_text(f"Chưa lưu giờ phát ngày {day(-1):%d/%m/%Y}")
    for time, kept in (("17:10", True), ("05:30", False), ("", False), ("17:20", True)):
        second.fill(time)
        second.blur()
        expect(not_kept).to_have_count(0 if kept else 1)
        expect(save).to_have_count(1 if kept else 0)
    save.click()
    until(lambda: stored(province).get(f"aired_at/{before}") == "05:30, 17:20")
    expect(second).to_have_value("17:20")
