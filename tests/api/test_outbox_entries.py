"""Answers to returns and confirmed figures go as writes do, once each, and come back as they do (SPEC X-62, B-19)."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.clock import new_id, now_ms
from server.core.db import reading, writing
from server.models import Record, Reply, Seal
from server.services.continuity import marks
from server.services.figures import seals
from server.services.recovery import restores
from server.services.review.decisions import Verdict, decide
from server.services.units.scope import Scope
from support.clients.client import Client, MakeClient
from support.clients.phone import MakePhone, Phone
from support.clients.write_only import Json
from support.installation.moment import Moment
from support.world import changes
from support.world.purging import purge
from support.world.world import World
from sync.protocol import KEPT_MS


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
    sheet = one.get(f"/figures/{world.campaign}/{unit}").get_json()
    seen = {"shown": sheet["shown"], "basis": sheet["basis"]}
    return {"id": new_id(), "seal": {"unit": unit, "campaign": world.campaign, **seen}, **more}


def again(world: World, moment: Moment, at: int | None = None) -> int:
    """Put the database back to this moment; returns that of the restore."""
    unnoticed(world, moment)
    with world.app.app_context(), writing() as session:
        restores.tell(session, 1, None, at)
    with world.app.app_context(), reading() as session:
        return restores.all_of_them(session)[0].at


def unnoticed(world: World, moment: Moment) -> None:
    """Put the database back, and nobody says so."""
    with world.app.app_context(), writing() as session:
        moment.put_back(session)


def take_back(world: World, seal: str) -> None:
    with world.app.app_context(), writing() as session:
        assert seals.take_back(session, Scope(session, world.officers["huyen"]), seal, "Thiếu một băng rôn")


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
    take_back(world, entry["id"])
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


@pytest.mark.parametrize("told_of", [True, False])
def test_what_was_never_received_does_not_confirm_what_nobody_saw(
    world: World, client: MakeClient, told_of: bool
) -> None:
    """X-63: after a restore other entries are at the positions that were shown, whether anybody noticed or not."""
    one, other = client("xa1"), client("xa2")
    push(one, made(world))
    before, moment = confirmed(world, one), taken(world)
    push(one, made(world))
    waits = confirmed(world, one)
    if told_of:
        again(world, moment)
    else:
        unnoticed(world, moment)
    push(other, made(world))
    assert told(push(one, waits)) == ["seal_again"]
    assert changes.lines(world) == (None, None)
    assert told(push(one, before)) == ["stored"], "what that sheet showed is still there"
    assert changes.lines(world) == (1, None)
    assert told(push(one, confirmed(world, one))) == ["stored"]
    assert changes.lines(world) == (2, None)


def test_an_older_app_that_cannot_say_what_it_showed_is_asked_again_after_a_restore(
    world: World, client: MakeClient
) -> None:
    one = client("xa1")
    push(one, made(world))
    entry = confirmed(world, one)
    del entry["seal"]["basis"]
    moment = taken(world)
    assert told(push(one, entry)) == ["stored"]
    again(world, moment)
    assert told(push(one, entry)) == ["seal_again"]
    assert changes.lines(world) == (None, None)


def test_who_confirmed_second_does_not_undo_that_it_was_taken_back(world: World, client: MakeClient) -> None:
    """L-14: it sealed nothing, so nothing is kept of it. By a repeat, and by what is put back long after."""
    one, two = client("xa1"), client("xa2")
    push(one, made(world))
    first, second = confirmed(world, one), confirmed(world, two)
    push(one, first)
    (result,) = push(two, second)
    take_back(world, first["id"])
    assert changes.lines(world) == (None, None)
    assert told(push(two, second)) == ["seal_again"]
    again(world, taken(world), result["received"] + KEPT_MS + 60_000)
    assert told(push(two, second | {"received": result["received"]})) == ["stored"]
    assert changes.lines(world) == (None, None)


def test_what_comes_back_behind_a_seal_that_covered_it_is_not_late(world: World, client: MakeClient) -> None:
    """L-19: a colleague brings back what the seal had covered; what is new is late."""
    one, two, moment = client("xa1"), client("xa2"), taken(world)
    own, theirs = made(world), made(world)
    (mine,), (other,) = push(one, own), push(two, theirs)
    entry = confirmed(world, one)
    (sealed,) = push(one, entry)
    again(world, moment)
    push(one, own | {"received": mine["received"]}, entry | {"received": sealed["received"]})
    assert changes.lines(world) == (1, None)
    push(two, theirs | {"received": other["received"]})
    assert changes.lines(world) == (2, None)
    push(two, made(world))
    assert changes.lines(world) == (2, None)
    with world.app.app_context(), reading() as session:
        assert [(row.id, row.position) for row in session.query(Seal)] == [(entry["id"], 2)]


def test_a_seal_covers_nothing_that_it_did_not_show(world: World, client: MakeClient) -> None:
    """L-19: one of the backup leaves out what came meanwhile; one made since the restore what was not there."""
    one, two = client("xa1"), client("xa2")
    push(one, made(world))
    entry = confirmed(world, one)
    push(two, made(world))
    push(one, entry)
    moment, theirs, last = taken(world), made(world), made(world)
    (other,), (third,) = push(two, theirs), push(two, last)
    again(world, moment)
    push(two, theirs | {"received": other["received"]})
    assert changes.lines(world) == (1, None)
    push(one, confirmed(world, one))
    push(two, last | {"received": third["received"]})
    assert changes.lines(world) == (3, None)


def test_an_answer_to_what_was_purged_is_refused_as_purged(world: World, phone: MakePhone, client: MakeClient) -> None:
    """L-11, B-9: also where a restore lost the record and its purge."""
    one, calling, moment = phone("xa1"), client("xa1"), taken(world)
    record, decision = returned(world, one)
    purge(world, record)
    assert told(push(calling, reply(record, decision))) == ["purged"]
    assert told(push(client("nhanla"), reply(record, decision))) == ["foreign_unit"]
    again(world, moment)
    assert told(push(calling, reply(record, decision))) == ["purged"]
    assert told(push(client("nhanla"), reply(record, decision))) == ["foreign_unit"]


def test_a_copy_that_lacks_only_a_seal_is_noticed(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-32: it has no position, so no cursor tells; the copy is younger than the minute of a mark."""
    monkeypatch.setattr(marks, "last", lambda _: None)
    one = client("xa1")
    push(one, made(world))
    entry, moment = confirmed(world, one), taken(world)
    body = {"app": 3, "push": new_id(), "writes": [entry]}
    mark = one.post("/sync", json=body).get_json()["mark"]
    unnoticed(world, moment)
    assert one.post("/sync", json={"app": 3, "mark": mark}).get_json()["restored"] is not None


SIGNERS = {
    "prepared_by": "Nguyễn Văn An",
    "approved_by": "Trần Thị Bình",
    "approved_title": "Phó Chủ tịch",
    "approved_on": "2021-08-03",
}


def test_who_made_the_figures_and_which_leader_approved_them_is_kept(world: World, client: MakeClient) -> None:
    """X-65: with the statement, and shown beside it; an app before this tells of nobody."""
    one = client("xa1")
    push(one, made(world))
    entry = confirmed(world, one)
    entry["seal"] |= SIGNERS | {"approved_by": "  Trần  Thị Bình "}
    assert told(push(one, entry)) == ["stored"]
    sheet = one.get(f"/figures/{world.campaign}/{world.units['12286']}").get_json()
    assert {name: sheet[name] for name in SIGNERS} == SIGNERS
    push(one, made(world))
    assert told(push(one, confirmed(world, one))) == ["stored"]
    sheet = one.get(f"/figures/{world.campaign}/{world.units['12286']}").get_json()
    assert {sheet[name] for name in SIGNERS} == {""}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("approved_on", "2021-02-31", "wrong_type"),
        ("approved_by", "a" * 101, "too_long"),
        ("prepared_by", 7, "wrong_type"),
        ("approved_title", "a\u0000", "bad_text"),
    ],
)
def test_what_nobody_is_called_is_refused(
    world: World, client: MakeClient, name: str, value: object, code: str
) -> None:
    """X-65."""
    one = client("xa1")
    push(one, made(world))
    entry = confirmed(world, one)
    entry["seal"][name] = value
    (result,) = push(one, entry)
    assert (result["code"], result["field"]) == (code, name)
    assert one.get(f"/figures/{world.campaign}/{world.units['12286']}").get_json()["sealed_at"] is None


def test_figures_that_changed_before_they_arrived_are_asked_for_again(world: World, client: MakeClient) -> None:
    """X-65: what was on the screen is not what is there; the same entry sent twice stays stored."""
    one, two = client("xa1"), client("xa2")
    push(one, made(world))
    entry = confirmed(world, one)
    entry["seal"]["current"] = True
    push(two, made(world))
    assert told(push(one, entry)) == ["seal_again"]
    entry = confirmed(world, one)
    entry["seal"]["current"] = True
    assert told(push(one, entry)) == ["stored"]
    push(two, made(world))
    assert told(push(one, entry)) == ["stored"], "a repeat is no new statement"
