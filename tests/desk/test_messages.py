"""Questions and answers about any record, from phone and desk (SPEC D-15): said once, kept in its file, no decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Message, Record
from server.services.recovery import restores
from support.clients.client import Client
from support.clients.phone import Phone
from support.tour.colleagues import judge
from support.world.lost import Lost, hand_in
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.both_databases

MakeDesk = Callable[..., Any]
MakePhone = Callable[..., Phone]
MakeClient = Callable[[str], Client]
MakeLost = Callable[[str], Lost]
QUESTION = "Băng rôn này có cần chụp thêm ban đêm không?"
ANSWER = "Không cần, ảnh ban ngày là đủ."


@pytest.fixture
def client(world: World) -> MakeClient:
    return lambda username: Client(world.app.test_client(), world.token(username))


def entry(record: str, text: str = QUESTION, **more: Any) -> dict[str, Any]:
    return {"id": new_id(), "message": {"record": record, "text": text, "at": 1_627_000_000_000}} | more


def push(one: Client, *entries: dict[str, Any]) -> list[str]:
    answer = one.post("/sync", json={"app": 3, "push": new_id(), "writes": list(entries)})
    assert answer.status_code == 200, answer.get_json()
    return [str(row.get("code", row["result"])) for row in answer.get_json()["results"]]


def said(world: World) -> list[tuple[str, bool]]:
    with world.app.app_context(), reading() as session:
        return [(row.text, row.above) for row in session.query(Message).order_by(Message.position)]


def state(world: World, record: str) -> str:
    with world.app.app_context(), reading() as session:
        return str(session.get_one(Record, record).state)


def pulled(phone: Phone, record: str) -> list[tuple[str, bool]] | None:
    """What a first pull says of the record's messages."""
    answer = phone.send(phone.body() | {"cursors": []})[1]
    change = next(change for change in answer["changes"] if change["record"] == record)
    found = change.get("messages")
    return found and [(each["text"], each["above"]) for each in found]


def answer_at_desk(one: Any, record: str, text: str, act: str = "") -> None:
    one.get(f"/desk/records/{record}")
    answer = one.post(one.form("/messages"), message=text, **({"act": act} if act else {}))
    assert answer.status_code == 303, answer.text


def counted(one: Any) -> int:
    """How many records the list of what a unit asked and answered has."""
    one.get("/desk/queue?state=replied")
    return int(one.html.count('<a class="record"'))


@pytest.mark.parametrize("verdict", ["", "counted", "returned"])
def test_a_question_and_its_answer_about_any_record(
    world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient, verdict: str
) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    if verdict:
        judge(world, record, verdict, "Ảnh mờ" if verdict == "returned" else "")
    before = state(world, record)
    one = client("xa1")
    asked = entry(record)
    assert push(one, asked) == ["stored"]
    assert push(one, asked) == ["stored"], "sent again it is said once"
    assert counted(reviewer) == 1
    assert QUESTION[:20] in reviewer.text
    reviewer.get("/desk/")
    assert "1 có câu hỏi, trả lời" in reviewer.text
    answer_at_desk(reviewer, record, ANSWER)
    assert said(world) == [(QUESTION, False), (ANSWER, True)]
    assert counted(reviewer) == 0, "it is answered"
    assert state(world, record) == before, "words decide nothing"
    assert push(one, entry(record, "Xin cảm ơn.")) == ["stored"], "more than one"
    assert counted(reviewer) == 1
    assert pulled(officer, record) == [(QUESTION, False), (ANSWER, True), ("Xin cảm ơn.", False)]
    answer_at_desk(reviewer, record, "", "seen")
    assert counted(reviewer) == 0
    assert said(world)[-1] == ("Đã xem.", True)
    lines = one.get(f"/records/{record}/history").get_json()["lines"]
    assert [line["message"] for line in lines if line["message"]][::-1] == [text for text, _ in said(world)]
    reviewer.get(f"/desk/records/{record}")
    file = reviewer.html.split('id="history"')[1]
    assert QUESTION in file, "the record's file has all that was said"
    assert ANSWER in file


def test_a_decision_ends_a_question(world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    push(client("xa1"), entry(record))
    assert counted(reviewer) == 1
    judge(world, record, "counted", "")
    assert counted(reviewer) == 0


def test_a_reviewer_asks_first_and_the_phone_hears_of_it(desk: MakeDesk, phone: MakePhone, client: MakeClient) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    answer_at_desk(reviewer, record, "Treo ở cổng nào?")
    changes = officer.sync()["changes"]
    assert [each["text"] for change in changes for each in change.get("messages", [])] == ["Treo ở cổng nào?"]
    assert not officer.sync()["changes"], "told once"
    assert not counted(reviewer), "a question of one's own waits for nobody here"
    push(client("xa1"), entry(record, "Cổng chợ."))
    assert counted(reviewer) == 1


def test_a_form_that_is_sent_twice_says_it_once(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    reviewer.get(f"/desk/records/{record}")
    form = reviewer.form("/messages")
    for _ in range(2):
        assert reviewer.post(form, message="Treo ở đâu?").status_code == 303
    assert said(world) == [("Treo ở đâu?", True)]
    answer = reviewer.post(form, message=" ", id=new_id())
    assert answer.status_code == 422


def test_what_is_refused(world: World, phone: MakePhone, client: MakeClient) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    one = client("xa1")
    bad = [
        entry(record, ""),
        entry(record, "x" * 2001),
        entry("0" * 16),
        {"id": new_id(), "message": {"record": record, "text": 3, "at": 1}},
        {"id": new_id(), "message": {"record": record, "text": "x", "at": -1}},
    ]
    assert push(one, *bad) == ["bad_text", "too_long", "not_found", "bad_write", "bad_write"]
    assert push(client("nhanla"), entry(record)) == ["not_found"], "of another commune"
    purge(world, record)
    assert push(one, entry(record)) == ["purged"]
    assert said(world) == []


def test_a_purge_takes_what_was_said(world: World, phone: MakePhone, client: MakeClient) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    push(client("xa1"), entry(record))
    purge(world, record)
    assert said(world) == [("", False)]
    assert pulled(officer, record) is None


def test_it_comes_back_after_a_restore_with_its_first_moment(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    officer, moment = phone("xa1"), now_ms() - 1000
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    asked = entry(record, received=moment)
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    assert push(client("xa1"), asked) == ["stored"]
    with world.app.app_context(), reading() as session:
        assert session.query(Message).one().received_at == moment


def test_it_comes_in_a_rescue_file(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner()
    one.phone.sync()
    body = {"id": new_id(), "record": record, "text": QUESTION, "at": 1_627_000_000_000}
    file = one.file(writes=[{"message": body}])
    assert hand_in(reviewer, file) == 303
    assert hand_in(reviewer, file) == 303, "handed in again it says nothing twice"
    assert said(world) == [(QUESTION, False)]


def test_what_is_stored_is_vietnamese_whatever_the_reviewer_reads(
    world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient
) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    assert push(client("xa1"), entry(record)) == ["stored"]
    reviewer.http.set_cookie("loa_language", "en")
    answer_at_desk(reviewer, record, "", "seen")
    assert said(world)[-1] == ("Đã xem.", True), "the phone's officer reads it"
