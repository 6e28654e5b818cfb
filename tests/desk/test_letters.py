"""From a letter to a campaign, at the desk: read, looked at, published, amended; nothing typed is ever lost."""

from __future__ import annotations

import io
import json
import re
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from server.core.db import Base, reading, writing
from server.models import (
    AuditLine,
    Campaign,
    CampaignFile,
    CampaignLetter,
    DeskSession,
    LetterDraft,
    LetterDraftFile,
    Stream,
)
from server.services.campaigns import files
from server.services.letters import drafts
from support.clients.client import Client
from support.letters.files import SEED, locked, pdf, scan, word
from support.world import changes
from support.world.world import PASSWORD, World
from sync.errors import CODES

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
START = "/desk/campaigns"
DAYS = {"starts_on": "2021-07-01", "ends_on": "2021-07-31"}
NAME = "Ngày toàn dân phòng, chống mua bán người năm 2021"


def send(desk: Any, action: str, file: bytes = b"", name: str = "cong-van.docx", **values: str) -> int:
    """Send a form with a file; without one as browsers do, which send an empty part for an unused input."""
    form = next(each for each in desk.forms() if each.action.endswith(action))
    body = b""
    for key, value in ({key: value[0] for key, value in form.values.items()} | values).items():
        body += f'--edge\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
    head = f'--edge\r\nContent-Disposition: form-data; name="file"; filename="{name if file else ""}"\r\n\r\n'
    body += head.encode() + file + b"\r\n"
    kind = "multipart/form-data; boundary=edge"
    answer = desk.http.post(form.action, data=body + b"--edge--\r\n", content_type=kind, buffered=True)
    desk._take(answer)  # noqa: SLF001  # the page after a form with a file
    desk.location = answer.headers.get("Location", "")
    status: int = answer.status_code
    return status


def uploaded(desk: Any, file: bytes | None = None) -> str:
    """A draft of the seed letter, opened."""
    desk.get(START)
    assert send(desk, "/campaigns/drafts", file or word(SEED.read_text("utf-8"))) == 303
    return str(desk.follow())


def count(world: World, table: type[Base]) -> int:
    with world.app.app_context(), reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def acts(world: World) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """What was logged: act, old and new values."""
    with world.app.app_context(), reading() as session:
        lines = session.scalars(select(AuditLine).order_by(AuditLine.number))
        return [(line.act, json.loads(line.old or "{}"), json.loads(line.new or "{}")) for line in lines]


def at_once(*clicks: Callable[[], int]) -> list[int]:
    """The answers to clicks of several people in the same moment."""
    together = threading.Barrier(len(clicks))

    def click(each: Callable[[], int]) -> int:
        together.wait()
        return each()

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(click, clicks))


def previewed(desk: Any, **values: Any) -> str:
    form = next(each for each in desk.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    desk.post(form, act="preview", **(DAYS | values))
    return str(desk.follow() if desk.status == 303 else desk.html)


def published(desk: Any, **values: Any) -> str:
    """The id of a campaign that was published from the seed letter."""
    uploaded(desk)
    previewed(desk, **values)
    desk.post(desk.form("/publish"))
    assert desk.status == 303
    return str(desk.location).rpartition("/")[2]


def test_a_letter_becomes_a_campaign_that_phones_get(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    assert province.text.count("Đọc được") > 8
    assert re.search(r"<mark[^>]*><b>Hạn báo cáo</b>trước ngày 03/8/2021</mark>", province.html)
    assert "Không thấy trong công văn: số, ký hiệu, ngày ban hành, người ký" in province.text
    assert count(world, Campaign) == 2, "nothing is taken without a yes"
    page = previewed(province)
    assert "hạn gửi: hết ngày 02/08/2021" in province.text
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


def test_what_was_worked_out_needs_its_own_yes(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    text = SEED.read_text("utf-8").replace("trước ngày 03/8/2021", "chậm nhất ngày 02/8")
    uploaded(province, word(text))
    assert "ngày hôm sau" in province.text
    previewed(province)
    assert province.status == 422
    assert "Ngày này do hệ thống suy ra" in province.text
    previewed(province, sure=["due_before"])
    assert province.status == 200
    assert "hết ngày 02/08/2021" in province.text
    assert count(world, Campaign) == 2


def test_a_refused_form_keeps_what_was_typed_also_for_another_day(desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, starts_on="32/7/2021", name="Tên tôi gõ", hotline="", **{"expected.banners": "-5"})
    assert province.status == 422
    for words in ("Ngày chưa đúng", "Ô này cần được điền", "Đề nghị ghi số nguyên dương"):
        assert words in province.text
    for page in (province.html, desk("tinh").get(f"{START}")):
        assert "Tên tôi gõ" in unescape(page)
    province.get(START)
    province.get(re.findall(r'href="(/desk/campaigns/drafts/[^"]+)"', province.html)[0])
    form = next(each for each in province.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    assert form.values["starts_on"] == ["32/7/2021"]
    assert form.values["expected.banners"] == ["-5"]
    assert form.values["slogans"][0].count("\n") == 2


def test_a_draft_sent_after_its_session_ended_is_kept_through_the_sign_in(world: World, desk: MakeDesk) -> None:
    province = desk()
    province.sign_in("tinh")
    uploaded(province)
    form = next(each for each in province.forms() if re.search(r"/drafts/[\w-]{16}$", each.action))
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    province.post(form, act="save", name="Gõ trước khi hết phiên")
    assert province.status == 401
    province.post(province.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    province.post(province.form(form.action))
    assert province.status == 303
    assert "Gõ trước khi hết phiên" in unescape(province.follow())


def test_a_pasted_letter_is_kept_through_the_sign_in(world: World, desk: MakeDesk) -> None:
    province = desk()
    province.sign_in("tinh")
    province.get(START)
    with world.app.app_context(), writing() as session:
        session.execute(delete(DeskSession))
    assert send(province, "/campaigns/drafts", text=SEED.read_text("utf-8")) == 401
    province.post(province.form("/desk/sign-in"), username="tinh", password=PASSWORD)
    province.post(province.form("/campaigns/drafts"))
    assert province.status == 303
    assert NAME in unescape(province.follow())


def test_a_name_that_no_database_can_hold_is_refused(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(START)
    assert send(province, "/campaigns/drafts", word("Kính gửi: Các xã"), "cong\0van.docx") == 400
    uploaded(province)
    previewed(province)
    page = province.html
    assert send(province, "/files", b"loa", "bai\0.txt", use="script", title="") == 400
    province.html = page
    assert send(province, "/files", b"loa", "bai.txt", use="script", title="bai\0") == 400
    assert count(world, LetterDraftFile) == 0


def test_a_file_is_not_unpacked_for_one_who_may_not(desk: MakeDesk) -> None:
    province, district, broken = desk("tinh"), desk("huyen"), b"PK\x03\x04 no zip"
    uploaded(province)
    previewed(province)
    outline = next(each.action for each in province.forms() if each.action.endswith("/outline"))
    district.get(START)
    token = district.forms()[0].values["csrf_token"][0]
    for path, status in ((f"{START}/drafts", 403), (outline, 404)):
        data = {"csrf_token": token, "file": (io.BytesIO(broken), "x.docx")}
        assert district.http.post(path, data=data, content_type="multipart/form-data").status_code == status


@pytest.mark.both_databases
def test_three_clicks_at_once_publish_once(world: World, desk: MakeDesk) -> None:
    pages = [desk("tinh") for _ in range(3)]
    uploaded(pages[0])
    at = pages[0].location
    previewed(pages[0])
    for each in pages[1:]:
        each.get(f"{at}/preview")
    clicks = [lambda each=each: each.post(each.form("/publish")).status_code for each in pages]
    assert at_once(*clicks) == [303, 303, 303]
    assert {each.location.rpartition("/")[2] for each in pages} == {at.rpartition("/")[2]}
    assert count(world, Campaign) == 3


@pytest.mark.both_databases
def test_two_officers_with_the_same_letter_open_one_campaign(world: World, desk: MakeDesk) -> None:
    pages = [desk("tinh"), desk("quantri")]
    for each in pages:
        uploaded(each)
        previewed(each)
    assert at_once(*(lambda each=each: each.post(each.form("/publish")).status_code for each in pages)) == [303, 303]
    assert count(world, Campaign) == 3
    assert sum("check=1" in each.location for each in pages) == 1
    second = next(each for each in pages if "check=1" in each.location)
    second.follow()
    assert "Đã có một đợt cùng tên" in second.text


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


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"ends_on": "2021-06-30"}, "Ngày kết thúc phải sau"),
        ({"due_before": "2021-07-31"}, "Hạn báo cáo phải sau ngày kết thúc"),
        ({"due.commune": "2021-08-04"}, "Hạn của cấp này"),
        ({"kinds": []}, "ít nhất một loại hoạt động"),
        ({"slogans": " \n "}, "Ô này cần được điền"),
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


def test_a_day_may_be_typed_as_people_write_it(desk: MakeDesk) -> None:
    province = desk("tinh")
    uploaded(province)
    previewed(province, starts_on="01/7/2021", ends_on="31-7-2021")
    assert province.status == 200


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"PK\x03\x04 no zip", "letter_not_docx"),
        (locked(pdf("Kính gửi: các xã"), "x"), "letter_encrypted"),
        (scan(), "letter_scan"),
        (bytes(range(256)), "letter_unknown_file"),
    ],
    ids=["no docx", "password", "scan", "bytes"],
)
def test_a_file_that_cannot_be_read_is_answered_with_the_reason(
    world: World, desk: MakeDesk, file: bytes, code: str
) -> None:
    province = desk("tinh")
    province.get(START)
    assert send(province, "/campaigns/drafts", file) == CODES[code].status
    assert CODES[code].vi in province.text
    assert count(world, LetterDraft) == 0


def test_fifty_megabytes_are_refused_before_they_are_read(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(START)
    assert send(province, "/campaigns/drafts", b"a" * (50 * 1024**2)) == 413
    assert CODES["letter_too_large"].vi in province.text
    assert count(world, LetterDraft) == 0


def test_neither_file_nor_text(desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(START)
    assert send(province, "/campaigns/drafts") == 422
    assert CODES["letter_empty"].vi in province.text


def test_pasted_text_that_is_refused_is_still_there(desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(START)
    assert send(province, "/campaigns/drafts", text="12345") == 422
    assert "12345" in province.html


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
        assert other.status == 404, "whose campaign it is stands above them"
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
        ({"earlier": world.campaign}, 404),
    ):
        assert district.http.post(f"{START}/drafts", data={"csrf_token": token, **data}).status_code == status
    assert count(world, LetterDraft) == 0


def test_the_same_letter_twice_is_noticed(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    published(province)
    uploaded(province)
    previewed(province)
    assert province.status == 422
    assert "Đã có một đợt cùng tên" in province.text
    previewed(province, twice="1")
    assert province.status == 200
    province.post(province.form("/publish"))
    assert count(world, Campaign) == 4


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
    assert send(province, "/outline", b"PK\x03\x04 no zip", "de-cuong.docx") == 422
    province.post(province.form("/publish"))
    campaign = province.location.rpartition("/")[2]
    with world.app.app_context(), reading() as session:
        assert session.get_one(CampaignLetter, campaign).outline == ["Tình hình", "Kết quả", "Đề nghị"]
        given = session.scalars(select(CampaignFile).where(CampaignFile.campaign_id == campaign)).one()
        assert (given.title, given.use) == ("bai-1", "script")
        content = files.read(session, list(world.units.values()), world.app.extensions["loa_blobs"], given.id)
        with content.file as stored:
            assert stored.read().decode() == "Bà con chú ý."


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


def test_a_published_campaign_is_amended_and_phones_get_it(world: World, desk: MakeDesk) -> None:
    phone = Client(world.app.test_client(), world.token("xa1"))
    before = phone.get("/catalog").get_json()
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.post(
        form,
        **{"name": "Tên mới", "slogan.s1": "Chung tay sửa lỗi chính tả", "slogans": "Khẩu hiệu thêm", "hotline": "112"},
        **{
            "due_before": "2021-08-10",
            "due.commune": "2021-08-05",
            "expected.banners": "7",
            "cutoff": "2021-08-01T12:00",
        },
    )
    assert province.status == 303
    told = phone.get("/catalog").get_json()
    assert told["etag"] != before["etag"]
    mine = next(each for each in told["campaigns"] if each["id"] == world.campaign)
    assert mine["slogans"][0] == {"id": "s1", "text": "Chung tay sửa lỗi chính tả"}
    assert mine["slogans"][-1] == {"id": "s3", "text": "Khẩu hiệu thêm"}
    assert (mine["name"], mine["hotline"], mine["due_before"]) == ("Tên mới", "112", "2021-08-10")
    assert mine["due_levels"] == {"commune": "2021-08-05"}
    assert mine["expected"] == [{"figure": "banners", "amount": 7}]
    assert mine["kinds"] == next(each["kinds"] for each in before["campaigns"] if each["id"] == world.campaign)
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    assert "2021-08-01T12:00" in province.html
    assert acts(world)[-3:] == [
        ("campaign_amended", {}, {"unit": world.units["33"]}),
        ("campaign_due", {"before": "2021-08-03"}, {"before": "2021-08-10"}),
        ("campaign_due", {}, {"before": "2021-08-05"}),
    ]


def test_a_corrected_slogan_is_stored_like_a_new_one(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    typed = unicodedata.normalize("NFD", "Chung tay  vì trẻ em ")
    province.post(province.form("/amend"), **{"slogan.s1": typed})
    assert province.status == 303
    with world.app.app_context(), reading() as session:
        assert session.get_one(Campaign, world.campaign).slogans[0]["text"] == "Chung tay vì trẻ em"


def test_what_records_rest_on_is_not_taken_away(world: World, desk: MakeDesk) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.post(form, **{"slogan.s2": " ", "name": "Vẫn còn đây"})
    assert province.status == 422
    assert "không bỏ được" in province.text
    assert "Vẫn còn đây" in province.html
    province.post(form, kinds=["banner"])
    assert province.status == 303, "kinds that are there are not withdrawn by a form without them"
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, world.campaign)
        assert row.kinds == []
        assert [each["id"] for each in row.slogans] == ["s1", "s2"]


@pytest.mark.both_databases
def test_two_who_amend_at_once_lose_nothing(desk: MakeDesk, world: World) -> None:
    one, two = desk("tinh"), desk("quantri")
    for each in (one, two):
        each.get(f"/desk/campaigns/{world.campaign}/amend")
    one.post(one.form("/amend"), hotline="112")
    two.post(two.form("/amend"), name="Tên của người thứ hai")
    assert two.status == 422
    assert "Có người vừa sửa" in two.text
    assert "Tên của người thứ hai" in two.html
    two.post(two.form("/amend"))
    assert two.status == 303
    with world.app.app_context(), reading() as session:
        row = session.get_one(Campaign, world.campaign)
        assert (row.name, row.hotline) == ("Tên của người thứ hai", "112"), "what the first one entered stays"


def test_an_archived_campaign_is_not_amended(desk: MakeDesk, world: World) -> None:
    province = desk("tinh")
    province.get(f"/desk/campaigns/{world.campaign}/amend")
    form = province.form("/amend")
    province.get(f"/desk/campaigns/{world.campaign}")
    province.post(province.form("/status"), status="archived")
    province.post(form, name="Không được")
    assert province.status == 422
    assert CODES["archived"].vi in province.text
    province.get(f"/desk/campaigns/{world.campaign}")
    assert not province.has_form("/amend")
    assert "Sửa đợt này" not in province.text


def test_files_of_a_published_campaign(desk: MakeDesk, world: World) -> None:
    province = desk("tinh")
    at = f"/desk/campaigns/{world.campaign}/amend"
    province.get(at)
    assert send(province, "/files", "Bài đọc".encode(), "bai.txt", use="script", title="Bài số 1") == 303
    told = Client(world.app.test_client(), world.token("xa1")).get("/catalog").get_json()
    mine = next(each for each in told["campaigns"] if each["id"] == world.campaign)
    assert [each["title"] for each in mine["files"]] == ["Bài số 1"]
    province.get(at)
    assert send(province, "/files", b"\x00", "x", use="script", title="Hỏng") == 422
    province.get(at)
    form = next(each for each in province.forms() if each.action.endswith("/files") and "use" not in each.values)
    province.post(form, remove=mine["files"][0]["id"])
    assert count(world, CampaignFile) == 0
    assert acts(world)[-1] == ("campaign_file_removed", {"campaign": world.campaign}, {})
