"""Rules of SPEC that hold over several requests and are nobody else's subject."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id
from server.core.db import reading
from server.models import WriteRow
from support.clients.client import MakeClient
from support.clients.in_hand import MakeShipped, sides_of
from support.clients.phone import MakePhone
from support.world.workload import records
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.databases("both")
def test_a_record_is_named_by_its_first_write(world: World, client: MakeClient) -> None:
    """W-2: said or not, and known by it to everybody."""
    one = client("xa1")
    unsaid, said = records(2, world.units["12286"], world.campaign)
    one.sync(unsaid, said | {"record": said["id"]})
    changes = client("xa2").sync()["changes"]
    assert {change["record"] for change in changes} == {unsaid["id"], said["id"]}
    assert all(change["writes"][0]["id"] == change["record"] for change in changes)


@pytest.mark.databases("both")
@pytest.mark.parametrize("other", [{"kind": "broadcast"}, {"unit": "12289"}, {"campaign": "practice"}])
def test_kind_unit_and_campaign_stay(world: World, client: MakeClient, other: dict[str, str]) -> None:
    """ID-3: neither a second create nor an edit moves a record."""
    one, made = client("xa1"), records(1, world.units["12286"], world.campaign)[0]
    moved = made | {
        key: {"12289": world.units["12289"], "practice": world.practice}.get(value, value)
        for key, value in other.items()
    }
    one.sync(made)
    assert one.result(moved) == ("refused", "id_reused", None)
    assert one.result(moved | {"id": new_id(), "record": made["id"]}) == ("refused", "bad_write", "record")
    (change,) = client("xa2").sync()["changes"]
    assert [change[key] for key in ("kind", "unit", "campaign")] == [made[key] for key in ("kind", "unit", "campaign")]


def test_the_credential_says_who_wrote(world: World, client: MakeClient) -> None:
    """W-7: whatever a write says of itself."""
    write = records(1, world.units["12286"], world.campaign)[0]
    claims = {"by": "Người khác", "officer": world.officers["xa2"], "device": new_id(), "author": "x"}
    client("xa1").sync(write | claims)
    (change,) = client("xa2").sync()["changes"]
    assert change["writes"][0]["by"] == "Cán bộ 1 xã Chính Nghĩa"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(WriteRow.officer_id)).all() == [world.officers["xa1"]]


@pytest.mark.parametrize("inside", [False, True])
def test_of_two_answers_to_the_same_cursors_one_is_taken(phone: MakePhone, shipped: MakeShipped, inside: bool) -> None:
    """X-11, X-21: two windows ask at once; the slower answer, or all behind its head, is older than what is held."""
    one, two = shipped("xa1"), phone("xa2")
    made = [two.create(quantity=number) for number in range(150)]
    two.sync()
    told: list[Any] = []

    def meanwhile(_: Any) -> None:
        two.edit(made[0], note="b")
        two.sync()

    one.wire.heard = lambda asked, _: told.append(asked["cursors"])
    one.both(("exchange", None), ("exchange", None), 1, meanwhile, inside=inside)
    assert told[0] == told[1], "both asked from the same cursors"
    assert {cursor["position"] for cursor in one.cursors.values()} >= {151}, "none went back"
    assert one.values(made[0], "note") == ["b"]
    one.sync()
    assert len(one.records) == 150
    assert {id_: sides_of(row) for id_, row in one.records.items()} == two.shown()


def test_an_own_write_that_was_pulled_before_its_answer_came_is_laid_no_more(phone: MakePhone) -> None:
    """X-10: a clone pulls what its twin has sent and another has replaced, and only then sends the same itself."""
    one, two, twin = phone("xa1"), phone("xa2"), phone("xa1")
    record = one.create(note="cũ")
    one.sync(), two.sync()
    one.edit(record, note="của máy này")
    twin.become(one)
    one.sync(), two.sync()
    two.edit(record, note="của người khác")
    two.sync()
    twin.apply(twin.send(twin.body(0))[1])
    assert len(twin.outbox) == 1
    twin.sync(), one.sync()
    assert twin.state(record).sides("note") == ["của người khác"]
    assert one.shown() == two.shown() == twin.shown()


@pytest.mark.parametrize("lines", [False, True])
def test_an_outbox_goes_in_blocks_one_after_the_other(world: World, phone: MakePhone, lines: bool) -> None:
    """X-18, X-3: each is a whole exchange; edits follow their creates; one whose answer was lost goes again."""
    one = phone("xa1")
    made = [one.create(quantity=number) for number in range(60)]
    for record in made[:20]:
        one.edit(record, note="sau")
    sent: list[dict[str, Any]] = []
    send, stream = one.send, one.stream
    assert stream is not None

    def note(body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        sent.append(body)
        return send(body)

    def note_lines(body: dict[str, Any]) -> str:
        sent.append(body)
        return stream(body)

    one.send, one.stream = note, note_lines
    one.send(one.body(16))
    one.sync(block=16, lines=lines)
    assert [len(body["writes"]) for body in sent] == [16, 16, 16, 16, 16, 16, 0]
    assert sent[0]["writes"] == sent[1]["writes"]
    assert (one.outbox, one.refused) == ([], {})
    with world.app.app_context(), reading() as session:
        assert len(session.scalars(select(WriteRow.id)).all()) == 80
    two = phone("xa2")
    two.sync()
    assert one.shown() == two.shown()


@pytest.mark.slow
def test_each_push_has_an_id_of_its_own_and_a_lost_answer_costs_a_question(shipped: MakeShipped) -> None:
    """X-15, X-16, X-18: of a large outbox, by the app itself."""
    one = shipped("xa1")
    made = [one.create(note="ghi chú " * 200) for _ in range(150)]
    sent: list[dict[str, Any]] = []
    one.wire.heard = lambda asked, _: sent.append(asked)
    one.sync(("lost", 1)).sync()
    pushes = [asked["push"] for asked in sent if asked.get("writes")]
    assert len(set(pushes)) == len(pushes) >= 3, "nothing went twice under one id, nor again"
    assert sent[1]["ask"] == pushes[0]
    assert not sent[1].get("writes")
    assert sorted(write["id"] for asked in sent for write in asked.get("writes", ())) == sorted(made)
    assert (one.waiting, one.refused) == ([], {})


def test_a_block_of_64_kb_is_far_from_every_limit(world: World, client: MakeClient) -> None:
    """X-18, X-1: what a phone may send in one push, some hundred records, and the least of writes."""
    one = client("xa1")
    small = {"kind": "banner", "unit": world.units["12286"], "campaign": world.campaign, "set": {"quantity": 1}}
    for each in (
        records(107, world.units["12286"], world.campaign),
        [{"id": new_id(), "at": 1, **small} for _ in range(440)],
    ):
        assert 60_000 < len(json.dumps(each, ensure_ascii=False).encode()) < 72_000
        assert {row["result"] for row in one.sync(*each)["results"]} == {"stored"}
