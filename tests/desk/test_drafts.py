"""A draft of a campaign: its files, the outline as a list, an earlier campaign copied, drafts dropped."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from server.core.db import reading
from server.desk.campaigns.fields import headings
from server.models import (
    Campaign,
    CampaignFile,
    CampaignLetter,
    LetterDraft,
)
from server.services.campaigns import files, lifecycle
from server.services.letters import drafts
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.letters.desk import NAME, START, count, previewed, published, send, uploaded
from support.letters.files import SEED, word
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
@pytest.mark.costly
def test_files_and_outline_of_a_draft(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province)
    assert send(province, "/files", "Bà con chú ý.".encode(), "bai-1.txt", use="script", title="") == 303
    province.follow()
    assert "bai-1" in province.text
    assert send(province, "/files", b"\x00\x01", "x.bin", use="design", title="Mẫu") == 422
    assert CODES["campaign_file"].vi in province.text
    assert send(province, "/outline", "I. Tình hình\nII. Kết quả\n3) Đề nghị".encode(), "de-cuong.txt") == 303
    province.follow()
    assert "Tình hình" in province.text
    parts = "I. Tình hình\n1. Chỉ đạo\nII. Kết quả\n1. Trực quan\n2. Truyền thanh\n- Loa xã\n3) Đề nghị"
    assert send(province, "/outline", parts.encode(), "de-cuong.txt") == 303
    province.follow()
    assert "Mục con không lập thành phần riêng: Chỉ đạo; Trực quan; Truyền thanh; Loa xã." in province.text
    assert send(province, "/outline", b"PK\x03\x04 no zip", "de-cuong.docx") == 422
    province.post(province.form("/publish"))
    campaign = province.location.rpartition("/")[2]
    with world.app.app_context(), reading() as session:
        assert session.get_one(CampaignLetter, campaign).outline == ["Tình hình", "Kết quả", "Đề nghị"]
        given = session.scalars(select(CampaignFile).where(CampaignFile.campaign_id == campaign)).one()
        assert (given.title, given.use) == ("bai-1", "script")
        content = files.read(session, list(world.units.values()), installed(world.app).blobs, given.id)
        with content.file as stored:
            assert stored.read().decode() == "Bà con chú ý."


TWO_LEVELS = """I. Đặc điểm tình hình
1. Thuận lợi
2. Khó khăn
II. Kết quả
1. Chỉ đạo
2. Trực quan
3. Truyền thanh
4. Kinh phí
III. Kiến nghị"""
OUTLINES = [
    (
        TWO_LEVELS,
        ["Đặc điểm tình hình", "Kết quả", "Kiến nghị"],
        ["Thuận lợi", "Khó khăn", "Chỉ đạo", "Trực quan", "Truyền thanh", "Kinh phí"],
    ),
    ("1. Tình hình\n2. Kết quả\n3. Kiến nghị", ["Tình hình", "Kết quả", "Kiến nghị"], []),
    ("1. Tình hình\n1) Đã làm\n2) Chưa làm\n2. Kết quả", ["Tình hình", "Kết quả"], ["Đã làm", "Chưa làm"]),
    ("A. Kết quả\nI. Chỉ đạo\n1. Văn bản\n2. Hội nghị\nII. Trực quan\nB. Kiến nghị", ["Kết quả", "Kiến nghị"],
     ["Chỉ đạo", "Văn bản", "Hội nghị", "Trực quan"]),
    ("I. Kết quả\nII. Hạn chế\n1.1. Văn bản\na) Xã\n3. Kiến nghị\n4. Phụ lục",
     ["Kết quả", "Hạn chế", "Kiến nghị", "Phụ lục"], ["Văn bản", "Xã"]),
    ("- Tình hình\n- Kết quả", ["Tình hình", "Kết quả"], []),
    ("TP. Hưng Yên\nKiến nghị", ["TP. Hưng Yên", "Kiến nghị"], []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "sections", "parts"), OUTLINES)
def test_sections_of_an_outline_and_what_is_below_them(text: str, sections: list[str], parts: list[str]) -> None:
    found, below = headings(text)
    assert (found.split("\n"), below) == (sections, parts)


def test_a_file_of_six_megabytes_leaves_the_draft_as_it_is(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province)
    assert send(province, "/files", b"a" * (6 * 1024**2), "x.txt", use="script", title="x") == 413
    assert CODES["campaign_file_too_large"].vi in province.text
    assert count(world, LetterDraft) == 1


def test_an_earlier_campaign_is_copied_without_its_days(desk: MakeDesk) -> None:
    province = desk("tinh")
    first = published(province, **{"expected.banners": "1.200"}, outline="Một\nHai", practice="1")
    province.get(START)
    province.post(next(each for each in province.forms() if "earlier" in each.values), earlier=first)
    province.follow()
    form = next(each for each in province.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    assert form.values["name"] == [NAME]
    assert form.values["expected.banners"] == ["1200"]
    assert form.values["outline"] == ["Một\nHai"]
    assert form.values["slogans"][0].count("\n") == 2
    for empty in ("starts_on", "ends_on", "due_before", "bases", "number"):
        assert form.values[empty] == [""], empty
    assert "practice" not in form.values


@pytest.mark.slow
def test_a_draft_is_dropped_and_drafts_are_bounded(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    province.post(province.form("/drop"))
    province.follow()
    assert "Đã bỏ bản đang soạn" in province.text
    assert count(world, LetterDraft) == 0
    for _ in range(drafts.MOST):
        province.get(START)
        assert send(province, "/campaigns/drafts", act="empty") == 303
    province.get(START)
    assert send(province, "/campaigns/drafts", act="empty") == 422
    assert CODES["too_many_drafts"].vi in province.text


def test_a_campaign_may_have_neither_slogan_nor_hotline(world: World, desk: MakeDesk) -> None:
    """A banner then names no slogan, and nobody is told to ring a number that no letter names."""
    province = desk("tinh")
    campaign = published(province, slogans="", hotline="")
    with world.app.app_context(), reading() as session:
        made = session.get_one(Campaign, campaign)
        assert (made.hotline, made.slogans) == ("", [lifecycle.NO_SLOGAN])
    for page in (f"/desk/campaigns/{campaign}", f"/desk/report?campaign={campaign}"):
        province.get(page)
        assert province.status == 200
        assert "Đường dây nóng: " not in province.text
        assert "đường dây nóng  " not in province.text
    province.get(f"/desk/campaigns/{campaign}/amend")
    assert province.form("/amend").values["hotline"] == [""]


def test_no_kind_is_ticked_that_was_not_read(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(START)
    form = next(each for each in province.forms() if each.action.endswith("/campaigns/drafts"))
    province.post(form, act="empty")
    province.follow()
    previewed(province, name="Đợt", due_before="2021-08-03", sure="")
    assert province.status == 422
    assert "Đề nghị chọn ít nhất một loại hoạt động." in province.text
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(LetterDraft)).one().values["kinds"] == []


def test_the_level_that_opens_it_may_report_later(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    campaign = published(province, **{"due.own": "2021-08-10"})
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, campaign).due_levels == {"commune": "2021-08-01", "province": "2021-08-10"}
    province.get(f"/desk/campaigns/{campaign}/amend")
    assert province.form("/amend").values["due.own"] == ["10/08/2021"]
    province.post(province.form("/amend"), **{"due.own": "2021-06-30"})
    assert province.status == 422
    assert "Hạn của cấp mình phải sau ngày bắt đầu." in province.text


def test_what_the_letter_names_of_no_known_kind_is_left_to_a_person(desk: MakeDesk) -> None:
    province = desk("tinh")
    text = SEED.read_text("utf-8").replace(
        "Xây dựng pano, treo băng rôn", "Treo cờ phướn, phát tin, bài trên loa xã, treo băng rôn"
    )
    uploaded(province, word(text))
    assert "Công văn còn nêu “cờ phướn”: chưa rõ thuộc loại hoạt động nào" in province.text


def test_plain_text_that_is_named_a_word_file_is_refused_in_words(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    for name, status in (("cong-van.docx", 422), ("cong-van.PDF", 422), ("cong-van.txt", 303)):
        province.get(START)
        assert send(province, "/campaigns/drafts", SEED.read_bytes(), name) == status
        assert (CODES["letter_named_wrong"].vi in province.text) == (status == 422)
    assert count(world, LetterDraft) == 1
