"""What a reader of SPEC.md had to guess: what the server does is what the rule says now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from server.core.clock import new_id
from server.core.db import reading, writing
from server.models import MissingWrite
from server.services.access import devices
from server.services.recovery import restores
from support.clients.client import Client, Shot, shot
from support.world.world import World


def device(world: World, username: str) -> Client:
    return Client(world.app.test_client(), world.token(username))


def create(world: World, fields: dict[str, Any], *, practice: bool = False) -> dict[str, Any]:
    campaign = world.practice if practice else world.campaign
    of = {"kind": "banner", "unit": world.units["12286"], "campaign": campaign}
    return {"id": new_id(), "at": 1, **of, "set": fields}


def pulled(one: Client, cursors: list[Any], *writes: Any) -> dict[str, Any]:
    sent = [{k: row[k] for k in ("unit", "campaign", "position", "tag", "floor")} for row in cursors]
    body: dict[str, Any] = one.post("/sync", json={"app": 3, "cursors": sent, "writes": list(writes)}).get_json()
    return body


def test_an_own_write_of_an_earlier_request_comes_among_the_changes(world: World) -> None:
    """X-9, X-26: only writes of this request are not echoed."""
    one = device(world, "xa1")
    before = pulled(one, [])["cursors"]
    early, now = create(world, {"quantity": 1}), create(world, {"quantity": 2})
    one.post("/sync", json={"app": 3, "pull": False, "writes": [early]})
    answer = pulled(one, before, now)
    assert [change["record"] for change in answer["changes"]] == [early["id"]]
    assert pulled(one, answer["cursors"])["changes"] == []


def test_a_photo_is_verified_only_where_each_record_that_names_it_holds_it(world: World) -> None:
    """P-8, P-6."""
    one, photo = device(world, "xa1"), shot()
    first, second = create(world, photo.register), create(world, photo.register, practice=True)
    one.sync(first)
    assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
    assert states(one, photo) == ["verified"]
    one.sync(second)
    assert states(one, photo) == ["wanted"], "the other stream has not got the bytes"
    assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
    assert states(one, photo) == ["verified"]


def states(one: Client, photo: Shot) -> list[str]:
    return [row["state"] for row in one.sync(photos=[photo.sha256])["photos"]]


def test_a_replaced_device_names_what_it_held(world: World) -> None:
    """X-23, B-23."""
    with world.app.app_context(), writing() as session:
        replaced = devices.add_device(session, world.officers["xa1"], "máy cũ")
        replaced.device.replaced_at = 1
        restores.tell(session, 1, 1)
    one, record = Client(world.app.test_client(), replaced.token), new_id()
    of = {"unit": world.units["12286"], "campaign": world.campaign}
    named = {"record": record, **of, "number": "BR-9", "writes": [record]}
    answer = one.post("/sync", json={"app": 3, "known": [named]}).get_json()
    assert answer["replaced"]
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(MissingWrite.id)).all() == [record]
