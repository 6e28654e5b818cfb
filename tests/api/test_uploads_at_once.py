"""Several connections at one upload: one writes, the others are told, and the photo is whole (SPEC P-4, P-5)."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from server.api import uploads as routes
from server.core.clock import now_ms
from server.core.db import writing
from server.services.access import devices
from server.services.photos import images, photo_index
from server.services.photos.images import Judged
from support.clients.client import OCTETS, TUS, Client, MakeClient, Shot, shot
from support.clients.uploading import announce, blob, state
from support.world.world import World

PATIENCE_S = 10


class Halting(BytesIO):
    """A body whose second half comes when `go` is set."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._half = len(data) // 2
        self.halted, self.go = threading.Event(), threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:  # what the server reads by (every_request.py)
        if self.tell() >= self._half and not self.halted.is_set():
            self.halted.set()
            assert self.go.wait(PATIENCE_S)
        return super().read(size)


def patch(one: Client, photo: Shot, body: Halting) -> int:
    """A PATCH of the whole photo, at the pace of its body."""
    headers = {**TUS, "Authorization": f"Bearer {one.token}", "Upload-Offset": "0"}
    path = f"/api/v1/uploads/{photo.sha256}"
    answer = one.http.patch(path, headers=headers, input_stream=body, content_type=OCTETS)
    return answer.status_code


def test_a_second_connection_is_told_while_the_first_writes(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data))
    body = Halting(photo.data)
    other = Client(world.app.test_client(), one.token)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(patch, one, photo, body)
        assert body.halted.wait(PATIENCE_S)
        at = other.offset(photo.sha256)
        assert 0 < at < len(photo.data)
        told = [
            other.append(photo.sha256, 0, photo.data),
            other.append(photo.sha256, at, photo.data[at:]),
            other.create_upload(photo.sha256, len(photo.data) + 1),
        ]
        body.go.set()
        assert first.result(PATIENCE_S) == 204
    assert [(answer.status_code, answer.get_json()["code"]) for answer in told] == [(423, "upload_locked")] * 3
    assert blob(world, photo.sha256).read_bytes() == photo.data
    assert state(one, photo.sha256) == ["verified"]


def test_who_comes_while_it_is_judged_is_told(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock is one over appending and finishing: nothing is added to, or begun anew under, what is being judged."""
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    judging, go = threading.Event(), threading.Event()

    def judge(path: Path, thumb: Path) -> Judged:
        judging.set()
        assert go.wait(PATIENCE_S)
        return images.judge(path, thumb)

    monkeypatch.setattr(photo_index, "judge", judge)
    other = Client(world.app.test_client(), one.token)
    size = len(photo.data)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(one.create_upload, photo.sha256, size, photo.data)
        assert judging.wait(PATIENCE_S)
        told = [
            other.append(photo.sha256, size, b""),
            other.create_upload(photo.sha256, size),
            other.create_upload(photo.sha256, size - 1),
        ]
        assert other.offset(photo.sha256) == -1
        go.set()
        assert first.result(PATIENCE_S).status_code == 201
    assert [answer.get_json()["code"] for answer in told] == ["upload_locked"] * 3
    assert other.append(photo.sha256, size, b"").status_code == 204
    assert other.append(photo.sha256, 0, photo.data).get_json()["code"] == "offset_mismatch"
    assert other.create_upload(photo.sha256, size).headers["Upload-Offset"] == str(size)


def test_many_send_the_same_at_once(world: World, client: MakeClient) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data))
    start = threading.Barrier(6)

    def send() -> int:
        connection = Client(world.app.test_client(), one.token)
        start.wait(PATIENCE_S)
        return connection.append(photo.sha256, 0, photo.data).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = [sent.result(PATIENCE_S) for sent in [pool.submit(send) for _ in range(6)]]
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    assert blob(world, photo.sha256).read_bytes() == photo.data


def test_who_found_it_just_before_it_was_finished_is_told_where_it_stands(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data))
    announced = routes._announced  # noqa: SLF001  # asked between finding the upload and locking it

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        assert one.append(photo.sha256, 0, photo.data).status_code == 204
        return announced(*args)

    monkeypatch.setattr(routes, "_announced", late)
    assert one.append(photo.sha256, 0, photo.data).get_json()["code"] == "offset_mismatch"
    assert state(one, photo.sha256) == ["verified"]


def test_two_officers_bring_one_photo_at_once(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are answered: the second finds what the first said of it."""
    one, two, photo = client("xa1"), client("xa2"), shot()
    announce(world, one, photo)
    judged = threading.Barrier(2)

    def judge(path: Path, thumb: Path) -> Judged:
        found = images.judge(path, thumb)
        judged.wait(PATIENCE_S)
        return found

    monkeypatch.setattr(photo_index, "judge", judge)
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(each.create_upload, photo.sha256, len(photo.data), photo.data) for each in (one, two)]
        assert [each.result(PATIENCE_S).status_code for each in sent] == [201, 201]
    assert state(one, photo.sha256) == state(two, photo.sha256) == ["verified"]


def test_a_device_that_is_revoked_while_its_photo_comes(world: World, client: MakeClient) -> None:
    """L-7: at once, whatever is on its way; nothing of it is booked or kept."""
    one, photo = client("xa1"), shot()
    announce(world, one, photo)
    one.create_upload(photo.sha256, len(photo.data))
    body = Halting(photo.data)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(patch, one, photo, body)
        assert body.halted.wait(PATIENCE_S)
        with world.app.app_context(), writing() as session:
            device = devices.device_of(session, one.token)
            assert device is not None
            device.revoked_at = now_ms()
        body.go.set()
        assert sending.result() == 401
    assert state(client("xa2"), photo.sha256) == ["wanted"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # SQLite has one writer: nobody comes between
def test_a_record_that_names_a_photo_while_it_is_booked(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """P-6, P-8: a photo of two records of one stream is held for both, whichever came when."""
    one, two, photo, keep = client("xa1"), client("xa2"), shot(), photo_index.keep
    announce(world, one, photo)
    with ThreadPoolExecutor(1) as pool:
        naming: list[Future[str]] = []

        def slow(*args: Any) -> None:
            keep(*args)  # booked, and not committed yet
            naming.append(pool.submit(announce, world, two, photo))
            wait(naming, 0.5)

        monkeypatch.setattr(photo_index, "keep", slow)
        assert one.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
        naming[0].result(PATIENCE_S)
    assert state(one, photo.sha256) == ["verified"]
