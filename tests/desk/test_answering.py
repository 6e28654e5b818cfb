"""F-36: one answer given to many records of a list: what nobody answered is found, written, and taken back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select, update

from server.core.db import reading, writing
from server.models import AuditLine, BulkAct, Campaign, Record, RecordListing, Stream, WriteRow
from server.services.records.recount import recount
from server.services.records.stored import writes_of
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.jobs.checks import checked
from support.world.approving import judged, leaflet, states, talk
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

OPEN = "/desk/results?kind=banner&answer=open&offer=1"
YES, NO, OLD = (True, "person"), (False, "person"), (True, None)


def said(world: World, record: str) -> tuple[Any, Any]:
    """What the record says of 111, and who said so."""
    with world.app.app_context(), reading() as session:
        rows = writes_of(session, [record])[record]
        fields = {name: row.set[name] for row in rows for name in ("hotline", "hotline_by") if name in row.set}
        session.expunge_all()
    return fields.get("hotline"), fields.get("hotline_by")


def form(desk: Any, url: str = OPEN) -> Any:
    desk.get(url)
    return next(each for each in desk.forms() if each.action.endswith("/results/answer"))


def banners(phone: Phone) -> tuple[str, str, str, str]:
    """Not said, an old default, answered by a person, and by a design."""
    made = (
        phone.create(quantity=1),
        phone.create(quantity=2, hotline=True),
        phone.create(quantity=3, hotline=False, hotline_by="person"),
        phone.create(quantity=4, hotline=True, hotline_by="file"),
    )
    phone.sync()
    return made


@pytest.mark.parametrize(("answer", "wanted"), [("unsaid", {0}), ("old", {1}), ("open", {0, 1})])
def test_the_list_finds_what_nobody_answered(
    world: World, desk: MakeDesk, phone: MakePhone, answer: str, wanted: set[int]
) -> None:
    officer = phone("xa1")
    made = banners(officer)
    officer.create("mobile", route="Thôn 1")
    officer.sync()
    one = desk("huyen")
    for anew in (False, True):
        if anew:
            with world.app.app_context(), writing() as session:
                session.execute(update(RecordListing).values(answer=None))
                recount(session)
        one.get(f"/desk/results?view=table&kind=banner&answer={answer}")
        assert {nth for nth, record in enumerate(made) if f"/desk/records/{record}?" in one.html} == wanted
        assert one.text.count("Ghi Có hoặc Không cho") == 1
    one.get("/desk/results?kind=banner&answer=bogus")
    assert "Ghi về 111" in one.text
    assert "bogus" in one.text


def test_each_record_gets_a_write_of_that_person_that_saw_the_page(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    unsaid, old, person, design = banners(officer)
    one = desk("xa2")
    draw = form(one)
    assert "2 mục thuộc loại “Băng rôn”: 1 mục chưa ghi; 1 mục mặc định cũ." in one.text
    assert "Ghi “Có” cho 2 mục" in one.text
    for _ in range(2):  # a double click
        assert one.post(draw, answer="yes").status_code == 303
        one.follow()
        assert "Đã ghi “Có” cho 2 mục." in one.text
    assert [said(world, each) for each in (unsaid, old, person, design)] == [YES, YES, NO, (True, "file")]
    with world.app.app_context(), reading() as session:
        rows = writes_of(session, [unsaid, old])
        assert [len(rows[each]) for each in (unsaid, old)] == [2, 2]
        last = [rows[each][-1] for each in (unsaid, old)]
        assert {row.officer_id for row in last} == {world.officers["xa2"]}
        assert [row.seen for row in last] == [[], [old]], "it has seen what it replaces, and nothing else"
        line = session.scalars(select(AuditLine).where(AuditLine.act == "answered_together")).one()
        assert json.loads(line.new)["amount"] == 2
        assert json.loads(line.new)["status"] == "yes"
    officer.sync()
    assert officer.state(old).value("hotline_by") == "person"
    assert officer.state(old).conflicts == []


def test_left_out_is_what_asks_for_a_look_of_its_own(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """A counted record is amended, and what it counted stays; an answer does not make a returned one look mended."""
    officer = phone("xa1")
    waiting, counted, returned, refused, torn = (officer.create(quantity=n) for n in range(1, 6))
    officer.sync()
    for record, verdict in ((counted, "counted"), (returned, "returned"), (refused, "not_counted")):
        judged(world, record, verdict)
    other = phone("xa2")
    other.sync()
    officer.edit(torn, quantity=8), other.edit(torn, quantity=9)
    officer.sync(), other.sync()
    one = desk("xa2")
    draw = form(one)
    for text in (
        "2 mục thuộc loại “Băng rôn”",
        "1 mục đã được tính sẽ chờ duyệt lại",
        "1 mục hai người cùng sửa",
        "1 mục đang được đề nghị bổ sung",
        "1 mục đã quyết định không tính",
    ):
        assert text in one.text, text
    one.post(draw, answer="no")
    assert [said(world, each) for each in (waiting, counted)] == [NO, NO]
    assert [said(world, each)[1] for each in (returned, refused, torn)] == [None] * 3
    now = states(world)
    assert [now[each] for each in (waiting, counted, returned, refused)] == [
        "waiting",
        "amended",
        "returned",
        "not_counted",
    ]
    with world.app.app_context(), reading() as session:
        assert session.get_one(Record, counted).bucket == "counted"


def test_what_changed_or_came_since_the_page_is_left_and_counted(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    made = [officer.create(quantity=1) for _ in range(3)]
    officer.sync()
    one = desk("xa2")
    draw = form(one)
    officer.edit(made[0], hotline=False, hotline_by="person")
    officer.edit(made[1], note="khác")
    new = officer.create(quantity=1)
    officer.sync()
    one.post(draw, answer="yes")
    one.follow()
    assert (
        "Đã ghi “Có” cho 1 mục; 2 mục vừa thay đổi, để lại; 1 mục mới đến hoặc vừa kiểm tra xong, để lại." in one.text
    )
    assert [said(world, each) for each in (*made, new)] == [NO, (None, None), YES, (None, None)]


def test_what_joined_the_list_without_a_write_is_left_and_counted(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """A hint moves no position: what was made and checked since the page is not what it offered."""
    officer = phone("xa1")
    shown = leaflet(officer, received=1)
    officer.sync()
    checked(world)
    joined = leaflet(officer, received=1)
    officer.sync()
    one = desk("xa2")
    draw = form(one, "/desk/results?kind=leaflet&answer=open&hint=look&offer=1")
    checked(world)
    one.post(draw, answer="yes")
    one.follow()
    assert "Đã ghi “Có” cho 1 mục; 1 mục mới đến hoặc vừa kiểm tra xong, để lại." in one.text
    assert [said(world, each) for each in (shown, joined)] == [YES, (None, None)]


def test_the_act_is_taken_back_whole_but_for_what_was_acted_on_since(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    officer = phone("xa1")
    unsaid, old, later = officer.create(quantity=1), officer.create(hotline=True), officer.create(quantity=3)
    officer.sync()
    judged(world, old, "counted")
    one = desk("xa2")
    one.post(form(one), answer="no")
    assert states(world)[old] == "amended"
    one.follow()
    back = next(each for each in one.forms() if each.action.endswith("/undo"))
    judged(world, later, "counted")
    talk(world, "xa1", unsaid, old, later)  # words change nothing (SPEC D-15)
    for _ in range(2):
        one.post(back)
        one.follow()
        assert "Đã trả 2 mục về như trước; 1 mục đã có thao tác mới, giữ nguyên." in one.text
    assert [said(world, each) for each in (unsaid, old, later)] == [(None, None), OLD, NO]
    assert states(world)[old] == "counted", "it says again what was approved"
    one.get("/desk/results?view=table&kind=banner&answer=open")
    assert {each for each in (unsaid, old, later) if f"/desk/records/{each}?" in one.html} == {unsaid, old}
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(WriteRow).where(WriteRow.record_id == unsaid)) == 3
        acts = session.scalars(select(AuditLine.act)).all()
        assert acts.count("answered_together") == acts.count("answers_undone") == 1


def test_own_answers_of_today_stay_in_reach(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The notice goes with the next page; the act can be taken back all day, by who did it."""
    officer, other = phone("xa1"), desk("huyen")
    records = [officer.create(quantity=number) for number in (1, 2)]
    officer.sync()
    one = desk("xa2")
    one.post(form(one), answer="no")
    one.get("/desk/")
    for each in (one, other):
        each.get("/desk/results?view=list")
    assert "1 lần ghi cùng lúc trong hôm nay, còn hoàn tác được" in one.text
    assert "Đã ghi “Không” cho 2 mục." in one.text
    assert "trong hôm nay" not in other.text, "it is not theirs"
    one.get("/desk/queue")
    assert "trong hôm nay" not in one.text, "approvals are undone there, and answers where they were given"
    one.get("/desk/results?view=list")
    one.post(next(each for each in one.forms() if each.action.endswith("/undo")))
    assert [said(world, each) for each in records] == [(None, None)] * 2
    one.get("/desk/results?view=list")
    assert "trong hôm nay" not in one.text
    with world.app.app_context(), writing() as session:
        session.execute(update(BulkAct).values(undone_at=None, undone=0, at=BulkAct.at - 86_400_000))
    one.get("/desk/results?view=list")
    assert "trong hôm nay" not in one.text, "of yesterday"


def test_who_may_write_answers_and_nobody_else(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """The rule of editing at the desk: one's own unit, or as its reviewer, who then decides on it no more (D-6)."""
    officer, far = phone("xa1"), phone("nhanla", "12289")
    mine, theirs = officer.create(quantity=1), far.create(quantity=1)
    officer.sync(), far.sync()
    own = desk("xa2")
    draw = form(own)
    own.post(draw, answer="yes")
    assert [said(world, each) for each in (mine, theirs)] == [YES, (None, None)]
    above = desk("huyen")
    draw = form(above)
    assert "1 mục thuộc đơn vị mà tài khoản này duyệt" in above.text
    assert above.post(draw, answer="no").status_code == 303
    assert said(world, theirs) == NO
    above.follow()
    back = next(each for each in above.forms() if each.action.endswith("/undo"))
    own.get(OPEN)
    token = {"csrf_token": own.forms()[0].values["csrf_token"][0]}
    assert own.post(back, **token).status_code == 404, "an act is taken back by who did it"
    assert said(world, theirs) == NO
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(status="archived"))
    above.get(OPEN)
    assert not any(each.action.endswith("/results/answer") for each in above.forms())


def test_a_forged_form_writes_nothing(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer = phone("xa1")
    record = officer.create(quantity=1)
    officer.sync()
    one = desk("xa2")
    draw = form(one)
    for wrong in (
        {"answer": "maybe"},
        {"answer": "yes", "from": "kind=banner"},
        {"answer": "yes", "from": "answer=open"},
        {"answer": "yes", "from": "kind=paper&answer=open"},
        {"answer": "yes", "act": "x"},
        {"answer": "yes", "as_of": "x:1"},
        {"answer": "yes", "offered": "x:1"},
    ):
        assert one.post(draw, **wrong).status_code == 400, wrong
    with world.app.app_context(), reading() as session:
        stream = session.get_one(Stream, session.get_one(Record, record).stream_id)
        assert f"{stream.id}:{stream.position}" == draw.values["as_of"][0]
    assert said(world, record) == (None, None)
