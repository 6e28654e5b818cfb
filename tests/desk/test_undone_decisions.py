"""D-14: undoing a decision that replaced another one puts that one in force again, figures and phones included."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import AuditLine, Campaign, DecisionRow, Record
from server.services.records.recount import recount
from server.services.reports.documents.log_book import airings
from support.clients.client import Client
from support.clients.desk import Desk, MakeDesk
from support.clients.phone import MakePhone, Phone
from support.jobs.checks import checked
from support.tour.colleagues import judge
from support.world import papers
from support.world.approving import bulk, leaflet
from support.world.world import World

pytestmark = pytest.mark.databases("both")

ANSWER = "Đã treo lại ở cổng chợ"
JSON = {"Accept": "application/json"}


def decide(one: Any, record: str, **said: str) -> Any:
    """Decide on the record's page; returns the form by which the fast review undoes it."""
    one.get(f"/desk/records/{record}")
    answer = one.post(one.form("/decide"), verdict=said["verdict"], reason=said.get(f"reason.{said['verdict']}", ""))
    assert answer.status_code == 303, one.text
    one.follow()
    form = one.form("/withdraw")
    return f"/desk/review/{record}/undo", {name: form.values[name] for name in ("csrf_token", "decision")}


def undo(one: Any, act: Any) -> Any:
    """Undo it; `one` may be somebody else than who did it."""
    address, data = act
    one.get("/desk/account")
    token = one.form("/sign-out").values["csrf_token"]
    return one.http.post(address, data={**data, "csrf_token": token}, headers=JSON)


def kept(world: World, record: str) -> tuple[object, ...]:
    """What the server keeps of a record beside its writes, and the decision in force without who made it and when."""
    with world.app.app_context(), reading() as session:
        row = session.get_one(Record, record)
        said = session.get(DecisionRow, row.decision_id) if row.decision_id else None
        told = said and (said.verdict, said.reason, said.fields, said.basis, said.sides, said.first_id)
        return row.state, row.bucket, row.amounts, row.keys, row.conflicted, row.rank, told


def answer_to(world: World, record: str, decision: str, id_: str, text: str) -> tuple[int, str]:
    body = {"id": id_, "decision": decision, "text": text, "at": 1_627_000_000_000}
    calling = Client(world.app.test_client(), world.token("xa1"))
    answer = calling.post(f"/records/{record}/reply", json=body)
    return answer.status_code, answer.get_json().get("text", "")


def in_force(officer: Phone, record: str) -> dict[str, Any]:
    officer.sync()
    told = officer.records[record].decision
    assert told is not None
    return dict(told)


def pulled(officer: Phone, record: str) -> dict[str, Any] | None:
    """What a phone has of the decision, but for its id, its reviewer and its time."""
    officer.sync()
    told = officer.records[record].decision
    return told and {name: value for name, value in told.items() if name not in ("id", "by", "at")}


def amended(world: World, officer: Phone, verdict: str, reason: str = "") -> str:
    """A banner decided on by the province, then edited."""
    record = officer.create(slogan="s1", quantity=3, put_up_on="2021-07-05")
    officer.sync()
    judge(world, record, verdict, reason, by="tinh")
    officer.sync()
    officer.edit(record, quantity=9)
    officer.sync()
    return record


@pytest.mark.slow
@pytest.mark.parametrize(("before", "reason"), [("counted", ""), ("returned", "Ảnh mờ"), ("not_counted", "Trùng")])
def test_the_decision_before_is_in_force_again(
    world: World, desk: MakeDesk, phone: MakePhone, before: str, reason: str
) -> None:
    """D-14, D-5: 3 banners were counted, and are again; the edit to 9 waits as it did."""
    officer, one = phone("xa1"), desk("huyen")
    record = amended(world, officer, before, reason)
    stood, had = kept(world, record), pulled(officer, record)
    assert stood[0] == "amended"
    act = decide(one, record, verdict="counted")
    assert kept(world, record) != stood
    answer = undo(one, act)
    assert answer.status_code == 200
    assert answer.json["said"].startswith("Đã hoàn tác, quyết định trước đó lại có hiệu lực")
    assert kept(world, record) == stood
    assert pulled(officer, record) == had
    answer = undo(one, act)
    assert (answer.status_code, answer.json["code"]) == (409, "no_decision"), "pressed twice it is done once"
    assert kept(world, record) == stood
    with world.app.app_context(), writing() as session:
        assert session.query(DecisionRow).count() == 3
        recount(session)
    assert kept(world, record) == stood
    fresh = phone("xa2")
    assert pulled(fresh, record) == had, "and for a phone that heard of nothing between"


@pytest.mark.slow
def test_several_acts_on_one_item_are_undone_one_by_one(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-14: each undoes what it did, down to the first, which waits again."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=3)
    officer.sync()
    states, acts = [], []
    for verdict in ("counted", "not_counted", "counted"):
        states.append(kept(world, record))
        said = {"verdict": verdict, "reason.not_counted": "Trùng."}
        acts.append(decide(one, record, **said))
    told = []
    while acts:
        answer = undo(one, acts.pop())
        assert answer.status_code == 200, answer.json
        assert kept(world, record) == states.pop()
        told.append(answer.json["said"])
    assert "lại có hiệu lực: Không tính" in told[0]
    assert told[-1] == "Đã hoàn tác, mục này lại chờ duyệt. Số liệu thay đổi: Băng rôn −3 chiếc."
    assert pulled(officer, record) is None


@pytest.mark.slow
def test_only_ones_own_decision_that_is_in_force_is_undone(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-14."""
    officer, one, other = phone("xa1"), desk("huyen"), desk("tinh")
    record = amended(world, officer, "counted")
    act = decide(one, record, verdict="returned", **{"reason.returned": "Ảnh mờ."})
    assert undo(other, act).status_code == 409
    decide(other, record, verdict="counted")
    stood = kept(world, record)
    answer = undo(one, act)
    assert (answer.status_code, answer.json["code"]) == (409, "no_decision")
    assert answer.json["problem"].startswith("Trong lúc đó đã có quyết định khác")
    assert kept(world, record) == stood
    stranger = desk("phucu")
    assert undo(stranger, act).status_code == 404


@pytest.mark.slow
def test_the_log_and_the_record_say_that_it_was_undone(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-14."""
    officer, one = phone("xa1"), desk("huyen")
    record = amended(world, officer, "counted")
    undo(one, decide(one, record, verdict="returned", **{"reason.returned": "Ảnh mờ."}))
    one.get(f"/desk/records/{record}")
    assert one.text.count("có hiệu lực trở lại do hoàn tác quyết định sau đó") == 2, "the decision, and the history"
    assert "Quyết định của Cán bộ tổng hợp tỉnh Hưng Yên" in one.text
    with world.app.app_context(), reading() as session:
        (line,) = session.scalars(select(AuditLine).where(AuditLine.act == "decision_undone"))
        assert (line.about_id, line.old) == (record, '{"verdict":"returned"}')
        assert '"verdict":"counted"' in line.new
    one.get(f"/desk/review?last={record}")
    assert not one.has_form("/undo"), "what undid is no act to be undone"


@pytest.mark.slow
def test_an_answer_stands_beside_the_return_that_is_stated_again(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """D-13, D-14: for the reviewer and for phones; the officer's phone may have sent it under the earlier id."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=3)
    officer.sync()
    judge(world, record, "returned", "Ảnh mờ")
    returned, id_ = in_force(officer, record)["id"], new_id()
    assert answer_to(world, record, returned, id_, ANSWER) == (200, ANSWER)
    undo(one, decide(one, record, verdict="counted"))
    for page in (f"/desk/review?at={record}&state=all", f"/desk/records/{record}"):
        one.get(page)
        assert ANSWER in one.text
    told = in_force(officer, record)
    assert told["id"] != returned
    assert told["reply"]["text"] == ANSWER
    for decision in (returned, told["id"]):
        assert answer_to(world, record, decision, id_, ANSWER) == (200, ANSWER), "sent again it is the same answer"


@pytest.mark.slow
def test_a_return_that_is_stated_again_can_still_be_answered(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-13, D-14: under the id that the phone has, which is the earlier one."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create(slogan="s1", quantity=3)
    officer.sync()
    judge(world, record, "returned", "Ảnh mờ")
    returned = in_force(officer, record)["id"]
    undo(one, decide(one, record, verdict="counted"))
    assert answer_to(world, record, returned, new_id(), ANSWER) == (200, ANSWER)
    assert in_force(officer, record)["reply"]["text"] == ANSWER


def approved_by_an_act_on_many(world: World, one: Desk, officer: Phone) -> str:
    """Returns the record; the page is that of what was done."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Campaign).values(due_before=date(2099, 1, 1)))  # so that nothing has a warning
    record = leaflet(officer)
    officer.sync()
    checked(world)
    one.get("/desk/queue")
    one.post(bulk(one, "all"))
    one.follow()
    return record


def test_what_an_act_on_many_approved_is_not_restored_once_that_is_taken_back(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """D-14: nobody looked at it, and whoever approved it so took that back."""
    one = desk("huyen")
    record = approved_by_an_act_on_many(world, one, phone("xa1"))
    taking_back = one.form("/undo")
    act = decide(one, record, verdict="returned", **{"reason.returned": "Ảnh mờ."})
    one.post(taking_back)
    assert undo(one, act).status_code == 200
    assert kept(world, record)[0] == "waiting"


def test_what_an_act_on_many_took_back_is_not_offered_to_be_undone(
    world: World, desk: MakeDesk, phone: MakePhone
) -> None:
    """D-14: nothing is to be put in force again."""
    one = desk("huyen")
    record = approved_by_an_act_on_many(world, one, phone("xa1"))
    one.get(f"/desk/review?last={record}")
    assert one.has_form(f"{record}/undo"), "the approval can be"
    one.get("/desk/queue")
    one.post(one.form("/undo"))
    assert kept(world, record)[0] == "waiting"
    one.get(f"/desk/review?last={record}")
    assert not one.has_form("/undo")


def test_the_log_book_names_whoever_approved_and_not_who_undid(world: World, desk: MakeDesk, phone: MakePhone) -> None:
    """D-14."""
    officer, one = phone("xa1"), desk("huyen")
    record = officer.create("broadcast", script="Bài 1", schedule=papers.SCHEDULE, minutes=5, programme="own")
    officer.sync()
    judge(world, record, "counted", by="tinh")
    undo(one, decide(one, record, verdict="returned", **{"reason.returned": "Thiếu giờ phát."}))
    with world.app.app_context(), reading() as session:
        campaign = session.get_one(Campaign, world.campaign)
        aired = list(airings(session, campaign, world.units["331"], date(2021, 7, 5)))
    assert {each.approver for each in aired} == {"Cán bộ tổng hợp tỉnh Hưng Yên"}
