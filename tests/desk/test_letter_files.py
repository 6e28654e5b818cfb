"""A letter's file that cannot be taken is answered with the reason, and what was typed is still there."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import Select, select

from server.core.db import reading
from server.models import CampaignFile, LetterDraft, LetterDraftFile
from support.clients.desk import MakeDesk
from support.letters.desk import START, acts, count, previewed, send, uploaded
from support.letters.files import locked, pdf, scan, word
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.slow
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


def test_who_uploads_a_design_answers_for_the_hotline_once(world: World, desk: MakeDesk) -> None:
    """F-25: asked with the file in the draft, changed there, published with it, and copied with it."""
    province = desk("tinh")
    uploaded(province)
    page = previewed(province)
    assert send(province, "/files", b"Mau 1", "1.txt", use="design", title="Mẫu 1", hotline="yes") == 303
    province.html = page
    assert send(province, "/files", b"Mau 2", "2.txt", use="design", title="Mẫu 2", hotline="yes") == 303
    province.html = page
    assert send(province, "/files", b"Bai", "b.txt", use="script", title="Bài") == 303
    province.follow()
    form = next(each for each in province.forms() if "hotline" in each.values and "use" not in each.values)
    chosen = _files(world)
    assert province.post(form, answer=chosen["Mẫu 2"], hotline="no").status_code == 303
    assert province.post(form, answer="AAAAAAAAAAAAAAAA", hotline="no").status_code == 404
    province.get(form.action.removesuffix("/files") + "?step=preview")
    province.post(province.form("/publish"))
    campaign = province.location.rpartition("/")[2]
    published = select(CampaignFile.title, CampaignFile.hotline)
    assert _answers(world, published) == {
        "Bài": None,
        "Mẫu 1": True,
        "Mẫu 2": False,
    }
    given = [new for act, _, new in acts(world) if act == "campaign_file_answered"]
    assert sorted(each["state"] for each in given) == ["no", "yes"]
    province.get(START)
    province.post(next(each for each in province.forms() if "earlier" in each.values), earlier=campaign)
    copied = select(LetterDraftFile.title, LetterDraftFile.hotline)
    assert _answers(world, copied) == {"Bài": None, "Mẫu 1": True, "Mẫu 2": False}


def _files(world: World) -> dict[str, str]:
    with world.app.app_context(), reading() as session:
        return {row.title: row.id for row in session.scalars(select(LetterDraftFile))}


def _answers(world: World, rows: Select[str, bool | None]) -> dict[str, bool | None]:
    with world.app.app_context(), reading() as session:
        return {row.title: row.hotline for row in session.execute(rows)}
