"""D-13: an officer answers a return in words; the record is not amended by it, and every phone reads it."""

from __future__ import annotations

from typing import Any

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import Record, Stream
from server.services.records.recount import recount
from server.services.review.decisions import Verdict, decide, withdraw
from server.services.units.scope import Scope
from support.clients.client import Client, MakeClient
from support.clients.phone import MakePhone, Phone
from support.world import changes
from support.world.world import World


def judge(world: World, record: str, verdict: str, reason: str = "") -> str:
    with world.app.app_context(), writing() as session:
        basis = dict(session.get_one(Record, record).survivors)
        scope = Scope(session, world.officers["huyen"])
        return decide(session, scope, record, Verdict(verdict, reason), basis).id


def reply(client: Client, record: str, decision: str, text: str = "Đã treo lại", id_: str = "") -> tuple[int, Any]:
    body = {"id": id_ or new_id(), "decision": decision, "text": text, "at": 1_627_000_000_000}
    answer = client.post(f"/records/{record}/reply", json=body)
    return answer.status_code, answer.get_json()


def returned(world: World, phone: Phone) -> tuple[str, str]:
    record = phone.create(quantity=2)
    phone.sync()
    return record, judge(world, record, "returned", "Ảnh mờ")


def test_an_answer_reaches_every_phone_and_amends_nothing(world: World, phone: MakePhone, client: MakeClient) -> None:
    """D-13, X-13."""
    one, two = phone("xa1"), phone("xa2")
    record, decision = returned(world, one)
    two.sync()
    status, told = reply(client("xa1"), record, decision, "  Đã treo lại ở cổng chợ ")
    assert (status, told["text"]) == (200, "Đã treo lại ở cổng chợ")
    for each in (one, two, phone("xa2")):
        each.sync()
        held = each.records[record].decision
        assert held is not None
        assert (held["verdict"], held["amended"], held["reply"]["text"]) == ("returned", False, told["text"])
    with world.app.app_context(), writing() as session:
        recount(session)
        assert session.get_one(Record, record).state == "returned"


def test_the_first_answer_stands(world: World, phone: MakePhone, client: MakeClient) -> None:
    """D-13: a request that was lost on its way back is sent again; a colleague answers too."""
    one = phone("xa1")
    record, decision = returned(world, one)
    id_ = new_id()
    first = reply(client("xa1"), record, decision, "một", id_)
    assert reply(client("xa1"), record, decision, "một", id_) == first
    assert reply(client("xa2"), record, decision, "hai") == first
    with world.app.app_context(), reading() as session:
        stream = session.query(Stream).filter_by(id=session.get_one(Record, record).stream_id).one()
        assert stream.position == 3, "a write, a decision, one answer"


def test_only_the_return_in_force_is_answered_by_its_unit(world: World, phone: MakePhone, client: MakeClient) -> None:
    """D-13."""
    one = phone("xa1")
    record, decision = returned(world, one)
    assert reply(client("xa2"), new_id(), decision)[0] == 404
    assert reply(client("huyen"), record, decision)[0] == 403
    counted = judge(world, record, "counted")
    assert reply(client("xa1"), record, decision)[1]["code"] == "no_decision"
    assert reply(client("xa1"), record, counted)[1]["code"] == "no_decision"
    for text, code in (("  ", "bad_text"), ("a" * 2001, "too_long")):
        assert reply(client("xa1"), record, decision, text)[1]["code"] == code
    again = judge(world, record, "returned", "Thiếu ngày")
    changes.status(world, "archived")
    assert reply(client("xa1"), record, again)[1]["code"] == "archived"


def test_an_answered_return_that_is_withdrawn_leaves_whole_cursors(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """C-2: the entry behind a cursor may be an answer."""
    one = phone("xa1")
    record, decision = returned(world, one)
    reply(client("xa1"), record, decision)
    one.sync()
    assert not any(cursor["reset"] for cursor in one.sync()["cursors"]), "the answer is the entry behind it"
    assert max(cursor["position"] for cursor in one.cursors.values()) == 3
    with world.app.app_context(), writing() as session:
        withdraw(session, Scope(session, world.officers["huyen"]), record)
    one.sync()
    assert one.records[record].decision is None
