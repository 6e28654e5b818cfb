"""A record is purged while its photo is on the way in: not a byte of it stays (SPEC L-11)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from server.blobs.files import FileBlobs
from server.core.clock import now_ms
from server.core.db import writing
from server.decoding import service
from server.services.continuity import revocations
from server.services.photos import images, photo_index
from server.services.photos.images import Judged, judge
from server.services.records import streams
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, blob, partial, state
from support.world.world import World

FACE = shot()


def purge(world: World, record: str) -> None:
    order = Order(world.officers["quantri"], "ảnh có mặt người", now_ms())
    with world.app.app_context(), writing() as session:
        purges.purge(session, [record], order, installed(world.app).blobs)


def files(world: World) -> list[str]:
    """All photos and uploads in the data folder."""
    folder: Path = installed(world.app).settings.data_dir
    found = [path for part in ("photos", "partial") for path in (folder / part).rglob("*") if path.is_file()]
    return [path.name for path in found if not path.name.startswith(".")]


@pytest.mark.parametrize("moment", ["decoded", "judged", "put"])
def test_a_purge_while_its_photo_is_judged_leaves_nothing(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """P-3: the phone is told as if it had come behind the purge."""
    one, blobs = client("xa1"), installed(world.app).blobs
    record, put, decode = announce(world, one, FACE), blobs.put, service.decode

    def then_purge(path: Path, thumb: Path) -> Judged:
        judged = judge(path, thumb)
        purge(world, record)
        return judged

    def purge_and_decode(*given: Any, **named: Any) -> Any:
        purge(world, record)
        return decode(*given, **named)

    def put_and_purge(key: str, source: Path) -> None:
        put(key, source)
        if key == FACE.sha256:
            purge(world, record)

    if moment == "decoded":
        monkeypatch.setattr(images, "decode", purge_and_decode)
    elif moment == "judged":
        monkeypatch.setattr(photo_index, "judge", then_purge)
    else:
        monkeypatch.setattr(blobs, "put", put_and_purge)
    answer = one.create_upload(FACE.sha256, len(FACE.data), FACE.data)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "photo_unannounced")
    assert files(world) == []


def test_a_purge_that_was_waited_for_is_heeded(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    """It held the stream when the photo was to be kept; SQLite has one writer at a time anyway."""
    if database_url.startswith("sqlite"):
        return
    one, lock = client("xa1"), streams.lock
    record = announce(world, one, FACE)

    def behind_a_purge(*given: Any, **named: Any) -> Any:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as pool:
            pool.submit(purge, world, record).result(10)
        return lock(*given, **named)

    monkeypatch.setattr(streams, "lock", behind_a_purge)
    answer = one.create_upload(FACE.sha256, len(FACE.data), FACE.data)
    assert (answer.status_code, answer.get_json()["code"]) == (409, "photo_unannounced")
    assert files(world) == []


def test_what_another_record_names_stays_where_a_phone_is_shut_out_meanwhile(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only what nobody names any more is dropped: the other one has it."""
    one, two = client("xa1"), client("xa2")
    record = announce(world, one, FACE)
    assert two.create_upload(FACE.sha256, len(FACE.data), FACE.data).status_code == 201
    far = client("dinhcao")
    gone = announce(world, far, FACE, "12397")

    def then_purge(path: Path, thumb: Path) -> Judged:
        judged = judge(path, thumb)
        purge(world, gone)
        return judged

    monkeypatch.setattr(photo_index, "judge", then_purge)
    answer = far.create_upload(FACE.sha256, len(FACE.data), FACE.data)
    assert answer.get_json()["code"] == "photo_unannounced"
    assert blob(world, FACE.sha256).read_bytes() == FACE.data
    assert one.get(f"/records/{record}/photos/{FACE.sha256[:16]}/full").data == FACE.data


def test_a_purge_done_again_drops_what_was_begun(world: World, client: MakeClient) -> None:
    """B-9: an older database is served, and a phone began to bring the photo again."""
    one = client("xa1")
    record = announce(world, one, FACE)
    assert one.create_upload(FACE.sha256, len(FACE.data)).status_code == 201
    one.append(FACE.sha256, 0, FACE.data[:100])
    assert partial(world, "xa1", FACE.sha256).exists()
    line = {"at": now_ms(), "what": "purge", "id": record, "ended": True, "by": world.officers["quantri"], "why": "x"}
    revocations.append(installed(world.app).settings.revocations_file, [line])
    with world.app.app_context(), writing() as session:
        assert purges.reapply(session, installed(world.app).blobs) == 1
    assert files(world) == []
    assert state(one, FACE.sha256) == []


def test_what_a_crash_left_goes_too(world: World, client: MakeClient) -> None:
    """A blob half copied, of an upload the last of its files; nobody else's."""
    one, folder = client("xa1"), installed(world.app).settings.data_dir
    record, other = announce(world, one, FACE), shot(2).sha256
    beside = f"{partial(world, 'xa1', FACE.sha256).name}-thumb"
    names = [
        f"photos/{FACE.sha256}.0123456789abcdef",
        f"photos/{FACE.sha256}-320.0123456789abcdef",
        f"partial/{beside}",
    ]
    names += [name.replace(FACE.sha256, other) for name in names]
    for name in names:
        (folder / name).write_bytes(b"left")
    purge(world, record)
    assert [(folder / name).exists() for name in names] == [False] * 3 + [True] * 3


def test_damaged_bytes_that_were_kept_go_too(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path / "photos")
    (tmp_path / "photo").write_bytes(b"damaged")
    blobs.put(FACE.sha256, tmp_path / "photo")
    blobs.set_aside(FACE.sha256)
    blobs.drop([FACE.sha256])
    assert [path.name for path in (tmp_path / "photos").rglob("*") if path.is_file()] == []
