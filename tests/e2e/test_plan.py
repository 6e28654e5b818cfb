"""What a campaign gives to its units, offline: a plan to be measured against, scripts to read out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.core.db import writing
from server.models import Campaign
from server.models.installation import lock_catalog
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from support.browsers.officer import MakeOfficer
from support.world.province import Province

pytestmark = pytest.mark.slow
SLOGAN = "Chung tay phòng, chống nạn mua bán người"
SCRIPT = "Kính thưa bà con!\n\nKhông nghe theo lời hứa việc nhẹ lương cao."


@pytest.fixture
def planned(province: Province, tmp_path: Path) -> None:
    """The campaign expects something of each commune and gives a script."""
    path = tmp_path / "script.txt"
    path.write_text(SCRIPT, "utf-8")
    with province.world.app.app_context(), writing() as session:
        lock_catalog(session)
        campaign = session.get_one(Campaign, province.world.campaign)
        campaign.expected = [
            {"figure": "banners", "amount": 5},
            {"figure": "airings", "amount": 20},
            {"figure": "leaflets", "amount": 500},
        ]
        files.add(session, installed(province.world.app).blobs, campaign, NewFile("script", "Bài số 1", path))


@pytest.mark.usefixtures("planned")
@pytest.mark.costly(soak=True, kept_by="pwa/src/core/sums.test.ts::plan against done")
def test_plan_against_done_and_nothing_to_report_on_two_phones(officer: MakeOfficer) -> None:
    """Each makes its own record of acts, offline; they are read as one and stand in no list (SPEC F-6)."""
    phones = one, two = officer("xa1"), officer("xa2")
    for phone in phones:
        phone.offline()
    one.banner(SLOGAN)
    one.broadcast("Tin số 1", "2021-07-21", "2021-07-26", 2, 15)
    one.save()
    plan = one.page.get_by_role("region", name="Kế hoạch và kết quả")
    expect(plan).to_contain_text("Băng rôn 0/5 chiếc 1 chưa gửi")
    expect(plan).to_contain_text("Lượt phát 0/20 lượt 12 chưa gửi")
    for phone in phones:
        phone.page.get_by_role("link").filter(has_text="Tờ rơi: chưa báo cáo (giao 500 tờ)").click()
        phone.page.get_by_role("listitem").filter(has_text="Tờ rơi").get_by_role("button").click()
        expect(phone.page.get_by_text("Tờ rơi: không phát sinh")).to_be_visible()
        phone.home()
    for phone in (*phones, one):
        phone.offline(on=False)
        phone.send()
    for phone in phones:
        expect(phone.page.get_by_role("link").filter(has_text="Tờ rơi: không phát sinh")).to_be_visible()
        expect(phone.page.get_by_text("Kế hoạch KH-")).to_have_count(0)
    # Taken back by one of them, in both.
    two.page.get_by_role("link").filter(has_text="không phát sinh").click()
    two.page.get_by_role("button", name="Bỏ báo không phát sinh").click()
    two.send()
    one.send()
    expect(plan).to_contain_text("Tờ rơi: chưa báo cáo (giao 500 tờ)")


@pytest.mark.usefixtures("planned")
@pytest.mark.costly
def test_a_row_of_the_plan_opens_its_records(officer: MakeOfficer) -> None:
    """One of which nothing was recorded opens none."""
    one = officer("xa1")
    one.offline()
    one.banner(SLOGAN)
    one.record("Tờ rơi", {"Tên tài liệu": "Gọi 111", "Số lượng đã phát": "200"})
    one.page.get_by_role("region", name="Kế hoạch và kết quả").get_by_role("link").click()
    expect(one.page.get_by_role("heading", level=1, name="Kế hoạch và kết quả")).to_be_visible()
    plan = one.page.get_by_role("main").get_by_role("listitem")
    expect(plan.filter(has_text="Lượt phát").get_by_role("link")).to_have_count(0)
    plan.filter(has_text="Tờ rơi").get_by_role("link").click()
    found = one.page.get_by_role("main").get_by_role("listitem")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("200 tờ")
    found.get_by_role("link").click()
    expect(one.page.get_by_role("article")).to_contain_text("Gọi 111")


@pytest.mark.usefixtures("planned")
@pytest.mark.costly
def test_a_script_is_read_out_without_a_network_and_fills_the_form_in(officer: MakeOfficer) -> None:
    one = officer("xa1")
    one.page.get_by_role("button", name="Phát thanh").click()
    one.page.get_by_text("Bài số 1").click()
    chosen = one.page.get_by_role("radio", checked=True)
    expect(chosen.first).to_have_accessible_name(re.compile("Bài số 1"))
    expect(one.page.get_by_label("Tin, bài phát")).to_have_count(0)  # it is asked for once
    one.page.get_by_role("link", name="Mở bài").click()
    expect(one.page.get_by_text("Không nghe theo lời hứa")).to_be_visible()
    one.offline()
    one.page.reload()
    expect(one.page.get_by_text("Không nghe theo lời hứa")).to_be_visible()
    one.page.go_back()
    expect(chosen.first).to_have_accessible_name(re.compile("Bài số 1"))
