"""A report on its way to the signature: every step in every state, who may record it, back with a reason."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import today
from server.core.db import reading
from server.models import PaperVersion
from server.services.reports.workflow.papers import OF_DRAFTERS, TRANSITIONS, PaperAct, PaperState
from support.clients.desk import MakeDesk
from support.world.changes import come, merge, status
from support.world.issuing import LEADER, NUMBER, history, make, pdf, prose, step, to, word, write
from support.world.locking import lock
from support.world.paper_steps import again, log_of, refused
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

A, S = PaperAct, PaperState


@pytest.mark.slow
@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("act", [act for act in A if act is not A.MAKE])
@pytest.mark.databases("sqlite")
@pytest.mark.costly
def test_every_step_in_every_state(world: World, state: PaperState, act: PaperAct) -> None:
    lock(world)
    paper = to(world, make(world), state)
    before = history(world, paper)
    if act is A.MOVE and state is S.DRAFT:
        again(world)
    if (state, act) not in TRANSITIONS:
        assert refused(lambda: step(world, paper, act, pdf=pdf())) == "paper_step"
        assert len(history(world, paper).steps) == len(before.steps)
        return
    more: dict[str, Any] = {"pdf": pdf()} if act is A.FILE else {}
    assert step(world, paper, act, **more) == TRANSITIONS[state, act]
    after = history(world, paper)
    assert after.last.number == before.last.number + 1
    assert log_of(world, paper)[-1 if act is not A.FILE else -2] == ("paper_step", state.value, after.state.value)


@pytest.mark.slow
def test_the_whole_road_is_in_the_log(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.ISSUED)
    step(world, paper, A.FILE, pdf=pdf())
    assert log_of(world, paper) == [
        ("paper_made", "", "draft"),
        ("paper_step", "draft", "presented"),
        ("paper_step", "presented", "approved"),
        ("paper_step", "approved", "signed"),
        ("paper_step", "signed", "issued"),
        ("paper_step", "issued", "issued"),
        ("paper_filed", "", ""),
    ]


@pytest.mark.parametrize("act", [A.SUBMIT, A.APPROVE, A.SIGN, A.ISSUE, A.BACK])
@pytest.mark.databases("sqlite")
def test_who_may_record_which_step(world: World, act: PaperAct) -> None:
    """Who answers for the figures; what the registry does, anybody of the unit; nobody above, below or beside it."""
    come(world, "nhanla", "331", "officer")
    lock(world)
    state = next((before for before, each in TRANSITIONS if each is act and act is not A.BACK), S.APPROVED)
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


@pytest.mark.slow
def test_nobody_checks_what_they_presented(world: World) -> None:
    come(world, "xa2", "331", "reviewer")
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    assert refused(lambda: step(world, paper, A.APPROVE, person=" ")) == "person_needed"
    step(world, paper, A.APPROVE, "xa2", person="")
    assert refused(lambda: step(world, paper, A.SIGN, "xa2", person="")) == "person_needed", "Loa signs nothing"
    step(world, paper, A.SIGN)
    assert [each.person for each, _ in history(world, paper).steps] == ["", "", "", LEADER]


@pytest.mark.slow
@pytest.mark.costly
def test_it_goes_back_with_a_reason_and_is_presented_again(world: World) -> None:
    lock(world)
    paper = make(world)
    for state in (S.PRESENTED, S.APPROVED, S.SIGNED):
        to(world, paper, state)
        assert refused(lambda: step(world, paper, A.BACK, reason=" \n")) == "reason_needed"
        assert refused(lambda: step(world, paper, A.BACK, reason="x" * 2001)) == "too_long"
        assert step(world, paper, A.BACK, reason="Sửa mục III") is S.DRAFT
        write(world, paper, causes=f"Lần {state}")
    to(world, paper, S.ISSUED)
    assert "Lần signed" in prose(word(world, paper))
    assert refused(lambda: step(world, paper, A.BACK)) == "paper_step"
    with world.app.app_context(), reading() as session:
        assert list(session.scalars(select(PaperVersion.number).order_by(PaperVersion.number))) == [1, 2, 3, 4]


def test_what_was_presented_is_not_edited(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    assert refused(lambda: write(world, paper, strengths="x")) == "paper_not_draft"
    step(world, paper, A.BACK)
    write(world, paper, strengths="x")


@pytest.mark.slow
def test_number_and_day_come_after_the_signature_and_must_be_right(world: World) -> None:
    lock(world)
    paper = to(world, make(world), S.SIGNED)
    assert refused(lambda: step(world, paper, A.ISSUE, doc_number=" ")) == "number_needed"
    assert refused(lambda: step(world, paper, A.ISSUE, doc_number="1" * 61)) == "too_long"
    for said in ("x", "12/x", "BC-UBND", "12/BC", "0/BC-UBND", "12/bc-ubnd", "12/BC-UBND/x", "số 12"):
        assert refused(lambda said=said: step(world, paper, A.ISSUE, doc_number=said)) == "number_form"  # type: ignore[misc]
    assert refused(lambda: step(world, paper, A.ISSUE, doc_date=None)) == "date_needed"
    for day in (today() + timedelta(1), today() - timedelta(1)):
        assert refused(lambda day=day: step(world, paper, A.ISSUE, doc_date=day)) == "paper_date"  # type: ignore[misc]
    before = word(world, paper)
    step(world, paper, A.ISSUE)
    issued = history(world, paper).issued
    assert issued
    assert (issued.doc_number, issued.doc_date) == (NUMBER, today())
    assert word(world, paper) == before, "Loa draws no number into what was signed"
    other = to(world, make(world), S.SIGNED)
    assert refused(lambda: step(world, other, A.ISSUE)) == "paper_number_taken"
    step(world, other, A.ISSUE, doc_number="013")
    issued = history(world, other).issued
    assert issued
    assert issued.doc_number == "013/BC-PLĐTBXH", "the paper's own symbol"


def test_before_it_is_presented_a_page_names_what_is_missing(world: World, desk: MakeDesk) -> None:
    """Silent units, sections that nobody wrote, blanks; nothing of it hinders, and no number is asked for."""
    lock(world)
    paper = make(world)
    one = desk("huyen")
    one.get(f"/desk/papers/{paper}")
    assert "Đơn vị chưa báo cáo: xã Chính Nghĩa, xã Nhân La" in one.text
    assert "Mục chưa viết hoặc còn dấu chấm:" in one.text
    assert "Phương hướng" in one.text.split("Mục chưa viết")[1].split("Trình là")[0]
    assert "Nơi nhận còn trống hoặc còn dấu chấm." in one.text
    assert "Chưa ghi chức vụ hoặc họ tên người ký." in one.text
    assert 'name="doc_number"' not in one.html
    own = dict.fromkeys(("direction", "strengths", "difficulties", "causes", "ahead", "proposals"), "Đã viết.")
    write(world, paper, **own, set__signer="Trần Văn Hưng", set__recipients="- Như trên;\n- Lưu: VT.", set__to="Sở")
    one.get(f"/desk/papers/{paper}")
    for said in ("Nơi nhận còn trống", "người ký.", "Chưa ghi Kính gửi"):
        assert said not in one.text.split("Trình là")[0], said
    assert "Phương hướng" not in one.text.split("Trình là")[0]
    step(world, paper, A.SUBMIT)
    one.get(f"/desk/papers/{paper}")
    assert "Trước khi trình" not in one.text


@pytest.mark.slow
def test_the_page_of_the_report_is_the_paper_of_today(world: World, desk: MakeDesk) -> None:
    """An issued one first, whatever was begun after it; its Word file is the first button."""
    one = desk("huyen")

    def seen() -> tuple[str, str]:
        one.get(f"/desk/report?unit={world.units['331']}&campaign={world.campaign}")
        title = re.search(r"<h1>(.*?)</h1>", one.html, re.DOTALL)
        button = re.search(r'<nav aria-label="Báo cáo"><a class="button[^"]*" href="([^"]+)"', one.html)
        assert title is not None
        assert button is not None
        return " ".join(re.sub(r"<[^>]+>", " ", title[1]).split()), button[1]

    title, button = seen()
    assert (title, button.partition("?")[0]) == ("Báo cáo", "/desk/report/word")
    lock(world)
    paper = make(world)
    assert seen() == ("Báo cáo Dự thảo", f"/desk/report/word?paper={paper}")
    to(world, paper, S.ISSUED)
    make(world)
    assert seen() == (f"Báo cáo {NUMBER} Đã phát hành", f"/desk/report/word?paper={paper}")


@pytest.mark.databases("both")
def test_two_people_at_once(world: World, desk: MakeDesk) -> None:
    come(world, "xa2", "331", "reviewer")
    lock(world)
    paper = to(world, make(world), S.PRESENTED)
    one, other = desk("huyen"), desk("xa2")
    for each in (one, other):
        each.get(f"/desk/papers/{paper}")
    back = next(form for form in one.forms() if form.values.get("act") == ["back"])
    passes = next(form for form in other.forms() if form.values.get("act") == ["approve"])
    one.post(back, reason="Thiếu phụ lục")
    other.post(passes)
    assert other.status == 409
    assert "Người khác vừa làm một bước với báo cáo này" in other.text
    assert history(world, paper).state is S.DRAFT
    assert len(history(world, paper).steps) == 3


def test_a_closed_campaign_goes_on_and_an_archived_one_does_not(world: World) -> None:
    lock(world)
    paper = make(world)
    status(world, "closed")
    to(world, paper, S.APPROVED)
    status(world, "archived")
    assert refused(lambda: step(world, paper, A.SIGN)) == "archived"


def test_a_unit_that_was_merged_signs_nothing_and_its_successor_reads_what_it_did(world: World, desk: MakeDesk) -> None:
    lock(world, "phucu", "333")
    paper = make(world, "phucu", "333")
    heir, page = desk("huyen"), f"/desk/papers/{paper}"
    assert heir.http.get(page).status_code == 404, "a unit beside it"
    merge(world, "333", into="331", with_people=True)
    assert refused(lambda: step(world, paper, A.SUBMIT, "huyen")) == "unit_merged"
    heir.get(page)
    assert (heir.status, "Huyện Phù Cừ" in heir.text) == (200, True)
    word = heir.http.get(f"/desk/report/word?paper={paper}", buffered=True)
    assert (word.status_code, word.data[:2]) == (200, b"PK")
    assert not [form for form in heir.forms() if form.values.get("act") == ["submit"]]
