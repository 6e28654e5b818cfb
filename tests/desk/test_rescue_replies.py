"""Answers to returns and messages come in a rescue file, too, and stand as if the phone had sent them (SPEC X-47)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Message, Record, Reply, Rescue
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.desk import MakeDesk
from support.world.lost import Lost, MakeLost, hand_in, kept_files, revoke, sums
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

AT = 1_626_900_000_000


def returned(world: World, one: Lost) -> tuple[str, str]:
    record = one.banner()
    one.phone.sync()
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        row = decide(session, Scope(session, world.officers["huyen"]), record, Verdict("returned", "Ảnh mờ"), basis)
        return record, row.id


def answer(record: str, decision: str, text: str = "Đã treo lại", **more: Any) -> dict[str, Any]:
    return {"reply": {"id": new_id(), "record": record, "decision": decision, "text": text, "at": AT} | more}


def given(world: World) -> list[tuple[str, str | None]]:
    with world.app.app_context(), reading() as session:
        return [(row.text, row.device_id) for row in session.query(Reply)]


def test_an_answer_is_taken_once(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """Handed in twice, and then sent by the phone itself."""
    one, reviewer = lost("xa1"), desk("huyen")
    record, decision = returned(world, one)
    one.phone.edit(record, note="Cổng chợ")
    said = answer(record, decision)
    file = one.file(writes=[*one.phone.outbox, said])
    assert hand_in(reviewer, file) == 303
    assert sums(reviewer)[0] == [2, 0, 0, 0]
    assert given(world) == [("Đã treo lại", one.device)]
    assert hand_in(reviewer, file) == 303
    assert sums(reviewer)[0] == [0, 2, 0, 0]
    body = {name: value for name, value in said["reply"].items() if name != "record"}
    assert one.client.post(f"/records/{record}/reply", json=body).get_json()["id"] == body["id"]
    assert given(world) == [("Đã treo lại", one.device)]


def test_one_that_cannot_stand_says_why_and_stops_nothing(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    one, reviewer = lost("xa1"), desk("huyen")
    record, decision = returned(world, one)
    one.banner()
    bad = [
        answer(record, new_id()),
        answer(new_id(), decision),
        answer(record, decision, ""),
        answer(record, decision, id="x"),
        {"reply": {}},
        {"reply": 7},
    ]
    good = answer(record, decision, "Đã thay", at="x")
    assert hand_in(reviewer, one.file(writes=[*bad, *one.phone.outbox, good])) == 303
    assert sums(reviewer)[0] == [2, 0, 0, 6]
    assert given(world) == [("Đã thay", one.device)]


def test_a_revoked_phone_answers_nothing_and_what_it_says_is_shown(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    """R-9, R-12: to who may see its record or manages the officer, and what cannot be read is counted."""
    one, reviewer = lost("xa1"), desk("huyen")
    record, decision = returned(world, one)
    revoke(world, one.device)
    said = [
        answer(record, decision, "Đã treo <lại>"),
        answer(new_id(), decision),
        answer(record, decision, " "),
        {"reply": {}},
    ]
    assert hand_in(reviewer, one.file(writes=said)) == 303
    assert given(world) == []
    assert reviewer.html.count("<blockquote>") == 2
    assert "<blockquote>Đã treo &lt;lại&gt;</blockquote>" in reviewer.html
    assert f'href="/desk/records/{record}"' in reviewer.html
    assert "Bản ghi chưa có trên máy chủ" in reviewer.text
    assert "2 mục của đơn vị khác hoặc không đọc được" in reviewer.text


def question(record: str, text: str = "Có cần ghi số mét?", **more: Any) -> dict[str, Any]:
    return {"message": {"id": new_id(), "record": record, "text": text, "at": AT} | more}


def asked(world: World) -> list[tuple[str, str | None, bool]]:
    with world.app.app_context(), reading() as session:
        return [(row.text, row.device_id, row.above) for row in session.query(Message).order_by(Message.position)]


def test_a_question_is_taken_with_its_record_and_once(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """Handed in twice, and then sent by the phone itself: D-15."""
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner()
    said = question(record)
    file = one.file(writes=[said, *one.phone.outbox])
    assert hand_in(reviewer, file) == 303
    assert sums(reviewer)[0] == [2, 0, 0, 0]
    assert hand_in(reviewer, file) == 303
    assert sums(reviewer)[0] == [0, 2, 0, 0]
    body = {name: value for name, value in said["message"].items() if name != "id"}
    [result] = one.client.sync({"id": said["message"]["id"], "message": body})["results"]
    assert result["result"] == "stored"
    assert asked(world) == [("Có cần ghi số mét?", one.device, False)]


def test_a_question_about_a_record_that_is_not_here_yet_waits_as_in_a_push(
    world: World, desk: MakeDesk, lost: MakeLost
) -> None:
    """X-62: it is not refused; a file that is handed in again, with the record, brings it."""
    one, reviewer = lost("xa1"), desk("huyen")
    record = one.banner()
    said = question(record)
    assert hand_in(reviewer, one.file(writes=[said])) == 303
    assert "<blockquote>Có cần ghi số mét?</blockquote>" in reviewer.html
    page = reviewer.location
    assert asked(world) == []
    with world.app.app_context(), reading() as session:
        [kept] = session.query(Rescue).one().writes
    assert (kept["result"], kept["code"], kept["record"]) == ("later", "create_missing", record)
    assert hand_in(reviewer, one.file(writes=[*one.phone.outbox, said, question(record, ""), question("x")])) == 303
    assert sums(reviewer)[0] == [2, 0, 0, 2]
    assert [text for text, *_ in asked(world)] == ["Có cần ghi số mét?"]
    reviewer.get(page)
    assert "<blockquote>" not in reviewer.html, "it is here now"


def test_words_that_were_not_taken_are_read_in_the_file(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """X-67, R-12: about a record that the server will never have, and about a return that is none."""
    one, reviewer = lost("xa1"), desk("huyen")
    record, decision = returned(world, one)
    assert hand_in(reviewer, one.file(writes=[answer(record, decision, "Đã thay"), question(record, " ")])) == 303
    assert kept_files(world) == []
    said = [answer(record, new_id(), "Đã treo <lại>"), question(new_id(), "Trạm nào ghi?"), question(record, " ")]
    said.append({"message": question(record, "Của ai?")["message"] | {"id": []}})  # nobody can give it again
    assert hand_in(reviewer, one.file(writes=said)) == 303
    assert kept_files(world) == [".loa"]
    # Nothing waits: nobody but another file brings it.
    assert sums(reviewer)[0] == [0, 0, 0, 4]
    assert "Câu hỏi, trả lời chưa nhận được" in reviewer.text
    assert "<blockquote>Đã treo &lt;lại&gt;</blockquote>" in reviewer.html
    assert "<blockquote>Trạm nào ghi?</blockquote>" in reviewer.html
    assert reviewer.html.count("<blockquote>") == 2
    assert "không đọc được" not in reviewer.text
    path = installed(world.app).settings.data_dir / "rescue"
    for file in path.glob("*.loa"):
        file.unlink()
    reviewer.get(reviewer.location)
    assert "<blockquote>" not in reviewer.html
    assert "đã quá 30 ngày" in reviewer.text


def test_words_about_a_record_that_nobody_knows_are_not_a_colleagues(desk: MakeDesk, lost: MakeLost) -> None:
    """R-12: nobody can say of which unit it was. Of a record whose create is in the file its unit is known."""
    one, colleague, officer = lost("xa1"), desk("xa2"), desk("xa1")
    record = one.banner(note="x" * 9_000)
    file = one.file(writes=[*one.phone.outbox, question(new_id(), "của ai?"), question(record, "của xã")])
    assert hand_in(colleague, file) == 303
    assert "<blockquote>của xã</blockquote>" in colleague.html
    assert colleague.html.count("<blockquote>") == 1
    assert "1 mục của đơn vị khác hoặc không đọc được" in colleague.text
    assert hand_in(officer, file) == 303
    assert officer.html.count("<blockquote>") == 2


def test_words_about_a_purged_record_are_not_shown(world: World, desk: MakeDesk, lost: MakeLost) -> None:
    """L-12: nor is a file kept for them."""
    one, reviewer = lost("xa1"), desk("huyen")
    record, decision = returned(world, one)
    order = Order(world.officers["quantri"], "thử", now_ms())
    with world.app.app_context(), writing() as session:
        purges.purge(session, [record], order, installed(world.app).blobs)
    said = [answer(record, decision, "tên nạn nhân"), question(record, "tên nạn nhân")]
    assert hand_in(reviewer, one.file(writes=said)) == 303
    assert sums(reviewer)[0] == [0, 0, 0, 2]
    assert kept_files(world) == []
    assert hand_in(reviewer, one.file(writes=[*said, question(new_id(), "khác")])) == 303
    assert "tên nạn nhân" not in reviewer.text
    revoke(world, one.device)
    assert hand_in(reviewer, one.file(writes=said)) == 303
    assert "tên nạn nhân" not in reviewer.text
    assert "2 mục của" in reviewer.text
