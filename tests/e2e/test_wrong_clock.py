"""A phone whose clock is ten years off shows and sends the same as one whose clock is right (G5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.browsers.kept import rows
from support.browsers.officer import Officer
from support.world.province import Province

pytestmark = pytest.mark.slow
YEARS = timedelta(days=3652)
DAYS_LEFT = 5


def due_soon(province: Province) -> None:
    """The campaign ends in some days, by the clock of the hub in Viet Nam."""
    today = (datetime.now(UTC) + timedelta(hours=7)).date()
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.starts_on, campaign.ends_on = date(2021, 7, 1), today
        campaign.due_before = today + timedelta(days=DAYS_LEFT)


def screen(one: Officer) -> str:
    """The home screen, without what was said about the last act."""
    one.page.reload()
    one.home()
    expect(one.item("Tin số 1")).to_be_visible()
    # Each part of the screen reads its own rows, after the first paint.
    for last in ("làm gì ngay", "Ghi một lần cho cả loại", "Xác nhận và gửi số liệu"):
        expect(one.page.get_by_text(last).first).to_be_visible()
    return one.page.locator("body").inner_text()


@pytest.mark.parametrize(
    "off", [YEARS, pytest.param(-YEARS, marks=pytest.mark.costly(soak=True))], ids=["ahead", "behind"]
)
@pytest.mark.costly
def test_ten_years_off(province: Province, officer: Callable[[str], Officer], off: timedelta) -> None:
    """Days left, what was made today, order, figures and the campaign's window go by the hub's time."""
    due_soon(province)
    one, two = officer("xa1"), officer("xa2")
    one.page.clock.set_fixed_time(datetime.now(UTC) + off)
    one.page.reload()
    for phone, name in ((two, "Tin số 1"), (one, "Tin số 2"), (two, "Tin số 3")):
        phone.broadcast(name, "2021-07-21", "2021-07-30", 2, 15)
        phone.save()
        phone.send()
    one.send()
    two.send()
    expect(one.page.get_by_text(f"còn {DAYS_LEFT} ngày")).to_be_visible()
    wrong = screen(one)
    assert [row["day"] for row in rows(one.page, "records")] == [row["day"] for row in rows(two.page, "records")]
    one.page.clock.set_fixed_time(datetime.now(UTC))
    one.page.reload()
    one.send()
    assert screen(one) == wrong
    held = [{row["record"]: row["last"] for row in rows(phone.page, "records")} for phone in (one, two)]
    assert held[0] == held[1]
