"""Photos in the caches of browsers: asked for anew each time, so that what was purged is gone at once (L-11)."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import QueuePool

from server.core.db import db, writing
from server.services.access import desk_sessions
from server.serving.installation import installed
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, bring
from support.world.purging import purge
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("size", ["thumb", "full"])
@pytest.mark.parametrize("side", ["phone", "desk"])
def test_a_photo_is_asked_for_each_time_and_gone_when_it_is_purged(
    world: World, client: MakeClient, size: str, side: str
) -> None:
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    bring(one, photo)
    path = f"/records/{record}/photos/{photo.sha256[:16]}/{size}"
    http, head = world.app.test_client(), {"Authorization": f"Bearer {one.token}"}
    if side == "desk":
        with world.app.app_context(), writing() as session:
            token = desk_sessions.open_session(session, world.officers["huyen"])
        with http.session_transaction() as cookie:
            cookie["desk"] = token
        head = {}
    path = ("/desk" if side == "desk" else "/api/v1") + path

    first = http.get(path, headers=head, buffered=True)
    assert first.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    etag = first.headers["ETag"]
    again = http.get(path, headers={**head, "If-None-Match": etag}, buffered=True)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert again.headers["Cache-Control"] == "private, no-cache"
    other = http.get(path, headers={**head, "If-None-Match": '"other"'}, buffered=True)
    assert (other.status_code, other.data) == (200, first.data)

    purge(world, record)
    assert http.get(path, headers={**head, "If-None-Match": etag}, buffered=True).status_code == 404


def test_a_better_thumbnail_has_another_etag(world: World, client: MakeClient) -> None:
    """That of the phone is shown until the photo came."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    path = f"/records/{record}/photos/{photo.sha256[:16]}/thumb"
    one.create_upload(photo.thumb_sha256, len(photo.thumb), photo.thumb)
    first = one.get(path).headers["ETag"]
    one.create_upload(photo.sha256, len(photo.data), photo.data)
    second = one.get(path, {"If-None-Match": first})
    assert second.status_code == 200
    assert second.headers["ETag"] != first


def test_no_connection_to_the_database_waits_for_the_store(world: World, client: MakeClient) -> None:
    """A pipe in place of the bytes: it opens when somebody writes."""
    one, photo = client("xa1"), shot()
    record = announce(world, one, photo)
    bring(one, photo)
    (kept,) = Path(installed(world.app).settings.data_dir).rglob(f"photos/??/{photo.sha256}")
    kept.unlink()
    os.mkfifo(kept)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(one.get, f"/records/{record}/photos/{photo.sha256[:16]}/full")
        time.sleep(1)
        with world.app.app_context():
            waiting = cast("QueuePool", db.engine.pool).checkedout()
        with kept.open("wb") as file:
            file.write(photo.data)
        assert (answer.result().data, waiting) == (photo.data, 0)
