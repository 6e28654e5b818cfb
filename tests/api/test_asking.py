"""After a lost answer: ask by the push's id, a few hundred bytes, before anything is sent again (SPEC X-15 to X-17)."""

from __future__ import annotations

import gzip
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import brotli
import pytest
from sqlalchemy import select

from server.core.clock import new_id
from server.core.db import db, reading
from server.models import WriteRow
from server.services.exchange import round_trip
from support.clients.client import Client, MakeClient
from support.clients.in_hand import InHand, MakeShipped, sides_of
from support.clients.lines import read
from support.clients.phone import MakePhone
from support.world.workload import records
from support.world.world import World
from sync.errors import CODES
from sync.protocol import unpack_runs

pytestmark = pytest.mark.databases("sqlite")


def ask(one: Client, push: str, cursors: list[Any] | None = None) -> dict[str, Any]:
    answer = one.post("/sync", json={"ask": push, "cursors": cursors or []})
    assert answer.status_code == 200
    body: dict[str, Any] = answer.get_json()
    return body


def push(one: Client, *writes: Any, id_: str | None = None) -> tuple[str, list[dict[str, Any]]]:
    """Send, and give the id and what was answered, without ids."""
    id_ = id_ or new_id()
    while (answer := one.post("/sync", json={"writes": list(writes), "push": id_})).status_code == 429:
        assert answer.get_json()["code"] == "push_running"  # at once with another one of this device
    assert answer.status_code == 200
    return id_, [{k: v for k, v in row.items() if k != "id"} for row in answer.get_json()["results"]]


def stored(world: World) -> list[str]:
    with world.app.app_context(), reading() as session:
        return sorted(session.scalars(select(WriteRow.id)))


def answers(one: InHand) -> list[tuple[Any, list[str], list[str]]]:
    """Of each exchange that comes: what is known of a push that was asked for, the results, the records of changes."""
    heard: list[tuple[Any, list[str], list[str]]] = []

    def note(text: str) -> None:
        got = read(text)
        assert got.head is not None
        asked, results = got.head.get("asked"), [row["result"] for row in got.head["results"]]
        told = [change["record"] for block in got.blocks for change in block.changes]
        heard.append((asked and asked["known"], results, told))

    one.wire.whole = note
    return heard


def shown(one: InHand) -> dict[str, dict[str, list[Any]]]:
    return {id_: sides_of(row) for id_, row in one.records.items()}


def test_a_lost_answer_is_told_and_nothing_is_echoed(phone: MakePhone, shipped: MakeShipped) -> None:
    """X-16, X-9."""
    one, two = shipped("xa1"), phone("xa2")
    record = one.create(quantity=1)
    one.edit(record, quantity=2)
    one.sync(("lost", 1))
    assert len(one.waiting) == 2
    heard = answers(one)
    one.sync()
    assert heard[0] == (True, [], [])
    assert {tuple(results) for _, results, _ in heard} == {()}, "nothing was sent again"
    assert one.waiting == []
    assert one.values(record, "quantity") == [2]
    two.sync()
    assert shown(one) == two.shown()


def test_what_others_did_meanwhile_is_told(phone: MakePhone, shipped: MakeShipped) -> None:
    """X-16: left out is only what came with that push, and only while it stands."""
    one, two = shipped("xa1"), phone("xa2")
    mine, untouched = one.create(quantity=1), one.create(quantity=9)
    one.sync(("lost", 1))
    two.sync()
    two.edit(mine, quantity=7)
    theirs = two.create(note="của người khác")
    two.sync()
    heard = answers(one)
    one.sync()
    known, results, told = heard[0]
    assert (known, results, set(told)) == (True, [], {mine, theirs})
    assert one.values(mine, "quantity") == [7]
    assert one.values(untouched, "quantity") == [9]
    assert shown(one) == two.shown()


def test_every_kind_of_result_is_told_again_with_its_sentence(world: World, client: MakeClient) -> None:
    """X-17, X-2: runs say what was said."""
    one = client("xa1")
    good = records(6, world.units["12286"], world.campaign)
    bad = good[0] | {"id": new_id(), "set": {"quantity": "ba"}}
    orphan = {"id": new_id(), "at": 1, "record": new_id(), "set": {"note": "x"}}
    edit = {"id": new_id(), "at": 2, "record": good[0]["id"], "set": {"note": "x"}, "seen": [good[0]["id"]]}
    id_, said = push(one, *good[:3], bad, bad, orphan, edit, *good[3:], good[1])
    runs = ask(one, id_)["asked"]["runs"]
    assert unpack_runs(runs) == said
    assert [row["result"] for row in said[3:6]] == ["refused", "refused", "later"]
    assert runs[1]["detail"] == CODES["wrong_type"].vi
    assert len(runs) == 6


def test_a_hundred_records_are_asked_for_in_a_kilobyte(world: World, client: MakeClient) -> None:
    """X-16: both ways together, with cursors as a phone has them."""
    one = client("xa1")
    first = one.sync()["cursors"]
    cursors = [{key: cursor[key] for key in cursor if key != "reset"} for cursor in first]
    id_, said = push(one, *records(100, world.units["12286"], world.campaign))
    body = json.dumps({"app": 3, "cursors": cursors, "writes": [], "photos": [], "ask": id_}, separators=(",", ":"))
    up = gzip.compress(body.encode(), 9)
    answer = one.post("/sync", {"Content-Encoding": "gzip", "Accept-Encoding": "br"}, data=up)
    told = json.loads(brotli.decompress(answer.data))
    assert unpack_runs(told["asked"]["runs"]) == said
    assert told["changes"] == []
    assert len(up) + len(answer.data) <= 1_000


def test_a_push_that_never_came_is_unknown_and_sent(shipped: MakeShipped) -> None:
    """X-16: the line broke before a byte was through."""
    one = shipped("xa1")
    record = one.create(quantity=1)
    one.sync(("unreached", 1))
    assert one.waiting == [record]
    heard = answers(one)
    one.sync()
    assert [(known, results) for known, results, _ in heard[:2]] == [(False, []), (None, ["stored"])]
    assert (one.waiting, one.records[record]["number"]) == ([], "BR-1")


def test_only_the_last_push_is_kept_and_sending_again_harms_nothing(world: World, client: MakeClient) -> None:
    """X-15, X-3."""
    one = client("xa1")
    rows = records(4, world.units["12286"], world.campaign)
    first, said = push(one, *rows[:2])
    second, _ = push(one, *rows[2:])
    assert ask(one, first)["asked"] == {"known": False, "runs": []}
    assert ask(one, second)["asked"]["known"]
    _, again = push(one, *rows[:2])
    assert again == said
    assert stored(world) == sorted(row["id"] for row in rows)


def test_a_request_without_an_id_leaves_the_kept_push(world: World, client: MakeClient) -> None:
    """X-61: an older tab of the same device does not make it forgotten."""
    one = client("xa1")
    rows = records(2, world.units["12286"], world.campaign)
    id_, said = push(one, rows[0])
    one.sync(rows[1])
    assert unpack_runs(ask(one, id_)["asked"]["runs"]) == said


def test_a_push_is_known_to_its_own_device_alone(world: World, client: MakeClient) -> None:
    """X-16: what another device sent is nobody's business, the same officer's new phone sends again."""
    one, anew, other = client("xa1"), client("xa1"), client("xa2")
    rows = records(3, world.units["12286"], world.campaign)
    id_, said = push(one, *rows)
    assert [ask(each, id_)["asked"]["known"] for each in (anew, other)] == [False, False]
    _, again = push(anew, *rows)
    assert again == said
    assert len(stored(world)) == 3


def test_after_enrolling_anew_nothing_counts_twice(world: World) -> None:
    """X-16, X-3, X-23: the replaced phone asks and is answered, and told nothing else."""
    http = world.app.test_client()

    def enrol() -> Client:
        body = {"code": world.code("xa1"), "label": "máy"}
        return Client(http, http.post("/api/v1/enrolment", json=body).get_json()["token"])

    old = enrol()
    rows = records(3, world.units["12286"], world.campaign)
    id_, said = push(old, *rows)
    new = enrol()
    told = ask(old, id_)
    assert unpack_runs(told["asked"]["runs"]) == said
    assert (told["changes"], told["cursors"], told["more"]) == ([], [], False)
    assert ask(new, id_)["asked"]["known"] is False
    _, again = push(new, *rows)
    assert again == said
    late = records(1, world.units["12286"], world.campaign, seed=2)
    assert push(old, *late)[1][0]["result"] == "stored"
    assert len(stored(world)) == 4


@pytest.mark.databases("both")
def test_two_pushes_of_one_device_at_once(world: World, client: MakeClient) -> None:
    """X-61: one of them is the last; asked for the other, the hub says so, and sending it again harms nothing."""
    one = client("xa1")
    rows = records(40, world.units["12286"], world.campaign)
    start = threading.Barrier(2)

    def send(part: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
        start.wait()
        return push(Client(world.app.test_client(), one.token), *part)

    with ThreadPoolExecutor(2) as both:
        pushed = list(both.map(send, (rows[:20], rows[20:])))
    known = [ask(one, id_)["asked"] for id_, _ in pushed]
    assert sorted(each["known"] for each in known) == [False, True]
    for (_, said), each, part in zip(pushed, known, (rows[:20], rows[20:]), strict=True):
        if each["known"]:
            assert unpack_runs(each["runs"]) == said
        else:
            assert push(one, *part)[1] == said
    assert len(stored(world)) == 40


@pytest.mark.databases("both")
def test_one_push_sent_twice_at_once_is_told_once(world: World, client: MakeClient) -> None:
    """X-15, X-3: the phone gave up waiting while the hub was still at it."""
    one = client("xa1")
    rows, id_ = records(20, world.units["12286"], world.campaign), new_id()
    start = threading.Barrier(2)

    def send(_: int) -> list[dict[str, Any]]:
        start.wait()
        return push(Client(world.app.test_client(), one.token), *rows, id_=id_)[1]

    with ThreadPoolExecutor(2) as both:
        first, second = both.map(send, (1, 2))
    assert first == second == unpack_runs(ask(one, id_)["asked"]["runs"])
    assert len(stored(world)) == 20


def test_a_push_is_known_if_and_only_if_its_writes_are(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """X-61: one transaction, whatever fails in it."""
    one = client("xa1")
    id_, rows = new_id(), records(2, world.units["12286"], world.campaign)
    keep = round_trip.keep_answer

    def broken(*args: Any) -> None:
        keep(*args)
        raise OSError("the disk is gone")

    monkeypatch.setattr(round_trip, "keep_answer", broken)
    world.app.testing = False
    world.app.config["PROPAGATE_EXCEPTIONS"] = False
    assert one.post("/sync", json={"writes": rows, "push": id_}).status_code == 500
    assert (stored(world), ask(one, id_)["asked"]["known"]) == ([], False)
    with world.app.app_context():
        db.session.remove()


@pytest.mark.parametrize("body", [{"ask": "A" * 16, "writes": [{}]}, {"ask": "short"}, {"push": "not an id!!!!!!!"}])
def test_who_asks_sends_no_writes(client: MakeClient, body: dict[str, Any]) -> None:
    """X-16, ID-1."""
    answer = client("xa1").post("/sync", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
