"""Old apps and new ones at one hub (SPEC V-1 to V-3); what old ones said is in test_recorded.py (V-4)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import new_id
from server.core.db import reading
from server.core.secrets_at_rest import token_hash
from server.models import Device
from support.clients.client import MakeClient
from support.clients.lines import read
from support.clients.phone import MakePhone
from support.clients.reader import CURSOR
from support.world.workload import records
from support.world.world import World
from sync.errors import Refused
from sync.protocol import MINIMUM_APP
from sync.registry import KINDS
from sync.write import Write, check_values

pytestmark = pytest.mark.databases("sqlite")

TOO_OLD = MINIMUM_APP - 1


def test_an_app_too_old_hands_in_its_outbox_and_keeps_what_it_has(phone: MakePhone) -> None:
    """V-1, V-5: no news, cursors unmoved; brought up to date it goes on from them and misses nothing."""
    one, two = phone("xa1"), phone("xa2")
    theirs = two.create(note="trước")
    two.sync(), one.sync()
    two.edit(theirs, note="sau")
    two.sync()
    mine = one.create(quantity=3)
    asked = one.body() | {"app": TOO_OLD}
    status, answer = one.send(asked)
    assert (status, answer["minimum_app"]) == (200, MINIMUM_APP)
    assert [row["result"] for row in answer["results"]] == ["stored"]
    assert (answer["changes"], answer["more"]) == ([], False)
    assert [{key: cursor[key] for key in CURSOR} for cursor in answer["cursors"]] == asked["cursors"]
    one.apply(answer)
    assert one.state(mine).value("quantity") == 3
    assert one.state(theirs).value("note") == "trước"
    one.sync(), two.sync()
    assert one.state(theirs).value("note") == "sau"
    assert one.shown() == two.shown()


def test_an_app_too_old_may_ask_and_may_take_lines(world: World, client: MakeClient) -> None:
    """V-1, X-16."""
    one, id_ = client("xa1"), new_id()
    one.post("/sync", json={"app": TOO_OLD, "push": id_, "writes": records(2, world.units["12286"], world.campaign)})
    assert one.post("/sync", json={"app": TOO_OLD, "ask": id_}).get_json()["asked"]["runs"][0]["count"] == 2
    answer = one.post("/sync", {"Accept": "application/x-ndjson"}, json={"app": TOO_OLD})
    got = read(answer.get_data(as_text=True))
    assert (got.ended, [block.changes for block in got.blocks], got.blocks[0].cursors) == (True, [[]], [])


def test_an_app_too_old_is_told_of_its_photos(world: World, client: MakeClient) -> None:
    """V-1: an outbox is not handed in without them."""
    photo = {"size_bytes": 9, "width": 4, "height": 3, "type": "image/jpeg", "thumb_size_bytes": 5, "source": "camera"}
    register = photo | {"sha256": "ab" * 32, "thumb_sha256": "cd" * 32, "taken_at": 1}
    write = records(1, world.units["12286"], world.campaign)[0]
    write["set"]["photos/" + "ab" * 8] = register
    body = {"app": TOO_OLD, "writes": [write], "photos": ["ab" * 32]}
    assert client("xa1").post("/sync", json=body).get_json()["photos"] == [{"sha256": "ab" * 32, "state": "wanted"}]


def test_an_app_that_gives_no_number_is_the_first(world: World, client: MakeClient) -> None:
    """V-1: whatever the least has become meanwhile."""
    one = client("xa1")
    text = json.dumps({"writes": records(1, world.units["12286"], world.campaign)})
    assert one.post("/sync", data=text).get_json()["results"][0]["result"] == "stored"
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(Device.app).where(Device.token_hash == token_hash(one.token))).all() == [1]


def test_keys_of_a_newer_app_are_passed_over(world: World, client: MakeClient) -> None:
    """V-2: of the request, of its cursors, of a write."""
    one = client("xa1")
    write = records(1, world.units["12286"], world.campaign)[0] | {"mood": "vui"}
    cursor = {"unit": "A" * 16, "campaign": "B" * 16, "position": 0, "tag": "", "floor": 0, "colour": "đỏ"}
    answer = one.post("/sync", json={"app": 99, "weather": {}, "writes": [write], "cursors": [cursor]})
    assert answer.status_code == 200
    assert answer.get_json()["results"][0]["result"] == "stored"
    assert one.result({key: write[key] for key in write if key != "mood"})[0] == "stored"


def test_a_field_of_a_newer_kind_reaches_everybody_as_it_is(phone: MakePhone) -> None:
    """S-11, V-3: an old hub, or an old phone in between, loses nothing of it."""
    one, two = phone("xa1"), phone("xa2")
    record = one.create(quantity=1, wind={"from": "đông", "force": 3}, drone="có")
    one.sync(), two.sync(lines=True)
    two.edit(record, quantity=2)
    two.sync(), one.sync()
    for each in (one, two):
        assert each.state(record).value("wind") == {"from": "đông", "force": 3}
        assert each.state(record).value("drone") == "có"


@pytest.mark.parametrize("value", ["chữ cũ", None])
def test_a_retired_field_stays_accepted(value: str | None) -> None:
    """V-3: phones that did not hear of it yet still write it."""
    kind = KINDS["banner"]
    fields = tuple(replace(each, retired=True) for each in kind.fields)
    write = Write("a" * 16, 1, "a" * 16, {"note": value})
    check_values(write, replace(kind, fields=fields))


def test_a_retired_field_keeps_its_type() -> None:
    """V-3: what old phones show by its type must still be of it."""
    kind = KINDS["banner"]
    retired = replace(kind, fields=tuple(replace(each, retired=True) for each in kind.fields))
    with pytest.raises(Refused) as refused:
        check_values(Write("a" * 16, 1, "a" * 16, {"quantity": "ba"}), retired)
    assert (refused.value.code, refused.value.field) == ("wrong_type", "quantity")


@pytest.mark.parametrize("fields", [{"quantity": -5}, {"quantity": 10**12}, {"note": None}, {"hotline": False}])
def test_required_and_range_are_hints(world: World, client: MakeClient, fields: dict[str, Any]) -> None:
    """V-3: a form of another day may ask for other things; what was recorded offline always fits."""
    write = records(1, world.units["12286"], world.campaign)[0] | {"set": fields}
    assert client("xa1").result(write) == ("stored", None, None)
