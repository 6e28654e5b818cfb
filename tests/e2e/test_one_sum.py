"""F-32: plan, message and giving in on the phone, figures and quick report at the desk say the same numbers."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.organisation.staff import give_role
from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import Reviewer
from support.jobs.checks import checked
from support.tour.colleagues import Colleague, judge, photo
from support.tour.day import go
from support.world.province import Province

pytestmark = pytest.mark.slow
REASON = "Đề nghị ghi rõ treo ở thôn nào."


def test_five_surfaces_say_the_same(
    province: Province, officer: MakeOfficer, reviewer: Callable[[str], Reviewer], tmp_path: Path
) -> None:
    """15 counted, 6 waiting, 2 returned; three scripts of which one is counted, one waits, one waits and is counted."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.expected = [{"figure": "banners", "amount": 25}, {"figure": "scripts", "amount": 3}]
    other = Colleague(province.world, "xa1")
    judge(province.world, other.banner(quantity=15), "counted")
    other.banner(photo("waiting"), quantity=6)
    judge(province.world, other.banner(quantity=2), "returned", REASON)
    made = {}
    for number, script in enumerate(("Tin số 1", "tin  SỐ 1", "Tin số 2")):
        schedule = {"from": "2021-07-01", "to": "2021-07-01", "times_a_day": 1}
        made[number] = other.phone.create("broadcast", script=script, programme="own", schedule=schedule, minutes=5)
    other.phone.sync()
    judge(province.world, made[0], "counted")

    one = officer("xa1")
    one.send()
    one.page.set_viewport_size({"width": 360, "height": 640})
    go(one, "plan")
    plan = one.page.get_by_role("listitem")
    expect(plan.filter(has_text="Băng rôn")).to_contain_text("15/25 chiếc")
    expect(plan.filter(has_text="Băng rôn")).to_contain_text("6 chờ duyệt · 2 đề nghị bổ sung, chưa tính")
    expect(plan.filter(has_text="Tin, bài")).to_contain_text("1/3 tin, bài1 chờ duyệt")
    taken(one.page, tmp_path, "plan")
    go(one, f"record/{made[0]}")
    expect(one.page.get_by_text(re.compile("^Đã tính: Lượt phát 1 lượt · Thời lượng phát 5 phút"))).to_be_visible()
    taken(one.page, tmp_path, "record")
    go(one, f"record/{made[2]}")
    whole = "Số liệu của bản ghi: Lượt phát 1 lượt · Thời lượng phát 5 phút · Tin, bài phát thanh 1 tin, bài"
    expect(one.page.get_by_text(whole)).to_be_visible()
    taken(one.page, tmp_path, "record_waiting")
    go(one, "summary")
    message = one.page.get_by_role("textbox")
    expect(message).to_have_value(
        re.compile(
            r"băng rôn 21 chiếc \(6 chờ duyệt; 2 đề nghị bổ sung, chưa tính\).*"
            r"tin, bài phát thanh 2 tin, bài \(1 chờ duyệt\)"
        )
    )
    taken(one.page, tmp_path, "summary")
    go(one, "give")
    sheet = one.page.get_by_role("definition")
    expect(sheet.filter(has_text="chiếc")).to_have_text("21 chiếc 6 chờ duyệt · 2 đề nghị bổ sung, chưa tính")
    expect(sheet.filter(has_text="tin, bài")).to_have_text("2 tin, bài 1 chờ duyệt")
    taken(one.page, tmp_path, "give")

    at_the_desk(province, reviewer("huyen"), tmp_path)


def test_two_units_on_one_phone(province: Province, officer: MakeOfficer) -> None:
    """Plan, message and giving in are of the unit that one works for, as its sheet at the server is."""
    world = province.world
    made = {"12286": (Colleague(world, "xa2"), 3), "12289": (Colleague(world, "nhanla", "12289"), 40)}
    with world.app.app_context(), writing() as session:
        lock_catalog(session)
        session.get_one(Campaign, world.campaign).expected = [{"figure": "banners", "amount": 90}]
        give_role(session, world.officers["xa1"], world.units["12289"], "officer")
    for colleague, quantity in made.values():
        judge(world, colleague.banner(quantity=quantity), "counted")
        colleague.banner(quantity=quantity * 2)
    one = officer("xa1")
    one.send()
    first = min(made, key=lambda code: world.units[code])
    counted = made[first][1]
    expect(one.page.get_by_role("region", name="Kế hoạch")).to_contain_text(f"Băng rôn {counted}/90 chiếc")
    go(one, "plan")
    expect(one.page.get_by_text(re.compile(f"^{counted * 2} chờ duyệt"))).to_be_visible()
    go(one, "summary")
    said = f"băng rôn {counted * 3} chiếc ({counted * 2} chờ duyệt)"
    expect(one.page.get_by_role("textbox")).to_have_value(re.compile(re.escape(said)))
    go(one, "give")
    sheet = one.page.get_by_role("definition").filter(has_text="chiếc")
    expect(sheet).to_have_text(f"{counted * 3} chiếc {counted * 2} chờ duyệt")


def at_the_desk(province: Province, district: Reviewer, tmp_path: Path) -> None:
    """The same again; and the button says what it would add. An airing that may be the same twice is no part of it."""
    desk, unit = district.page, province.world.units["12286"]
    desk.set_viewport_size({"width": 1366, "height": 768})
    desk.goto(f"{district.url}/desk/figures?tab=all&unit={unit}")
    shown = desk.get_by_role("table").inner_text()
    assert re.search(r"15/25 \+6", shown), shown
    assert re.search(r"1/3 \+1", shown), shown
    desk.goto(f"{district.url}/desk/figures?quick=1&tab=all&unit={unit}")
    quick = desk.locator("textarea").input_value()
    assert "Băng rôn: 15 chiếc; chờ duyệt 6; đề nghị bổ sung 2, chưa tính" in quick
    assert "Tin, bài phát thanh: 1 tin, bài; chờ duyệt 1" in quick

    checked(province.world)
    district.queue()
    button = "Nếu duyệt, số liệu thay đổi: Băng rôn +6 chiếc · Lượt phát +1 lượt · Thời lượng phát +5 phút"
    expect(desk.get_by_text(f"{button} · Tin, bài phát thanh +1 tin, bài")).to_be_visible()
    expect(desk.get_by_text("Nếu duyệt, số liệu thay đổi: Băng rôn +6 chiếc").first).to_be_visible()
    taken(desk, tmp_path, "queue")
    desk.goto(f"{district.url}/desk/review")
    expect(desk.locator(".adds").first).to_be_visible()
    taken(desk, tmp_path, "fast")


def taken(page: Page, folder: Path, name: str) -> None:
    """Nothing is wider than the screen; and a picture of it, where somebody wants to look."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    wanted = os.environ.get("LOA_PICTURES")
    page.screenshot(path=Path(wanted or folder) / f"{name}.png")
