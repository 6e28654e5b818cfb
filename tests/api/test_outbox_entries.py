"""Answers to returns and confirmed figures go as writes do, once each, and come back as they do (SPEC X-62, B-19)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Record, Reply, Seal
from server.services.figures import seals
from server.services.recovery import restores
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.client import Client
from support.clients.phone import Phone
from support.installation.moment import Moment
from support.world import changes
from support.world.world import World

MakePhone = Callable[..., Phone]
MakeClient = Callable[[str], Client]
Json = dict[str, Any]


def push(one: Client, *entries: Json) -> list[Json]:
    answer = one.post("/sync", json={"app": 3, "push": new_id(), "writes": list(entries)})
    assert answer.status_code == 200, answer.get_json()
    return list(answer.get_json()["results"])


def told(results: list[Json]) -> list[str]:
    return [str(row.get("code", row["result"])) for row in results]


def returned(world: World, phone: Phone) -> tuple[str, str]:
    record = phone.create(quantity=2)
    phone.sync()
    with world.app.app_context(), writing() as session:
        scope, basis = Scope(session, world.officers["huyen"]), dict(session.get_one(Record, record).survivors)
        return record, decide(session, scope, record, Verdict("returned", "Ảnh mờ"), basis).id


def reply(record: str, decision: str, text: str = "Đã treo lại", **more: Any) -> Json:
    return {"id": new_id(), "reply": {"record": record, "decision": decision, "text": text, "at": 1}, **more}


def made(world: World) -> Json:
    place = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign}
    return {"id": new_id(), "at": 1, **place, "set": {"quantity": 1, "submitted": True}}


def confirmed(world: World, one: Client, **more: Any) -> Json:
    """An entry that confirms what the preview shows now."""
    unit = world.units["12286"]
    shown = one.get(f"/figures/{world.campaign}/{unit}").get_json()["shown"]
    return {"id": new_id(), "seal": {"unit": unit, "campaign": world.campaign, "shown": shown}, **more}


def again(world: World, moment: Moment) -> int:
    """Put the database back to this moment; returns that of the restore."""
    with world.app.app_context(), writing() as session:
        moment.put_back(session)
        restores.tell(session, 1, None)
    with world.app.app_context(), reading() as session:
        return restores.all_of_them(session)[0].at


def taken(world: World) -> Moment:
    with world.app.app_context(), reading() as session:
        return Moment.of(session)


def test_an_answer_that_a_restore_lost_arrives_once(world: World, phone: MakePhone, client: MakeClient) -> None:
    """D-13, X-62, L-15: with its first moment; the colleague's phone and the desk have it again."""
    one, calling = phone("xa1"), client("xa1")
    record, decision = returned(world, one)
    moment = taken(world)
    entry = reply(record, decision)
    (first,) = push(calling, entry)
    assert (first["result"], first["position"], first["number"]) == ("stored", 3, "BR-1")
    again(world, moment)
    put_back = entry | {"received": first["received"]}
    assert [row["received"] for _ in range(2) for row in push(calling, put_back)] == [first["received"]] * 2
    with world.app.app_context(), reading() as session:
        (row,) = session.query(Reply).all()
        assert (row.id, row.received_at) == (entry["id"], first["received"])
    two = phone("xa2")
    two.sync()
    assert (two.records[record].decision or {})["reply"]["id"] == entry["id"]


def test_the_answer_is_in_the_changes_of_the_same_exchange(world: World, phone: MakePhone, client: MakeClient) -> None:
    """X-26: no client can tell it by itself."""
    one, calling = phone("xa1"), client("xa1")
    record, decision = returned(world, one)
    one.sync()
    cursors = one.body()["cursors"]
    entry = reply(record, decision)
    body = calling.post("/sync", json={"app": 3, "cursors": cursors, "push": new_id(), "writes": [entry]}).get_json()
    assert [change["decision"]["reply"]["id"] for change in body["changes"]] == [entry["id"]]


def test_one_that_cannot_be_taken_stops_nothing_beside_it(world: World, phone: MakePhone, client: MakeClient) -> None:
    """X-2, X-62: in their order, each with its own result; asked for, the same."""
    one, calling = phone("xa1"), client("xa1")
    record, decision = returned(world, one)
    write = {"id": new_id(), "at": 1, "record": record, "set": {"note": "x"}, "seen": []}
    entries = [
        reply(record, new_id()),
        reply(record, decision),
        write,
        confirmed(world, calling),
        {"id": new_id(), "reply": {"record": record}},
        {"id": new_id(), "seal": {"unit": "x"}},
        {"id": new_id(), "reply": 7},
        reply(new_id(), decision),
    ]
    id_ = new_id()
    results = calling.post("/sync", json={"app": 3, "push": id_, "writes": entries}).get_json()["results"]
    codes = ["no_decision", "stored", "stored", "stored", "bad_write", "bad_write", "bad_write", "no_decision"]
    assert told(results) == codes
    runs = calling.post("/sync", json={"app": 3, "ask": id_}).get_json()["asked"]["runs"]
    assert [run.get("code", run["result"]) for run in runs for _ in range(run["count"])] == codes
    assert [row["id"] for row in results] == [entry["id"] for entry in entries]


def test_an_answer_to_a_record_that_is_not_back_yet_waits(world: World, client: MakeClient) -> None:
    """X-62: after a restore its record may still come."""
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, None)
    assert told(push(client("xa1"), reply(new_id(), new_id()))) == ["create_missing"]


def test_confirmed_figures_survive_a_restore(world: World, client: MakeClient) -> None:
    """L-2, X-62: they cover what had come by then, at whatever positions that is now; and nothing that came later."""
    one, moment = client("xa1"), taken(world)
    early, late = [made(world), made(world)], made(world)
    push(one, *early)
    entry = confirmed(world, one)
    (first,) = push(one, entry)
    assert (first["result"], "position" in first) == ("stored", False)
    assert changes.lines(world) == (2, None)
    at = again(world, moment)
    back = [write | {"received": first["received"]} for write in early]
    assert told(push(one, back[0], late, back[1])) == ["stored"] * 3
    put_back = entry | {"received": first["received"]}
    assert told([*push(one, put_back), *push(one, put_back)]) == ["stored"] * 2
    assert changes.lines(world) == (1, None), "the new one came after it"
    with world.app.app_context(), reading() as session:
        (row,) = session.query(Seal).all()
        assert (row.id, row.at < at) == (entry["id"], True)


def test_what_was_taken_back_is_not_confirmed_again_by_a_repeat(
    world: World, phone: MakePhone, client: MakeClient
) -> None:
    """L-14: an answer that was lost on its way, and a phone that brings back after a restore of a later backup."""
    one, calling = phone("xa1"), client("xa1")
    one.create(quantity=3)
    one.sync()
    entry = confirmed(world, calling)
    (first,) = push(calling, entry)
    with world.app.app_context(), writing() as session:
        seals.take_back(session, Scope(session, world.officers["huyen"]), entry["id"], "Thiếu một băng rôn")
    assert told(push(calling, entry)) == ["stored"]
    assert changes.lines(world) == (None, None)
    again(world, taken(world))
    other = entry | {"id": new_id(), "received": first["received"]}
    assert told(push(calling, entry | {"received": first["received"]}, other)) == ["stored"] * 2
    assert changes.lines(world) == (None, None)


@pytest.mark.parametrize(
    ("who", "code"), [("xa1", "not_submitted"), ("nhanla", "foreign_unit"), ("huyen", "foreign_unit")]
)
def test_who_may_not_confirm_is_told_so(world: World, client: MakeClient, who: str, code: str) -> None:
    """L-22."""
    entry = confirmed(world, client("xa1"))
    assert told(push(client(who), entry)) == [code]
    assert changes.lines(world) == (None, None)
    if who == "xa1":
        entry["seal"]["empty"] = True
        assert told(push(client(who), entry)) == ["stored"]


def test_a_campaign_that_is_not_back_yet_waits(world: World, client: MakeClient) -> None:
    """B-7."""
    entry = confirmed(world, client("xa1"))
    entry["seal"]["campaign"] = new_id()
    assert told(push(client("xa1"), entry)) == ["unknown_campaign"]
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, None, now_ms() - 1000)
    assert [row["result"] for row in push(client("xa1"), entry)] == ["later"]
