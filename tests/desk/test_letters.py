"""From a letter to a campaign, at the desk: read, looked at, published; nothing typed is ever lost."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from server.core.db import reading
from server.models import (
    Campaign,
    CampaignLetter,
    LetterDraft,
    Stream,
)
from support.clients.client import Client
from support.clients.desk import MakeDesk
from support.letters.desk import NAME, START, count, previewed, published, uploaded
from support.letters.files import SEED, word
from support.world import changes
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def test_a_letter_becomes_a_campaign_that_phones_get(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    assert province.text.count("Đọc được") > 8
    assert re.search(r"<mark[^>]*><b>Hạn gửi</b>trước ngày 03/8/2021</mark>", province.html)
    assert "Không thấy trong công văn: số, ký hiệu, ngày ban hành, người ký" in province.text
    assert count(world, Campaign) == 2, "nothing is taken without a yes"
    page = previewed(province)
    assert "hạn gửi: hết ngày 31/07/2021" in province.text
    assert page.count("để trống") >= 4
    assert count(world, Campaign) == 2
    form = province.form("/publish")
    province.post(form)
    campaign = province.location.rpartition("/")[2]
    province.post(form)
    assert province.location.endswith(campaign), "a second click finds it published"
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, campaign)
        letter = session.get_one(CampaignLetter, campaign)
        streams = session.scalar(select(func.count()).where(Stream.campaign_id == campaign))
        assert (row.name, row.hotline, row.due_before.isoformat()) == (NAME, "111", "2021-08-03")
        assert row.kinds == ["banner", "broadcast", "panel", "leaflet", "mobile", "media"], (
            "those that the letter names"
        )
        assert [len(row.slogans), len(row.bases), len(row.tasks)] == [3, 3, 6]
        assert letter.facts["issuer"] == "Sở Lao động - Thương binh và Xã hội"
        assert "number" not in letter.facts
        assert letter.outline == []
        assert streams == len(world.units)
    assert count(world, LetterDraft) == 0
    told = Client(world.app.test_client(), world.token("xa1")).get("/catalog").get_json()
    mine = next(each for each in told["campaigns"] if each["id"] == campaign)
    assert [each["text"] for each in mine["slogans"]][1] == "Chung tay phòng, chống nạn mua bán người"
    assert mine["due_before"] == "2021-08-03"


@pytest.mark.slow
def test_the_letter_page_says_what_the_letter_said(desk: MakeDesk) -> None:
    province = desk("tinh")
    campaign = published(
        province,
        **{"number": "99/SLĐTBXH", "dated": "2021-06-15", "cutoff": "2021-07-31T17:00", "due.commune": "2021-08-01"},
        **{"due_basis.commune": "Công văn số 5/UBND của huyện"},
    )
    province.get(f"/desk/campaigns/{campaign}")
    for words in ("số 99/SLĐTBXH, ngày 15/06/2021", "31/07/2021 17:00", "Công văn số 5/UBND của huyện", "Xem toàn văn"):
        assert words in province.text
    assert "cấp xã hết ngày 31/07/2021" in province.text or "31/07/2021" in province.text


@pytest.mark.slow
def test_what_was_worked_out_needs_its_own_yes(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    text = SEED.read_text("utf-8").replace("trước ngày 03/8/2021", "chậm nhất ngày 02/8")
    uploaded(province, word(text))
    assert "ngày hôm sau" in province.text
    previewed(province)
    assert province.status == 422
    assert "Ngày này do hệ thống suy ra" in province.text
    previewed(province, sure=["due_before", "due.commune"])
    assert province.status == 200
    assert "hết ngày 31/07/2021" in province.text, "a phone of a commune shows the commune's day"
    assert count(world, Campaign) == 2


def test_a_refused_form_keeps_what_was_typed_also_for_another_day(desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, starts_on="32/7/2021", name="Tên tôi gõ", sure="due.commune", **{"expected.banners": "-5"})
    assert province.status == 422
    for words in ("Ngày chưa đúng", "Đề nghị ghi số nguyên dương"):
        assert words in province.text
    for page in (province.html, desk("tinh").get(f"{START}")):
        assert "Tên tôi gõ" in unescape(page)
    province.get(START)
    province.get(re.findall(r'href="(/desk/campaigns/drafts/[^"]+)"', province.html)[0])
    form = next(each for each in province.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    assert form.values["starts_on"] == ["32/7/2021"]
    assert form.values["expected.banners"] == ["-5"]
    assert form.values["slogans"][0].count("\n") == 2


def test_a_day_may_be_typed_as_people_write_it(desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, starts_on="01/7/2021", ends_on="31-7-2021")
    assert province.status == 200


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ends_on": "2021-06-30"}, "Ngày kết thúc phải sau"),
        ({"due_before": "2021-07-31"}, "Hạn gửi phải sau ngày kết thúc"),
        ({"due.commune": "2021-08-04"}, "Hạn của cấp này"),
        ({"kinds": []}, "ít nhất một loại hoạt động"),
        ({"name": " "}, "Ô này cần được điền"),
        ({"name": "a" * 301}, "quá dài"),
        ({"slogans": "\n".join(f"dòng {n}" for n in range(61))}, "Quá 60 dòng"),
        ({"cutoff": "2021-13-01T00:00"}, "Ngày chưa đúng"),
    ],
)
def test_each_fault_is_said_beside_its_field(desk: MakeDesk, values: dict[str, Any], said: str) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, **values)
    assert province.status == 422
    assert said in province.text


@pytest.mark.slow
def test_only_who_may_open_campaigns_does(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    draft = province.location
    campaign = f"/desk/campaigns/{world.campaign}/amend"
    for username in ("huyen", "xa1"):
        other = desk(username)
        other.get(START)
        assert "Lập đợt từ công văn" not in other.text
        assert not other.has_form("/campaigns/drafts")
        other.get(draft)
        assert other.status == 404, "a draft is its officer's"
        other.get(campaign)
        assert other.status == 403, "neither runs a campaign"
    admin = desk("quantri")
    admin.get(START)
    assert admin.has_form("/campaigns/drafts")
    admin.get(draft)
    assert admin.status == 404


def test_a_reviewer_who_sends_the_form_all_the_same_is_refused(world: World, desk: MakeDesk) -> None:
    district = desk("huyen")
    district.get(START)
    token = district.forms()[0].values["csrf_token"][0]
    for data, status in (
        ({"text": SEED.read_text("utf-8")}, 403),
        ({"act": "empty"}, 403),
        ({"earlier": world.campaign}, 403),
    ):
        assert district.http.post(f"{START}/drafts", data={"csrf_token": token, **data}).status_code == status
    assert count(world, LetterDraft) == 0


@pytest.mark.slow
def test_a_draft_for_a_unit_one_has_left_gets_another_one(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    changes.come(world, "tinh", "331", "coordinator")
    previewed(province)
    publish = province.form("/publish")
    changes.leave(world, "tinh", "33")
    province.post(publish)
    assert province.status == 303
    province.follow()
    assert "Đề nghị chọn đơn vị khác" in province.text
    previewed(province, unit=world.units["331"])
    province.post(province.form("/publish"))
    assert province.status == 303
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, province.location.rpartition("/")[2]).unit_id == world.units["331"]
