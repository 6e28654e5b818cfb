"""What one device may send: beyond it 429 with Retry-After, nothing stored, and everybody else goes on."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select, update

from server.core import clock
from server.core.clock import now_ms
from server.core.db import db, reading, writing
from server.models import Device
from server.services.access import devices
from server.services.photos.uploads import partials
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, bring, state
from support.world.workload import records
from support.world.world import World
from sync.protocol import PHOTO_BYTES

pytestmark = pytest.mark.databases("sqlite")


def put(world: World, **values: Any) -> None:
    """In the rows of all devices."""
    with world.app.app_context(), writing() as session:
        session.execute(update(Device).values(**values))


def counts(world: World) -> tuple[int, int]:
    with world.app.app_context(), reading() as session:
        row = session.execute(select(Device.quota_pushes, Device.quota_bytes)).one()
        return row.quota_pushes, row.quota_bytes


def check(answer: Any, within_s: int, code: str = "device_quota") -> None:
    assert (answer.status_code, answer.get_json()["code"]) == (429, code)
    assert 0 < int(answer.headers["Retry-After"]) <= within_s


def test_pushes_are_counted_and_nothing_else(world: World, client: MakeClient) -> None:
    one, writes = client("xa1"), records(3, world.units["12286"], world.campaign)
    for each in writes:
        one.sync(each)
    for _ in range(3):
        one.sync()
    one.post("/sync", json={"known": [None]})  # asks for the writer's lock as well
    pushes, size = counts(world)
    assert pushes == 4
    assert 1_000 < size < 10_000


def test_a_push_too_many_stores_nothing_until_the_minute_is_over(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "PUSHES_A_MINUTE", 2)
    monkeypatch.setattr(devices, "check_door", lambda *_, **__: None)  # both came at once: the door saw neither
    one, other, writes = client("xa1"), client("xa2"), records(4, world.units["12286"], world.campaign)
    minute = now_ms() // clock.MINUTE_MS
    put(world, quota_minute=minute, quota_pushes=1)
    assert one.post("/sync", json={"writes": writes[:1]}).status_code == 200
    refused = one.post("/sync", json={"writes": writes[1:2]})
    if now_ms() // clock.MINUTE_MS != minute:
        pytest.skip("the minute ended on the way")
    check(refused, 61)
    assert [change["record"] for change in other.sync()["changes"]] == [writes[0]["id"]]
    told = one.post("/sync", json={"cursors": []}).get_json()
    assert told["results"] == []  # pulling goes on
    put(world, quota_minute=minute - 1)
    assert [row["result"] for row in one.sync(*writes)["results"]] == ["stored"] * 4


def test_beyond_the_minute_the_body_is_not_read(world: World, client: MakeClient) -> None:
    one, other = client("xa1"), client("xa2")
    with world.app.app_context(), writing() as session:
        device = session.scalars(select(Device).order_by(Device.created_at)).first()
        assert device is not None
        device.quota_minute, device.quota_pushes = now_ms() // clock.MINUTE_MS, devices.PUSHES_A_MINUTE
    check(one.post("/sync", data=b"{ no JSON"), 61)
    assert one.get("/catalog").status_code == 200
    assert other.post("/sync", data=b"{ no JSON").status_code == 400


def test_bytes_of_a_day(world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of writes and of photos; what is refused is there to go on with tomorrow."""
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    _, size = counts(world)
    monkeypatch.setattr(devices, "BYTES_A_DAY", size + len(photo.thumb) + len(photo.data) - 1)
    assert one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb).status_code == 201
    check(one.create_upload(photo.sha256, len(photo.data), photo.data), 24 * 3600 + 1)
    assert state(one, photo.sha256) == ["wanted"]
    monkeypatch.setattr(devices, "BYTES_A_DAY", counts(world)[1] + 500)
    check(one.post("/sync", json={"writes": records(2, world.units["12286"], world.campaign)}), 24 * 3600 + 1)
    assert one.sync()["changes"]
    monkeypatch.setattr(devices, "BYTES_A_DAY", len(photo.data))
    put(world, quota_day=now_ms() // clock.DAY_MS - 1)
    assert one.create_upload(photo.sha256, len(photo.data)).headers["Upload-Offset"] == str(len(photo.data))
    assert state(one, photo.sha256) == ["verified"]


def test_open_uploads(world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was begun goes on, and what ends makes room."""
    monkeypatch.setattr(partials, "OPEN", 2)
    one, shots = client("xa1"), [shot(seed) for seed in range(3)]
    for each in shots:
        announce(world, one, each)
    for each in shots[:2]:
        assert one.create_upload(each.sha256, len(each.data), each.data[:100]).status_code == 201
    check(one.create_upload(shots[2].sha256, len(shots[2].data)), 600)
    other = client("xa2")
    assert other.create_upload(shots[2].sha256, len(shots[2].data)).status_code == 201
    assert one.create_upload(shots[0].sha256, len(shots[0].data)).headers["Upload-Offset"] == "100"
    assert one.append(shots[0].sha256, 100, shots[0].data[100:]).status_code == 204
    assert one.create_upload(shots[2].sha256, len(shots[2].data)).status_code == 201


def test_bytes_of_open_uploads_count_as_announced(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partials, "OPEN_BYTES", 2 * PHOTO_BYTES)
    one, shots = client("xa1"), [shot(seed) for seed in range(3)]
    for each in shots:
        announce(world, one, each)
    assert [one.create_upload(each.sha256, PHOTO_BYTES).status_code for each in shots] == [201, 201, 429]


def test_an_honest_phone_after_30_days_is_far_from_every_limit() -> None:
    """2,000 writes of 1 kB in pushes of 64 kB, 300 photos of 0.5 MB with thumbnails of 30 kB."""
    pushes, size = 2_000 * 1_000 // 64_000 + 1, 300 * 530_000 + 2_000_000
    assert 10 * pushes < devices.PUSHES_A_MINUTE
    assert 6 * size < devices.BYTES_A_DAY
    assert partials.OPEN > 2 * 300
    assert 6 * size < partials.OPEN_BYTES
    assert 10 * (size // (200 * 1024**2) + 1) < devices.RESCUE_FILES_A_DAY


def test_counting_costs_no_statement(world: World, client: MakeClient) -> None:
    """One UPDATE of the device a push, as before."""
    one, seen = client("xa1"), []
    with world.app.app_context():
        engine = db.engine

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE device"):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    one.sync(*records(1, world.units["12286"], world.campaign))
    event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1


def test_a_photo_that_came_is_counted_once(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    _, before = counts(world)
    bring(one, photo)
    bring(one, photo)  # held already: no byte goes
    assert counts(world)[1] - before == len(photo.data) + len(photo.thumb)
