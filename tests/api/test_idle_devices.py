"""A device that was silent for half a year hands in its outbox, and gets nothing before a new code (SPEC X-44)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.models import Device, WriteRow
from server.services.recovery import restores
from support.clients.client import Client, shot
from support.world.workload import records
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")

DAY_MS = 24 * 3_600_000


def heard(world: World) -> int:
    """When the device was last heard of."""
    with world.app.app_context(), reading() as session:
        return session.scalars(select(Device.seen_at)).one()


def stored(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return len(list(session.scalars(select(WriteRow.id))))


def beside(world: World) -> None:
    """A colleague's record, which the device would get."""
    other = Client(world.app.test_client(), world.token("xa2"))
    other.sync(*records(1, world.units["12286"], world.campaign, seed=9))


def test_it_hands_in_its_outbox_and_gets_nothing(world: World) -> None:
    """X-44: writes and photos go in; changes, cursors, photos and files do not come out, however often it comes."""
    calling = Client(world.app.test_client(), world.token("xa1"))
    with stopped_at(at := heard(world) + 180 * DAY_MS + 1):
        beside(world)
        photo = shot(3)
        first, second = records(2, world.units["12286"], world.campaign)
        first["set"] |= photo.register
        head = calling.sync(first)
        assert (head["replaced"], head["idle"]) == (True, True)
        assert (head["changes"], head["cursors"], head["more"]) == ([], [], False)
        assert head["results"][0]["result"] == "stored"
        for data, sha256 in ((photo.thumb, photo.thumb_sha256), (photo.data, photo.sha256)):
            assert calling.create_upload(sha256, len(data), data).status_code == 201
        assert calling.get(f"/records/{first['id']}/photos/{photo.sha256[:16]}/full").status_code == 403
        assert calling.get(f"/files/{'f' * 16}").status_code == 403
    with stopped_at(at + DAY_MS):
        head = calling.sync(second)
        assert (head["replaced"], head["idle"], head["cursors"]) == (True, True, [])
    assert stored(world) == 3


def test_what_was_heard_in_time_is_not_idle(world: World) -> None:
    """X-44: each contact counts anew."""
    calling = Client(world.app.test_client(), world.token("xa1"))
    at = heard(world)
    for days in (179, 358, 537):
        with stopped_at(at + days * DAY_MS):
            head = calling.sync()
        assert "idle" not in head
        assert head["cursors"] != []


def test_a_new_code_ends_it(world: World) -> None:
    calling = Client(world.app.test_client(), world.token("xa1"))
    with stopped_at(heard(world) + 200 * DAY_MS):
        assert calling.sync()["idle"] is True
        body: dict[str, Any] = {"code": world.code("xa1"), "label": "máy"}
        new = Client(calling.http, calling.http.post("/api/v1/enrolment", json=body).get_json()["token"])
        assert "replaced" not in new.sync()
        assert "idle" not in new.sync()


def test_a_server_whose_clock_was_wrong_takes_it_back(world: World) -> None:
    """X-44: nothing is noted, so nothing has to be undone."""
    calling = Client(world.app.test_client(), world.token("xa1"))
    at = heard(world)
    with stopped_at(at + 4_000 * DAY_MS):
        assert calling.sync()["idle"] is True
    with stopped_at(at + DAY_MS):
        assert "idle" not in calling.sync()


def test_what_a_restored_database_forgot_is_no_silence(world: World) -> None:
    """X-44: a backup of last year was put back; phones that sent each day need no new codes."""
    calling = Client(world.app.test_client(), world.token("xa1"))
    with stopped_at(at := heard(world) + 400 * DAY_MS):
        with world.app.app_context(), writing() as session:
            restores.tell(session, now_ms(), at - 400 * DAY_MS)
        assert "idle" not in calling.sync()
    with stopped_at(at + 181 * DAY_MS):
        assert calling.sync()["idle"] is True
