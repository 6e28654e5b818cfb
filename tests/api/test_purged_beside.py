"""While a record is purged, others name the same photo or purge it too: what is told to be there is (SPEC G1, L-11).

On PostgreSQL, for SQLite has one writer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from server.blobs.files import FileBlobs
from server.core.clock import now_ms
from server.core.db import writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, blob, bring, state
from support.world.meanwhile import A_MOMENT_S, PATIENCE_S, meanwhile
from support.world.purging import WHY, purge
from support.world.world import World

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
AsItDrops = Callable[[Callable[[], Any]], list[Future[Any]]]
FACE = shot()


@pytest.fixture
def as_it_drops(monkeypatch: pytest.MonkeyPatch) -> Iterator[AsItDrops]:
    """Begin this in another worker when a purge has found bytes that nobody names, and give it a moment."""
    drop, pool = FileBlobs.drop, ThreadPoolExecutor(1)

    def begin(act: Callable[[], Any]) -> list[Future[Any]]:
        going: list[Future[Any]] = []

        def drop_late(self: FileBlobs, keys: Iterable[str]) -> None:
            if not going:
                going.append(pool.submit(act))
                with suppress(TimeoutError):  # it waits for the purge
                    going[0].result(A_MOMENT_S)
            drop(self, keys)

        monkeypatch.setattr(FileBlobs, "drop", drop_late)
        return going

    with pool:
        yield begin


@pytest.mark.parametrize("came", [True, False])
def test_another_unit_names_and_brings_it(
    world: World, client: MakeClient, as_it_drops: AsItDrops, *, came: bool
) -> None:
    one, far = client("xa1"), client("nhanla")
    record = announce(world, one, FACE)
    if came:
        bring(one, FACE)

    def bring_it() -> int:
        announce(world, far, FACE, "12289")
        return int(far.create_upload(FACE.sha256, len(FACE.data), FACE.data).status_code)

    going = as_it_drops(bring_it)
    purge(world, record)
    if going[0].result(PATIENCE_S) != 201:  # the purge took what was begun, and it begins anew
        assert state(far, FACE.sha256) == ["wanted"]
        assert far.create_upload(FACE.sha256, len(FACE.data), FACE.data).status_code == 201
    assert state(far, FACE.sha256) == ["verified"]
    assert blob(world, FACE.sha256).read_bytes() == FACE.data
    assert blob(world, f"{FACE.sha256}-320").exists()


def test_another_record_that_names_it_is_purged(world: World, client: MakeClient) -> None:
    """Neither leaves the bytes for the other's sake."""
    one, far = client("xa1"), client("nhanla")
    record, other = announce(world, one, FACE), announce(world, far, FACE, "12289")
    bring(one, FACE)
    order = Order(world.officers["quantri"], WHY, now_ms())
    blobs = installed(world.app).blobs
    with meanwhile(world, lambda session: purges.purge(session, [other], order, blobs)):
        purge(world, record)
    assert not blob(world, FACE.sha256).exists()


def test_a_campaign_gives_the_same_picture(
    world: World, client: MakeClient, as_it_drops: AsItDrops, tmp_path: Path
) -> None:
    """F-7."""
    one = client("xa1")
    record = announce(world, one, FACE)
    bring(one, FACE)
    (tmp_path / "design.jpg").write_bytes(FACE.data)

    def give() -> str:
        with world.app.app_context(), writing() as session:
            new = NewFile("design", "Băng rôn", tmp_path / "design.jpg")
            blobs = installed(world.app).blobs
            return files.add(session, blobs, session.get_one(Campaign, world.campaign), new).id

    going = as_it_drops(give)
    purge(world, record)
    assert one.get(f"/files/{going[0].result(PATIENCE_S)}").data == FACE.data
