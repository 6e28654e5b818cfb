"""The card for when a victim comes back leads to a checklist that is there without a network and leaves no trace."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.services.checklist import regimes, versions
from server.services.units.scope import Scope
from support.browsers.kept import keyed
from support.browsers.officer import MakeOfficer
from support.waiting import until
from support.world.province import Province
from support.world.world import World

pytestmark = pytest.mark.slow
PRINTS = "() => { window.printed = 0; window.print = () => { window.printed += 1; }; }"


@pytest.mark.costly
def test_offline_the_day_of_reception_chooses_the_law(officer: MakeOfficer) -> None:
    one = officer("xa1")
    page = one.page
    one.wait_for_worker()
    one.offline()
    page.reload()
    page.get_by_text("Khi có nạn nhân trở về").click()
    page.get_by_role("link", name="Phiếu chế độ hỗ trợ nạn nhân").click()
    sheet = page.get_by_role("article")
    expect(sheet).to_contain_text("53/2024/QH15, Điều 37 khoản 1 điểm k")
    address = page.url
    page.get_by_label("Đối tượng").select_option(label="Người đang trong quá trình xác định là nạn nhân, ở nước ngoài")
    expect(sheet).not_to_contain_text("điểm k")
    expect(sheet).to_contain_text("d) Hỗ trợ pháp luật")
    page.get_by_label("Ngày tiếp nhận").fill("2021-07-15")
    expect(page.get_by_role("alert")).to_contain_text("Đề nghị chọn lại đối tượng")
    page.get_by_label("Đối tượng").select_option(index=1)
    expect(sheet).to_contain_text("66/2011/QH12")
    expect(sheet).to_contain_text("15/07/2021")
    expect(sheet).to_contain_text("trong 03 ngày làm việc")
    expect(sheet).not_to_contain_text("Được hưởng")
    page.evaluate(PRINTS)
    page.get_by_role("button", name="In phiếu A4").click()
    assert page.evaluate("window.printed") == 1
    assert page.url == address, "no date and no category in the address"
    assert page.locator("input, textarea, select").count() == 2, "a day and a category, nothing about a person"
    page.get_by_label("Ngày tiếp nhận").fill("2001-01-01")
    expect(page.get_by_role("alert")).to_contain_text("Đề nghị chọn lại ngày tiếp nhận")
    expect(sheet).to_have_count(0)


def take_over(world: World, days: int, since: str) -> None:
    """A version of the first benefit of today's law: so many days, for receptions from a day on."""
    law = regimes.laws()[-1]
    first = law["benefits"][0]
    row = {**first, "limits": [{**first["limits"][0], "most": days}]}
    line = {"law": law["id"], "kind": "benefit", "from": since, "to": "9999-12-31", "row": row}
    with world.app.app_context(), writing() as session:
        scope = Scope(session, world.officers["quantri"])
        versions.take(session, scope, versions.draft(session, scope, [line], f"{days:064x}").id)


@pytest.mark.costly
def test_a_version_that_the_province_took_over_is_there_without_a_network(
    province: Province, officer: MakeOfficer
) -> None:
    """F-15, F-16: by the date of reception, and the sheet says so."""
    one = officer("xa1")
    page = one.page
    one.wait_for_worker()
    take_over(province.world, 180, "2025-10-01")
    one.send()
    until(lambda: "regimes" in keyed(page, "meta"), page)
    one.offline()
    page.reload()
    page.evaluate("location.hash = '/regimes'")
    sheet = page.get_by_role("article")
    expect(sheet).to_contain_text("không quá 180 ngày")
    expect(sheet).to_contain_text("bản cập nhật nhận ngày")
    page.get_by_label("Ngày tiếp nhận").fill("2025-09-30")
    expect(sheet).to_contain_text("không quá 120 ngày")
    expect(sheet).not_to_contain_text("bản cập nhật nhận ngày")
