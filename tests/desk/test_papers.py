"""Reports for the signature: several of one freeze, each with its settings and texts, built again to the same bytes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import CampaignLetter, FreezeDocument, Paper, PaperStep, PaperVersion
from server.services.reports.text import passages
from server.services.reports.workflow import settings
from server.services.reports.workflow.papers import PaperAct, PaperState
from server.services.reports.workflow.settings import PaperSettings
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world import issuing, locking
from support.world.changes import status
from support.world.issuing import history, make, opened, prose, step, word, write
from support.world.locking import lock, unlock
from support.world.paper_steps import refused
from support.world.papers import fill, images, with_photos
from support.world.papers import word as locked_word
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

A, S = PaperAct, PaperState


@pytest.mark.slow
@pytest.mark.costly
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


@pytest.mark.slow
@pytest.mark.costly
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
    assert "Thực hiện Công văn số ……… ngày ……… của Sở Lao động - Thương binh và Xã hội và Công văn số 5" in said
    assert "II. KIẾN NGHỊ" in said
    assert "ĐÁNH GIÁ CHUNG" not in said
    write(world, first, set__to="Thường trực Huyện ủy", set__recipients="- Lưu: VT, VX.")
    second = prose(word(world, make(world)))
    assert "Thường trực Huyện ủy" not in second, "another report has another addressee, and cites another letter"
    assert "Công văn số 5 của huyện" not in second
    assert "II. KIẾN NGHỊ" in second
    lock(world, "tinh", "33")
    assert "Kính gửi: UBND tỉnh Hưng Yên" in prose(word(world, make(world, "tinh", "33"), "tinh"))


@pytest.mark.slow
@pytest.mark.databases("both")
@pytest.mark.costly
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
    foot = opened(made).sections[1].first_page_footer.paragraphs[0].text
    with world.app.app_context(), reading() as session:
        version = session.scalars(select(PaperVersion)).one()
        kept = session.scalars(select(FreezeDocument)).one()
        session.expunge_all()
    assert f"bản trình lần 1, mã nội dung {version.sha256[:16]}" in foot
    blobs = installed(world.app).blobs
    blobs.drop([kept.sha256])
    officer = phone("xa1")
    officer.create(quantity=99)
    officer.sync()
    issuing.write_unit(world, "331", "huyen", strengths="Sau khi trình.")
    assert word(world, paper) == made
    assert blobs.has(kept.sha256), "and it is kept again"
    one = desk("huyen")
    assert locked_word(one, history(world, paper).row.freeze_id) != made


@pytest.mark.slow
def test_what_is_written_after_the_lock_is_in_the_report(world: World, desk: MakeDesk) -> None:
    """A freeze holds figures alone: texts are a paper's, and its draft shows what is written until it is presented."""
    issuing.write_unit(world, "331", "huyen", ahead="Duy trì truyền thanh.")
    freeze = lock(world)
    issuing.write_unit(world, "331", "huyen", ahead="Viết sau khi khóa.", strengths="Người dân hưởng ứng.")
    assert "truyền thanh" not in locking.frozen(world, freeze).row.head
    for made in (locked_word(desk("huyen"), freeze), word(world, make(world))):
        assert "Viết sau khi khóa." in prose(made)
        assert "Người dân hưởng ứng." in prose(made)


@pytest.mark.slow
@pytest.mark.costly
def test_what_is_said_to_be_unwritten_is_what_nobody_has_written(world: World, desk: MakeDesk) -> None:
    """In today's draft, the locked figures and the report are as many blanks as the road says."""
    one, place = desk("huyen"), f"?unit={world.units['331']}&campaign={world.campaign}"

    def seen(path: str) -> tuple[int, int]:
        one.get(path)
        written = re.search(r"đã viết (\d)/6 mục", one.text)
        return one.text.count("Chưa viết"), int(written[1]) if written else -1

    assert seen(f"/desk/report{place}") == (6, 0)
    issuing.write_unit(world, "331", "huyen", strengths="Người dân hưởng ứng.")
    assert seen(f"/desk/report{place}") == (5, 1)
    assert "Chưa ghi kinh phí." in one.text, "no text, but an amount that is stated elsewhere"
    freeze = lock(world)
    issuing.write_unit(world, "331", "huyen", ahead="Viết sau khi khóa.")
    assert seen(f"/desk/locked/{freeze}/page")[0] == 4
    paper = make(world)
    assert seen(f"/desk/papers/{paper}") == (4, 2)
    write(world, paper, **dict.fromkeys(("direction", "difficulties", "causes", "proposals"), "Đã viết."))
    assert seen(f"/desk/papers/{paper}") == (0, 6)
    assert seen(f"/desk/report{place}") == (0, 6)
    blanks = [each for each in opened(word(world, paper)).paragraphs if each.text == "\t"]
    assert len(blanks) == 1, "of the money"


@pytest.mark.slow
def test_a_second_report_of_the_same_figures_begins_as_a_copy(world: World) -> None:
    """UBND tỉnh and Bộ: all texts, the recipients and the signer; not whom it is addressed to."""
    lock(world)
    first = make(world)
    said = {"strengths": "Người dân hưởng ứng.", "part__banners": "Toàn huyện đã treo băng rôn."}
    write(world, first, set__signer="Trần Văn Hưng", set__to="Ủy ban nhân dân huyện", **said)
    second = make(world)
    step(world, first, A.SUBMIT)
    write(world, second, strengths="Chỉ trong báo cáo thứ hai.")
    one, two = word(world, first), word(world, second)
    assert "Người dân hưởng ứng." in prose(one)
    assert "Chỉ trong báo cáo thứ hai." not in prose(one)
    assert "Chỉ trong báo cáo thứ hai." in prose(two)
    assert "Ủy ban nhân dân huyện" not in prose(two)
    assert "TRẦN VĂN HƯNG" in signed_by(opened(two)).upper()


@pytest.mark.slow
def test_a_deputy_may_sign_figures_that_are_locked(world: World, desk: MakeDesk) -> None:
    """In the report itself, or in the unit's letterhead, which a new report begins with."""
    lock(world, "tinh", "33")
    paper = make(world, "tinh", "33")
    assert "KT. GIÁM ĐỐC" not in signed_by(opened(word(world, paper, "tinh")))
    write(world, paper, "tinh", set__signing="kt giám đốc\nphó giám đốc", set__signer="Trần Văn Hưng")
    said = signed_by(opened(word(world, paper, "tinh")))
    assert "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC" in said
    assert "Trần Văn Hưng" in said
    page = desk("tinh")
    page.get(f"/desk/texts?paper={paper}")
    assert "Quyền hạn, chức vụ người ký" in page.text
    step(world, paper, A.SUBMIT, "tinh")
    presented = word(world, paper, "tinh")
    assert "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC" in signed_by(opened(presented))
    step(world, paper, A.BACK, "tinh")
    write(world, paper, "tinh", set__signing="GIÁM ĐỐC")
    assert "KT. GIÁM ĐỐC" not in signed_by(opened(word(world, paper, "tinh")))
    step(world, paper, A.SUBMIT, "tinh")
    assert word(world, paper, "tinh") != presented, "a returned draft opens as a new version"


def signed_by(document: Any) -> str:
    """What stands over and under the signature."""
    return "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)


@pytest.mark.databases("both")
@pytest.mark.slow
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


@pytest.mark.slow
def test_who_issues_a_report_is_chosen_and_a_department_drafts_for_the_committee(world: World, desk: MakeDesk) -> None:
    lock(world)
    lock(world, "tinh", "33")
    own = make(world, "tinh", "33")
    write(world, own, "tinh", strengths="Người dân hưởng ứng.")
    one = desk("tinh")
    one.get(f"/desk/papers/{own}")
    assert "Cơ quan ban hành" in one.text
    one.post(one.form("/desk/papers"), issuer="committee")
    paper = one.location.rpartition("/")[2]
    said = word(world, paper, "tinh")
    head = "\n".join(cell.text for cell in opened(said).tables[0]._cells)  # noqa: SLF001
    assert "ỦY BAN NHÂN DÂN\nTỈNH HƯNG YÊN" in head
    assert "SỞ" not in head
    assert "/BC-UBND" in head
    assert "Kính gửi: Bộ Lao động - Thương binh và Xã hội" in prose(said)
    assert "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH" in signed_by(opened(said))
    assert "- Lưu: VT, SLĐTBXH." in signed_by(opened(said))
    assert "Ủy ban nhân dân tỉnh Hưng Yên báo cáo./." in prose(said)
    assert "Người dân hưởng ứng." in prose(said), "what was written is the same"
    for issuer, symbol in (("committee", "BC-UBND"), ("own", "BC-PLĐTBXH")):
        assert settings_of(world, make(world, issuer=issuer)).head.symbol == symbol
    assert refused(lambda: make(world, issuer="ministry")) == "bad_request"


def test_the_first_choice_is_the_head_that_it_shows(world: World, desk: MakeDesk) -> None:
    """Also after a report for the committee; what a clerk amended in the last one of one's own stays."""
    lock(world, "tinh", "33")
    one, last, heads = desk("tinh"), make(world, "tinh", "33"), []
    own = settings_of(world, last)
    for issuer in ({"issuer": "committee"}, {}, {}):
        one.get(f"/desk/papers/{last}")
        assert one.post(one.form("/desk/papers"), **issuer).status_code == 303
        last = one.location.rpartition("/")[2]
        heads.append(settings_of(world, last))
        if not issuer:
            write(world, last, "tinh", set__recipients="- Lưu: VT, VX.")
    assert [each.head.symbol for each in heads] == ["BC-UBND", own.head.symbol, own.head.symbol]
    assert (heads[1].head, heads[1].to, heads[1].recipients) == (own.head, own.to, own.recipients)
    assert heads[2].recipients == ("- Lưu: VT, VX.",)


def settings_of(world: World, paper: str) -> PaperSettings:
    with world.app.app_context(), reading() as session:
        row = session.get_one(Paper, paper)
        return settings.of(passages.texts(session, passages.owner_of_paper(row)))
