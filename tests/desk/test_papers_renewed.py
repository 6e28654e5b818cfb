"""Figures that change: before the signature a report moves to newer ones, after it another report follows."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.core.clock import new_id, stopped_at, today
from server.core.db import reading
from server.models import PaperStep
from server.services.reports.workflow.papers import PaperAct, PaperState
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone
from support.world.issuing import NUMBER, changes, history, make, prose, step, to, word, write
from support.world.locking import WHY, lock, unlock
from support.world.paper_steps import again, refused
from support.world.papers import decide
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

A, S = PaperAct, PaperState


@pytest.mark.slow
@pytest.mark.costly
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
    to(world, paper, S.APPROVED)
    decide(one, late)
    newer = again(world)
    assert refused(lambda: step(world, paper, A.SIGN)) == "paper_figures_moved", "nobody signs figures of yesterday"
    one.get(f"/desk/papers/{paper}")
    assert "Huyện Kim Động Băng rôn 3 7 +4" in one.text
    assert "thì trả lại báo cáo để sửa trước" in one.text
    step(world, paper, A.BACK)
    one.get(f"/desk/papers/{paper}")
    form = next(form for form in one.forms() if form.values.get("act") == ["move"])
    one.post(form)
    assert history(world, paper).row.freeze_id == newer
    assert refused(lambda: step(world, paper, A.MOVE)) == "paper_no_newer"
    said = prose(word(world, paper))
    assert "Giữ nguyên." in said
    assert "Toàn huyện treo 07 băng rôn ở 12 tuyến phố." in said, "the figure followed, the edit stayed"
    one.get(f"/desk/texts?paper={paper}")
    assert "Số gõ tay, không tự cập nhật theo số liệu: 12" in one.text
    to(world, paper, S.SIGNED)


def test_while_figures_are_unlocked_nothing_is_signed_and_the_page_says_why(world: World, desk: MakeDesk) -> None:
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    unlock(world)
    assert refused(lambda: step(world, paper, A.APPROVE)) == "paper_figures_moved"
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


@pytest.mark.slow
@pytest.mark.costly
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


@pytest.mark.slow
@pytest.mark.costly
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
    assert heads == ["Phụ lục I", "Phụ lục II"], "lists are in the file beside it, and there are no photos"
    assert "nay báo cáo có trong phụ lục kèm theo." in said
    assert "Phụ lục II - Số liệu đã báo cáo và nay báo cáo của huyện Kim Động" in said
    assert "Số liệu đã báo cáo và nay báo cáo của huyện Kim Động".upper() in said.upper()
    assert "số liệu bổ sung" not in said.lower(), "it says all of it anew"
    assert not history(world, paper).replaced_by
    to(world, later, S.ISSUED, doc_number="20/BC-UBND")
    assert history(world, paper).replaced_by == later
    to(world, other, S.SIGNED)
    assert refused(lambda: step(world, other, A.ISSUE, doc_number="21/BC-UBND")) == "paper_replaced"
    again(world)
    assert refused(lambda: make(world, kind="supplement", follows=paper)) == "paper_replaced"
    make(world, kind="supplement", follows=later)


@pytest.mark.slow
def test_only_what_was_issued_is_followed(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    again(world)
    assert refused(lambda: make(world, kind="supplement", follows=paper)) == "paper_step"
    assert refused(lambda: make(world, kind="supplement", follows=new_id())) == "not_found"
    lock(world, "phucu", "333")
    assert refused(lambda: make(world, "phucu", "333", kind="supplement", follows=paper)) == "not_found"


@pytest.mark.slow
@pytest.mark.databases("both")
def test_numbers_may_come_again_in_another_year(world: World) -> None:
    lock(world)
    to(world, make(world), S.ISSUED)
    later = 400 * 24 * 3600 * 1000
    with world.app.app_context(), reading() as session:
        at = session.scalars(select(PaperStep.at).order_by(PaperStep.at.desc())).first()
    with stopped_at(int(at or 0) + later):
        again(world)
        to(world, make(world), S.ISSUED)
