"""A length with a decimal comma, typed on a phone in a real browser, as the desk and the phone then say it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from support.browsers.officer import MakeOfficer
from support.browsers.reviewer import Reviewer
from support.tour.colleagues import SLOGAN, Colleague, judge
from support.tour.day import go
from support.world.province import Province

pytestmark = pytest.mark.slow
LENGTH = re.compile("^Tổng chiều dài")


def test_twelve_and_a_half_metres_reach_the_desk(officer: MakeOfficer, reviewer: Callable[[str], Reviewer]) -> None:
    """F-17, F-18: what is no number stays as it was typed, under its name, and nothing is saved with it."""
    one = officer("xa1")
    page = one.page
    page.get_by_role("button", name="Băng rôn").click()
    page.get_by_role("button", name="Chụp", exact=True).click()
    page.get_by_role("group", name="Khẩu hiệu").get_by_text(SLOGAN).click()
    length = page.get_by_label(LENGTH)
    for wrong, says in (("abc", "Chưa hiểu số “abc”."), ("-3", "“-3” nhỏ hơn 0."), ("1,200", "1.200 hoặc 1,2")):
        length.fill(wrong)
        length.blur()
        said = page.get_by_text(says)
        expect(said).to_be_visible()
        if wrong == "abc":  # once saving was tried, why stands over the field
            above, under = length.bounding_box(), said.bounding_box()
            assert above
            assert under
            assert under["y"] >= above["y"] + above["height"], "under the input, which keeps its width"
        page.get_by_role("button", name="Lưu", exact=True).click()
        expect(page.get_by_text("Chưa hiểu nội dung ghi ở: Tổng chiều dài.")).to_be_visible()
        expect(length).to_have_value(wrong)
    length.fill("12,5")
    one.save()
    one.send()
    go(one, "summary")
    expect(page.get_by_role("textbox")).to_have_value(re.compile(r"chiều dài băng rôn 12,5 mét"))

    district = reviewer("huyen")
    district.open("Chính Nghĩa BR-1")
    expect(district.page.get_by_role("main")).to_contain_text("12,5 mét")
    district.say("Duyệt")
    table = district.total("?kind=banner")
    assert "12,5" in table
    assert "125" not in table


def test_a_plan_and_an_older_app_s_metres_on_the_phone(province: Province, officer: MakeOfficer) -> None:
    """F-19: 12,5 m and 9 m of app 3 are 21,5 m of 40,5; app 3 measures again, and the form names what it wrote."""
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.expected = [{"figure": "banner_metres", "amount": 4050}]
    older = Colleague(province.world, "xa1")
    measured = older.banner(quantity=1, length_cm=1250, put_up_on="2021-07-05")
    for record in (measured, older.banner(quantity=1, metres=9, put_up_on="2021-07-05")):
        judge(province.world, record, "counted")
    older.phone.edit(measured, metres=20)
    older.phone.sync()

    one = officer("xa1")
    one.send()
    page = one.page
    go(one, "plan")
    expect(page.get_by_role("listitem").filter(has_text="Chiều dài băng rôn")).to_contain_text(re.compile(r"/40,5 mét"))
    go(one, "summary")
    expect(page.get_by_role("textbox")).to_have_value(re.compile(r"chiều dài băng rôn 21,5 mét"))
    go(one, f"record/{measured}")
    page.get_by_role("button", name=re.compile("^Sửa")).click()
    expect(page.get_by_label(LENGTH)).to_have_value("12,5")
    expect(page.get_by_text("Ứng dụng cũ ghi 20 mét. Số đó không cộng vào số liệu.")).to_be_visible()
