"""Reports on their way to the signature: several of one freeze, every step and every refusal, what follows after."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from server.core.clock import new_id, stopped_at, today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.models import AuditLine, CampaignLetter, FreezeDocument, Paper, PaperFile, PaperStep, PaperVersion
from server.services.issuing import signed
from server.services.issuing.states import OF_DRAFTERS, TRANSITIONS, PaperAct, PaperState
from support.clients.phone import Phone
from support.world import issuing, locking
from support.world.changes import come, merge, status
from support.world.issuing import LEADER, NUMBER, changes, make, opened, pdf, prose, standing, step, to, word, write
from support.world.locking import WHY, lock, unlock
from support.world.papers import decide, fill, images, with_photos
from support.world.papers import word as locked_word
from support.world.purging import purge
from support.world.world import World
from sync.errors import Refused

pytestmark = pytest.mark.sqlite_first

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
A, S = PaperAct, PaperState


def refused(act: Callable[[], object]) -> str:
    with pytest.raises((Problem, Refused)) as told:
        act()
    return str(getattr(told.value, "code", ""))


def log_of(world: World, paper: str) -> list[tuple[str, str, str]]:
    with world.app.app_context(), reading() as session:
        rows = session.scalars(select(AuditLine).where(AuditLine.about_id == paper).order_by(AuditLine.number))
        return [
            (row.act, json.loads(row.old or "{}").get("status", ""), json.loads(row.new).get("status", ""))
            for row in rows
        ]


def again(world: World) -> str:
    """Unlock and lock once more."""
    unlock(world)
    return lock(world)


# --- several reports of one freeze ---------------------------------------------------


def test_two_reports_of_one_freeze_have_their_own_settings_and_texts(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    fill(desk, phone)
    freeze = lock(world, "tinh", "33")
    first, second = make(world, "tinh", "33"), make(world, "tinh", "33")
    own = {
        "set__to": "Ủy ban nhân dân tỉnh Hưng Yên",
        "set__bases": "Kế hoạch số 99/KH-UBND",
        "set__recipients": "- Thường trực Tỉnh ủy;\n- Lưu: VT, VX.",
        "strengths": "Người dân hưởng ứng.",
    }
    write(world, first, "tinh", **own)
    write(
        world,
        second,
        "tinh",
        set__to="Bộ Lao động\nCục Phòng, chống tệ nạn xã hội",
        set__outline="Kết quả thực hiện\nKiến nghị với Bộ\nCông tác phối hợp",
        set__subject="Kết quả Ngày toàn dân năm 2021",
        proposals="Bố trí kinh phí.",
    )
    one, two = prose(word(world, first, "tinh")), prose(word(world, second, "tinh"))
    assert "Kính gửi: Ủy ban nhân dân tỉnh Hưng Yên" in one
    assert "Thực hiện Kế hoạch số 99/KH-UBND;" in one
    assert "III. ĐÁNH GIÁ CHUNG" in one
    assert "Người dân hưởng ứng." in one
    assert "Kính gửi:\n- Bộ Lao động;\n- Cục Phòng, chống tệ nạn xã hội." in two
    assert "Kết quả Ngày toàn dân năm 2021" in two
    assert "ĐÁNH GIÁ CHUNG" not in two
    assert "II. KIẾN NGHỊ VỚI BỘ\nBố trí kinh phí." in two
    assert "III. CÔNG TÁC PHỐI HỢP" in two
    end = [cell.text for table in opened(word(world, first, "tinh")).tables for row in table.rows for cell in row.cells]
    assert any("- Lưu: VT, VX." in said for said in end)
    for said in (one, two):
        assert "2. Tiếp nhận, hỗ trợ nạn nhân\nCó báo cáo riêng." in said
        assert "treo 48 băng rôn" in said
    with world.app.app_context(), reading() as session:
        assert {row.freeze_id for row in session.scalars(select(Paper))} == {freeze}


def test_it_begins_with_the_letter_and_with_the_last_report_of_the_unit(world: World) -> None:
    facts = {"issuer": "Sở Lao động - Thương binh và Xã hội", "above": "UBND tỉnh Hưng Yên"}
    with world.app.app_context(), writing() as session:
        letter = CampaignLetter(campaign_id=world.campaign, text="", facts=facts)
        letter.due_bases, letter.outline = {"district": "Công văn số 5 của huyện"}, ["Kết quả", "Kiến nghị"]
        session.add(letter)
    lock(world)
    first = make(world)
    said = prose(word(world, first))
    assert "Kính gửi: Sở Lao động - Thương binh và Xã hội" in said, "the level below the campaign answers its letter"
    assert "Thực hiện Công văn số 5 của huyện;" in said
    assert "II. KIẾN NGHỊ" in said
    assert "ĐÁNH GIÁ CHUNG" not in said
    write(world, first, set__to="Thường trực Huyện ủy")
    assert "Kính gửi: Thường trực Huyện ủy" in prose(word(world, make(world)))
    lock(world, "tinh", "33")
    assert "Kính gửi: UBND tỉnh Hưng Yên" in prose(word(world, make(world, "tinh", "33"), "tinh"))


@pytest.mark.both_databases
def test_what_was_presented_stays_and_is_built_again_to_the_same_bytes(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    with_photos(world, desk, range(2))
    lock(world)
    paper = make(world)
    write(world, paper, strengths="Trước khi trình.")
    assert "DỰ THẢO" in "".join(cell.text for cell in opened(word(world, paper)).tables[0]._cells)  # noqa: SLF001
    step(world, paper, A.SUBMIT)
    made = word(world, paper)
    assert images(made) == 2
    assert "DỰ THẢO" not in "".join(cell.text for cell in opened(made).tables[0]._cells)  # noqa: SLF001
    foot = opened(made).sections[0].first_page_footer.paragraphs[0].text
    with world.app.app_context(), reading() as session:
        version = session.scalars(select(PaperVersion)).one()
        kept = session.scalars(select(FreezeDocument)).one()
        session.expunge_all()
    assert f"bản trình lần 1, mã nội dung {version.sha256[:16]}" in foot
    blobs = world.app.extensions["loa_blobs"]
    blobs.drop([kept.sha256])
    officer = phone("xa1")
    officer.create(quantity=99)
    officer.sync()
    issuing.write_unit(world, "331", "huyen", strengths="Sau khi trình.")
    assert word(world, paper) == made
    assert blobs.has(kept.sha256), "and it is kept again"
    one = desk("huyen")
    assert locked_word(one, standing(world, paper).row.freeze_id) != made


def test_a_unit_s_text_is_frozen_with_its_figures(world: World) -> None:
    issuing.write_unit(world, "331", "huyen", ahead="Duy trì truyền thanh.")
    freeze = lock(world)
    issuing.write_unit(world, "331", "huyen", ahead="Viết sau khi khóa.")
    assert locking.frozen(world, freeze).head["narrative"] == {"ahead": "Duy trì truyền thanh."}
    assert "Duy trì truyền thanh." in prose(word(world, make(world)))


@pytest.mark.both_databases
def test_one_is_made_however_often_the_button_is_pressed(world: World, desk: MakeDesk) -> None:
    one = desk("huyen")
    lock(world)
    one.get("/desk/report")
    form = one.form("/desk/papers")
    for _ in range(2):
        one.post(form)
        assert one.status == 303
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(Paper)).all()) == 1
        assert len(session.scalars(select(PaperStep)).all()) == 1


def test_who_may_not_make_one(world: World) -> None:
    assert refused(lambda: make(world)) == "paper_not_locked"
    lock(world)
    assert refused(lambda: make(world, "xa1")) == "not_found"
    assert refused(lambda: make(world, "tinh")) == "forbidden"
    assert refused(lambda: make(world, kind="letter")) == "bad_request"
    assert refused(lambda: make(world, kind="supplement")) == "bad_request"
    unlock(world)
    assert refused(lambda: make(world)) == "paper_not_locked"
    lock(world)
    status(world, "archived")
    assert refused(lambda: make(world)) == "archived"


# --- the steps ------------------------------------------------------------------------


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("act", [act for act in A if act is not A.MAKE])
@pytest.mark.sqlite_first
def test_every_step_in_every_state(world: World, state: PaperState, act: PaperAct) -> None:
    lock(world)
    paper = to(world, make(world), state)
    before = standing(world, paper)
    if act is A.MOVE and state is S.DRAFT:
        again(world)
    if (state, act) not in TRANSITIONS:
        assert refused(lambda: step(world, paper, act, pdf=pdf())) == "paper_step"
        assert len(standing(world, paper).steps) == len(before.steps)
        return
    more: dict[str, Any] = {"pdf": pdf()} if act is A.FILE else {}
    assert step(world, paper, act, **more) == TRANSITIONS[state, act]
    after = standing(world, paper)
    assert after.last.number == before.last.number + 1
    assert log_of(world, paper)[-1 if act is not A.FILE else -2] == ("paper_step", state.value, after.state.value)


def test_the_whole_road_is_in_the_log(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.ISSUED)
    step(world, paper, A.FILE, pdf=pdf())
    assert log_of(world, paper) == [
        ("paper_made", "", "draft"),
        ("paper_step", "draft", "content"),
        ("paper_step", "content", "form"),
        ("paper_step", "form", "signing"),
        ("paper_step", "signing", "signed"),
        ("paper_step", "signed", "issued"),
        ("paper_step", "issued", "issued"),
        ("paper_filed", "", ""),
    ]


@pytest.mark.parametrize("act", [A.SUBMIT, A.CHECK_CONTENT, A.CHECK_FORM, A.SIGN, A.ISSUE, A.BACK])
@pytest.mark.sqlite_first
def test_who_may_record_which_step(world: World, act: PaperAct) -> None:
    """Who answers for the figures; what the registry does, anybody of the unit; nobody above, below or beside it."""
    come(world, "nhanla", "331", "officer")
    lock(world)
    state = next((before for before, each in TRANSITIONS if each is act and act is not A.BACK), S.SIGNING)
    paper = to(world, make(world), state)
    for who in ("xa1", "phucu"):
        assert refused(lambda who=who: step(world, paper, act, who)) == "not_found"  # type: ignore[misc]
    for who in ("tinh", "quantri"):
        assert refused(lambda who=who: step(world, paper, act, who)) == "forbidden"  # type: ignore[misc]
    if act in OF_DRAFTERS:
        assert refused(lambda: step(world, paper, act, "nhanla")) == "forbidden"
        step(world, paper, act)
    else:
        step(world, paper, act, "nhanla")


def test_nobody_checks_what_they_presented(world: World) -> None:
    come(world, "xa2", "331", "reviewer")
    lock(world)
    paper = to(world, make(world), S.CONTENT)
    assert refused(lambda: step(world, paper, A.CHECK_CONTENT, person=" ")) == "person_needed"
    step(world, paper, A.CHECK_CONTENT, "xa2", person="")
    assert refused(lambda: step(world, paper, A.CHECK_FORM, person="")) == "person_needed"
    step(world, paper, A.CHECK_FORM, "xa2", person="")
    assert refused(lambda: step(world, paper, A.SIGN, "xa2", person="")) == "person_needed", "Loa signs nothing"
    step(world, paper, A.SIGN)
    assert [each.person for each, _ in standing(world, paper).steps] == ["", "", "", "", LEADER]


def test_it_goes_back_with_a_reason_and_is_presented_again(world: World) -> None:
    lock(world)
    paper = make(world)
    for state in (S.CONTENT, S.FORM, S.SIGNING, S.SIGNED):
        to(world, paper, state)
        assert refused(lambda: step(world, paper, A.BACK, reason=" \n")) == "reason_needed"
        assert refused(lambda: step(world, paper, A.BACK, reason="x" * 2001)) == "too_long"
        assert step(world, paper, A.BACK, reason="Sửa mục III") is S.DRAFT
        write(world, paper, causes=f"Lần {state}")
    to(world, paper, S.ISSUED)
    assert "Lần signed" in prose(word(world, paper))
    assert refused(lambda: step(world, paper, A.BACK)) == "paper_step"
    with world.app.app_context(), reading() as session:
        assert list(session.scalars(select(PaperVersion.number).order_by(PaperVersion.number))) == [1, 2, 3, 4, 5]


def test_what_was_presented_is_not_edited(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.CONTENT)
    assert refused(lambda: write(world, paper, strengths="x")) == "paper_not_draft"
    step(world, paper, A.BACK)
    write(world, paper, strengths="x")


def test_number_and_day_come_after_the_signature_and_must_be_right(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    assert refused(lambda: step(world, paper, A.ISSUE, doc_number=" ")) == "number_needed"
    assert refused(lambda: step(world, paper, A.ISSUE, doc_number="1" * 61)) == "too_long"
    assert refused(lambda: step(world, paper, A.ISSUE, doc_date=None)) == "date_needed"
    for day in (today() + timedelta(1), today() - timedelta(1)):
        assert refused(lambda day=day: step(world, paper, A.ISSUE, doc_date=day)) == "paper_date"  # type: ignore[misc]
    before = word(world, paper)
    step(world, paper, A.ISSUE)
    issued = standing(world, paper).issued
    assert issued
    assert (issued.doc_number, issued.doc_date) == (NUMBER, today())
    assert word(world, paper) == before, "Loa draws no number into what was signed"
    other = to(world, make(world), S.SIGNED)
    assert refused(lambda: step(world, other, A.ISSUE)) == "paper_number_taken"
    step(world, other, A.ISSUE, doc_number="13/BC-UBND")


@pytest.mark.both_databases
def test_two_people_at_once(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    lock(world)
    paper = to(world, make(world), S.CONTENT)
    one, other = desk("huyen"), desk("xa2")
    for each in (one, other):
        each.get(f"/desk/papers/{paper}")
    back = next(form for form in one.forms() if form.values.get("act") == ["back"])
    passes = next(form for form in other.forms() if form.values.get("act") == ["check_content"])
    one.post(back, reason="Thiếu phụ lục")
    other.post(passes)
    assert other.status == 409
    assert "Người khác vừa làm một bước với báo cáo này" in other.text
    assert standing(world, paper).state is S.DRAFT
    assert len(standing(world, paper).steps) == 3


def test_a_closed_campaign_goes_on_and_an_archived_one_does_not(world: World) -> None:
    lock(world)
    paper = make(world)
    status(world, "closed")
    to(world, paper, S.SIGNING)
    status(world, "archived")
    assert refused(lambda: step(world, paper, A.SIGN)) == "archived"


def test_a_unit_that_was_merged_signs_nothing(world: World) -> None:
    lock(world, "phucu", "333")
    paper = make(world, "phucu", "333")
    merge(world, "333", into="331", with_people=True)
    assert refused(lambda: step(world, paper, A.SUBMIT, "huyen")) == "unit_merged"


# --- the signed PDF -----------------------------------------------------------------------


def test_the_signed_pdf_is_kept_by_its_hash(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    data = pdf("first")
    one.post(form, doc_number=NUMBER, doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.docx")])
    assert one.status == 303
    with world.app.app_context(), reading() as session:
        file = session.scalars(select(PaperFile)).one()
        session.expunge_all()
    assert (file.size_bytes, file.encrypted, file.differs) == (len(data), False, False)
    one.get(f"/desk/papers/{paper}")
    answer = one.http.get(f"/desk/papers/{paper}/signed/{file.id}", buffered=True)
    assert (answer.data, answer.mimetype) == (data, "application/pdf")
    assert "bao-cao-da-ky-12-bc-ubnd.pdf" in answer.headers["Content-Disposition"]
    assert "không khớp số liệu" not in one.text
    assert desk("phucu").http.get(f"/desk/papers/{paper}/signed/{file.id}").status_code == 404
    assert one.http.get(f"/desk/papers/{paper}/signed/{new_id()}").status_code == 404


def test_who_sees_that_its_figures_differ_says_so(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.ISSUED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["file"])
    one.post(form, pdf=[(io.BytesIO(pdf("x", password="111")), "a.pdf")], differs="1")
    one.get(f"/desk/papers/{paper}")
    assert "không khớp số liệu đã khóa" in one.text
    assert "PDF có mật khẩu hoặc hạn chế" in one.text
    one.get("/desk/papers")
    assert "không khớp số liệu đã khóa" in one.text
    form = next(
        form for form in (one.get(f"/desk/papers/{paper}") and one.forms()) if form.values.get("act") == ["file"]
    )
    one.post(form, pdf=[(io.BytesIO(pdf("right one")), "a.pdf")])
    one.get(f"/desk/papers/{paper}")
    assert "Bản đã ký không khớp" not in one.text, "the last one counts"
    assert "(bản lưu trước)" in one.text


@pytest.mark.parametrize(
    ("data", "code", "sentence"),
    [
        (b"PK\x03\x04 a word file", 422, "không phải PDF"),
        (b"", 422, "Chưa có tệp nào"),
        (pdf()[:-200], 422, "thiếu phần cuối"),
        (pdf() + b"0" * 2000, 413, "trên 20 MB"),
    ],
)
@pytest.mark.sqlite_first
def test_a_file_that_is_no_signed_pdf(
    world: World, desk: MakeDesk, data: bytes, code: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert signed.PDF_BYTES == 20 * 1024**2, "as the sentence says"
    monkeypatch.setattr(signed, "PDF_BYTES", 2000)
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["issue"])
    one.post(form, doc_number="giữ lại", doc_date=today().isoformat(), pdf=[(io.BytesIO(data), "ky.pdf")])
    assert (one.status, sentence in one.text) == (code, True), one.text
    assert standing(world, paper).state is S.SIGNED
    assert 'value="giữ lại"' in one.html, "what was typed is still there"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(PaperFile)).first() is None


# --- figures that change ---------------------------------------------------------------------


def test_before_the_signature_it_moves_to_newer_figures_and_keeps_its_text(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer, one = phone("xa1"), desk("huyen")
    first, late = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(one, first)
    lock(world)
    paper = make(world)
    write(world, paper, strengths="Giữ nguyên.", part__visual="Toàn huyện treo {banners} băng rôn ở 12 tuyến phố.")
    to(world, paper, S.SIGNING)
    decide(one, late)
    newer = again(world)
    assert refused(lambda: step(world, paper, A.SIGN)) == "paper_figures_moved", "nobody signs figures of yesterday"
    one.get(f"/desk/papers/{paper}")
    assert "Huyện Kim Động Băng rôn 3 7 +4" in one.text
    assert "chuyển báo cáo về dự thảo trước" in one.text
    step(world, paper, A.BACK)
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["move"])
    one.post(form)
    assert standing(world, paper).row.freeze_id == newer
    assert refused(lambda: step(world, paper, A.MOVE)) == "paper_no_newer"
    said = prose(word(world, paper))
    assert "Giữ nguyên." in said
    assert "Toàn huyện treo 07 băng rôn ở 12 tuyến phố." in said, "the figure followed, the edit stayed"
    one.get(f"/desk/texts?paper={paper}")
    assert "Số gõ tay, không tự cập nhật theo số liệu: 12" in one.text
    to(world, paper, S.SIGNED)


def test_while_figures_are_unlocked_nothing_is_signed_and_the_page_says_why(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.FORM)
    unlock(world)
    assert refused(lambda: step(world, paper, A.CHECK_FORM)) == "paper_figures_moved"
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "đã được mở khóa để làm lại" in one.text


def issued_then_more(world: World, desk: MakeDesk, phone: MakePhone) -> str:
    """A report that was issued; then a record came late, and the figures were locked again."""
    officer, one = phone("xa1"), desk("huyen")
    first, late = officer.create(quantity=3), officer.create(quantity=4)
    officer.sync()
    decide(one, first)
    lock(world)
    paper = make(world)
    write(world, paper, strengths="Của báo cáo đầu.", set__to="UBND tỉnh")
    to(world, paper, S.ISSUED)
    assert refused(lambda: make(world, kind="supplement", follows=paper)) == "paper_no_newer"
    decide(one, late)
    again(world)
    return paper


def test_after_issue_a_supplementary_report(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    paper = issued_then_more(world, desk, phone)
    assert refused(lambda: step(world, paper, A.MOVE)) == "paper_step"
    later = make(world, kind="supplement", follows=paper)
    said = prose(word(world, later))
    day = today()
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    assert f"đã có Báo cáo số {NUMBER} ngày {day.day:02d} tháng {month} năm {day.year} về kết quả" in said
    assert f"Bổ sung số liệu Báo cáo số {NUMBER} về kết quả" in said
    assert "Kính gửi: UBND tỉnh" in said
    assert WHY in said
    assert "Băng rôn: đã báo cáo 3, nay báo cáo 7 chiếc (+4)." in said
    assert "Của báo cáo đầu." not in said
    assert ["", "Tổng cộng", "Băng rôn (chiếc)", "3", "7", "+4", "thêm 01 kết quả"] in changes(word(world, later))
    to(world, later, S.ISSUED, doc_number="20/BC-UBND")
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "Báo cáo bổ sung 20/BC-UBND" in one.text
    assert "không đính chính số liệu" in one.text
    again(world)
    third = make(world, kind="supplement", follows=later)
    assert "đã có Báo cáo số 20/BC-UBND" in prose(word(world, third)), "it follows the one before it"
    assert "Số liệu không thay đổi." in prose(word(world, third))


def test_after_issue_a_report_in_its_place(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    paper = issued_then_more(world, desk, phone)
    later, other = (make(world, kind="replacement", follows=paper) for _ in range(2))
    made = word(world, later)
    said = prose(made)
    assert f"(thay thế Báo cáo số {NUMBER})" in said
    assert f"Báo cáo này thay thế Báo cáo số {NUMBER} ngày" in said
    says = next(line for line in said.split("\n") if "Báo cáo này thay thế" in line)
    assert "PHÒNG LAO ĐỘNG" not in says
    assert "Phòng Lao động - Thương binh và Xã hội huyện Kim Động" in says
    assert "Của báo cáo đầu." in said, "all of it again, with the text of the one before"
    assert "treo 07 băng rôn" in said
    assert ["", "Tổng cộng", "Băng rôn (chiếc)", "3", "7", "+4", "thêm 01 kết quả"] in changes(made)
    heads = [line for line in said.split("\n") if line.startswith("Phụ lục ")]
    assert heads == ["Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV"]
    assert "nay báo cáo tại Phụ lục II." in said
    assert not standing(world, paper).replaced_by
    to(world, later, S.ISSUED, doc_number="20/BC-UBND")
    assert standing(world, paper).replaced_by == later
    to(world, other, S.SIGNED)
    assert refused(lambda: step(world, other, A.ISSUE, doc_number="21/BC-UBND")) == "paper_replaced"
    again(world)
    assert refused(lambda: make(world, kind="supplement", follows=paper)) == "paper_replaced"
    make(world, kind="supplement", follows=later)


def test_only_what_was_issued_is_followed(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    again(world)
    assert refused(lambda: make(world, kind="supplement", follows=paper)) == "paper_step"
    assert refused(lambda: make(world, kind="supplement", follows=new_id())) == "not_found"
    lock(world, "phucu", "333")
    assert refused(lambda: make(world, "phucu", "333", kind="supplement", follows=paper)) == "not_found"


@pytest.mark.both_databases
def test_numbers_may_come_again_in_another_year(world: World) -> None:
    lock(world)
    to(world, make(world), S.ISSUED)
    later = 400 * 24 * 3600 * 1000
    with world.app.app_context(), reading() as session:
        at = session.scalars(select(PaperStep.at).order_by(PaperStep.at.desc())).first()
    with stopped_at(int(at or 0) + later):
        again(world)
        to(world, make(world), S.ISSUED)


# --- kept ------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE paper_step SET doc_number = '99/BC-UBND'",
        "DELETE FROM paper_step",
        "UPDATE paper_version SET content = '{}'",
        "DELETE FROM paper_version",
        "UPDATE paper_file SET differs = NOT differs",
        "DELETE FROM paper_file",
    ],
)
def test_no_statement_alters_what_was_presented(world: World, statement: str) -> None:
    lock(world)
    step(world, to(world, make(world), S.ISSUED), A.FILE, pdf=pdf())
    with world.app.app_context(), pytest.raises(DBAPIError, match="not altered"), writing() as session:
        session.execute(text(statement))


@pytest.mark.both_databases
def test_the_page_says_what_was_altered_behind_its_back(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.CONTENT)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "đã bị thay đổi sau khi trình" not in one.text
    locking.alter(world, "UPDATE paper_version SET content = replace(content, 'loa-paper-1', 'loa-paper-9')")
    one.get(f"/desk/papers/{paper}")
    assert "đã bị thay đổi sau khi trình" in one.text


@pytest.mark.both_databases
def test_a_purged_record_is_in_no_paper_either(world: World, desk: MakeDesk) -> None:
    """L-11: the document is built again without its photo; what was presented holds no word of it."""
    records = with_photos(world, desk, range(3))
    lock(world)
    paper = to(world, make(world), S.CONTENT)
    assert images(word(world, paper)) == 3
    purge(world, records[0])
    made = word(world, paper)
    assert images(made) == 2
    assert "01 ảnh không còn trong phụ lục này" in prose(made)
    assert word(world, paper) == made
    with world.app.app_context(), reading() as session:
        assert "Thôn Kín" not in session.scalars(select(PaperVersion.content)).one()


def test_who_may_see_one(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = make(world)
    for who, code in (("huyen", 200), ("tinh", 200), ("quantri", 200), ("phucu", 404), ("xa1", 404)):
        one = desk(who)
        for path in (f"/desk/papers/{paper}", f"/desk/papers/{paper}/word", f"/desk/texts?paper={paper}"):
            assert one.http.get(path, buffered=True).status_code == code, (who, path)
    above = desk("tinh")
    above.get(f"/desk/papers/{paper}")
    assert not above.has_form("/step"), "the level above looks and does nothing"
