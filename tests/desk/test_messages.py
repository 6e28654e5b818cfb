"""Questions and answers about any record, from phone and desk (SPEC D-15): said once, kept in its file, no decision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from server.core.clock import new_id, now_ms, stopped_at
from server.core.db import reading, writing
from server.models import Message, Record
from server.services.records import streams
from server.services.records.journal import accept
from server.services.records.stored import Author
from server.services.recovery import restores
from server.services.review import messages
from server.services.units.scope import GRACE_MS, Scope
from support.clients.client import Client, MakeClient
from support.clients.desk import MakeDesk
from support.clients.phone import MakePhone, Phone
from support.tour.colleagues import judge
from support.world.changes import leave
from support.world.lost import MakeLost, hand_in
from support.world.purging import purge
from support.world.world import World
from sync.errors import CODES

pytestmark = pytest.mark.databases("both")

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
    lines = one.get(f"/records/{record}/history?messages=1").get_json()["lines"]
    assert [line["message"] for line in lines if line["message"]][::-1] == [text for text, _ in said(world)]
    assert one.get(f"/records/{record}/history").get_json()["lines"] == [each for each in lines if not each["message"]]
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


def test_who_wrote_in_a_record_is_still_asked(
    world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient
) -> None:
    """They may not decide on it (D-6), but may answer."""
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    edit = {"id": new_id(), "at": 1, "record": record, "set": {"note": "Sửa hộ"}, "seen": [record]}
    with world.app.app_context(), writing() as session:
        assert accept(session, Author(Scope(session, world.officers["huyen"])), [edit])[0].result == "stored"
    push(client("xa1"), entry(record))
    assert counted(reviewer) == 1
    assert QUESTION[:20] in reviewer.text
    answer_at_desk(reviewer, record, ANSWER)
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


def test_other_words_from_a_page_that_was_gone_back_to_are_not_lost(
    world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient
) -> None:
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    reviewer.get(f"/desk/records/{record}")
    form = reviewer.form("/messages")
    assert reviewer.post(form, message="Treo ở đâu?").status_code == 303
    answer = reviewer.post(form, message="Treo từ bao giờ?")
    assert answer.status_code == 422
    assert "Nội dung mới chưa gửi" in answer.text
    assert "Treo từ bao giờ?</textarea>" in answer.text
    assert said(world) == [("Treo ở đâu?", True)]
    assert reviewer.post(reviewer.form("/messages"), message="Treo từ bao giờ?").status_code == 303
    assert said(world) == [("Treo ở đâu?", True), ("Treo từ bao giờ?", True)]
    one, asked = client("xa1"), entry(record)
    assert push(one, asked) == ["stored"]
    other = asked | {"message": asked["message"] | {"text": "Cổng chợ."}}
    assert push(one, other) == ["id_reused"], "X-3, X-62"


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
    assert push(one, *bad) == ["bad_text", "too_long", "create_missing", "bad_write", "bad_write"]
    assert push(client("nhanla"), entry(record)) == ["not_found"], "of another commune"
    purge(world, record)
    assert push(one, entry(record)) == ["purged"]
    assert said(world) == []


def test_a_record_that_has_as_many_as_it_may_takes_no_more(
    world: World, desk: MakeDesk, phone: MakePhone, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "MOST", 1)
    officer, reviewer = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    assert push(client("xa1"), entry(record)) == ["stored"]
    assert push(client("xa1"), entry(record)) == ["too_many_messages"]
    reviewer.get(f"/desk/records/{record}")
    reviewer.post(reviewer.form("/messages"), message=ANSWER)
    assert reviewer.status == CODES["too_many_messages"].status
    assert CODES["too_many_messages"].vi in reviewer.text
    assert said(world) == [(QUESTION, False)]


def test_one_about_a_record_whose_create_still_waits_is_kept_by_its_phone(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """X-5, X-62: refused it would never be said, as the record comes later."""
    officer, one = phone("xa1"), client("xa1")
    record = officer.create(slogan="s1", quantity=1)
    asked = entry(record)
    answer = one.post("/sync", json={"app": 3, "push": new_id(), "writes": [asked]}).get_json()
    assert [(row["result"], row["code"]) for row in answer["results"]] == [("later", "create_missing")]
    officer.sync()
    assert push(one, asked) == ["stored"]
    assert said(world) == [(QUESTION, False)]


@pytest.mark.parametrize(("after", "result"), [(GRACE_MS, "stored"), (GRACE_MS + 1, "not_found")])
def test_who_left_hands_in_what_was_said_as_long_as_writes(
    world: World, phone: MakePhone, client: MakeClient, after: int, result: str
) -> None:
    """L-8."""
    officer, one = phone("xa1"), client("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    ended = now_ms()
    with stopped_at(ended):
        leave(world, "xa1")
    with stopped_at(ended + after):
        assert push(one, entry(record)) == [result]


def test_a_purge_takes_what_was_said(world: World, phone: MakePhone, client: MakeClient) -> None:
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    push(client("xa1"), entry(record))
    purge(world, record)
    assert said(world) == [("", False)]
    assert pulled(officer, record) is None


def test_a_purge_that_was_waited_for_is_heeded(
    world: World, phone: MakePhone, client: MakeClient, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """It held the stream when the message was to be kept; SQLite has one writer at a time anyway."""
    if database_url.startswith("sqlite"):
        return
    officer = phone("xa1")
    record = officer.create(slogan="s1", quantity=1)
    officer.sync()
    one, lock = client("xa1"), streams.lock
    ahead = Event()

    def behind_a_purge(*ids: Any, **named: Any) -> Any:
        if not ahead.is_set():
            ahead.set()
            with ThreadPoolExecutor(1) as pool:
                pool.submit(purge, world, record).result(10)
        return lock(*ids, **named)

    monkeypatch.setattr(streams, "lock", behind_a_purge)
    assert push(one, entry(record)) == ["not_found"]
    assert said(world) == []


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
