"""A restore brings back nothing that was removed for good (SPEC B-9)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from server.core.db import reading, writing
from server.models import Campaign, Record, WriteRow
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.services.recovery import purges
from server.serving.installation import installed
from support.checks import truth
from support.clients.client import Client, shot
from support.clients.pictures import PHOTOS
from support.clients.uploading import announce, blob, bring
from support.installation.backups import full_disk
from support.installation.restored import Hub
from support.world.purging import WHY, purge
from support.world.world import World

FACE = "mặt nạn nhân"


@contextmanager
def restored(hub: Hub, how: str) -> Iterator[World]:
    """With the file of what was purged: given to `loa restore`, or found by the hub that starts later."""
    lines = hub.here.data_dir / "revocations.ndjson"
    assert [json.loads(line)["why"] for line in lines.read_text("utf-8").splitlines()] == [WHY]
    hub.there.done("restore", "--without-keys", hub.folder, *(["--revocations", lines] if how == "restored" else []))
    if how == "started":
        shutil.copy(lines, hub.there.data_dir)
    with hub.there.holding(hub.world) as hub.world:
        if how == "started":
            blobs = installed(hub.world.app).blobs
            with hub.world.app.app_context(), writing() as session:
                assert [purges.reapply(session, blobs) for _ in range(2)] == [1, 0]
        yield hub.world


@pytest.mark.costly
def test_a_file_of_a_campaign_that_is_the_same_picture_stays(hub: Hub, tmp_path: Path) -> None:
    """F-7, L-11: a design is kept under the hash that a photo of it would have; a restore purges once more."""
    world, design = hub.world, shot(1)
    one = Client(world.app.test_client(), world.token("xa1"))
    (tmp_path / "design.jpg").write_bytes(design.data)
    gone = announce(world, one, design)
    bring(one, design)
    with world.app.app_context(), writing() as session:
        new = NewFile("design", "Băng rôn", tmp_path / "design.jpg")
        id_ = files.add(session, installed(world.app).blobs, session.get_one(Campaign, world.campaign), new).id
    hub.back_up()
    assert purge(world, gone) == [design.thumb_sha256]
    assert one.get(f"/files/{id_}").data == design.data
    said = hub.there.done(
        "restore", "--without-keys", hub.folder, "--revocations", hub.here.data_dir / "revocations.ndjson"
    )
    assert "give it again" not in said
    with hub.there.holding(world) as after:
        assert blob(after, design.sha256).read_bytes() == design.data
        assert not blob(after, design.thumb_sha256).exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["restored", "started"])
@pytest.mark.costly
def test_a_restore_does_not_bring_it_back(hub: Hub, how: str) -> None:
    """B-9: neither the backup nor the phone that keeps its own for 30 days."""
    one = hub.phone("xa1")
    gone = one.create(files=[PHOTOS[0]], note=FACE)
    one.sync()
    sha256 = next(row["sha256"] for row in one.look()["uploads"] if row["state"] == "verified")
    assert blob(hub.world, sha256).exists()
    hub.back_up()
    purge(hub.world, gone)
    with restored(hub, how) as world:
        one.sync(), one.sync()
        assert (one.records, one.writes, one.look()["uploads"]) == ({}, [], [])
        assert not blob(world, sha256).exists()
        with world.app.app_context(), reading() as session:
            assert FACE not in str([(row.set, row.seen) for row in session.scalars(select(WriteRow))])
            assert purges.of_campaign(session, world.campaign) == []
            truth.check(session)
        assert hub.there.rows()["missing_write"] == []


@pytest.mark.slow
@pytest.mark.costly
def test_photos_that_a_restore_brought_before_it_was_cut_short_go(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B-15: of a newer backup, to which the database put back in the end has no record; a line of before is read."""
    one, photo = Client(hub.world.app.test_client(), hub.world.token("xa1")), shot(1)
    hub.back_up()
    gone = announce(hub.world, one, photo)
    bring(one, photo)
    hub.here.done("backup", tmp_path / "newer")
    purge(hub.world, gone)
    lines = hub.here.data_dir / "revocations.ndjson"
    (said,) = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert said["photos"] == sorted([photo.sha256, photo.thumb_sha256])
    older = {name: value for name, value in said.items() if name != "photos"} | {"id": "AAAAAAAAAAAAAAAA"}
    strange = older | {"id": "AAAAAAAAAAAAAAAE", "photos": ["../secret_key", 7]}
    lines.write_text("".join(json.dumps(line) + "\n" for line in (older, strange, said)), "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr("server.backups.restore.databases.load", full_disk)
        hub.there.refused("restore", "--without-keys", tmp_path / "newer", "--revocations", lines)
    brought = hub.there.data_dir / "photos"
    assert [path.name for path in brought.rglob(f"{photo.sha256}*")] != []
    hub.there.done("restore", "--without-keys", hub.folder, "--revocations", lines)
    assert [path.name for path in brought.rglob("*") if path.is_file()] == []
    assert (hub.there.data_dir / "secret_key").exists()


@pytest.mark.slow
@pytest.mark.parametrize("how", ["restored", "started"])
def test_a_record_that_is_younger_than_the_backup_stays_purged(hub: Hub, how: str) -> None:
    """B-15: the older database has no row of it, and the phone that made it has not heard of the purge."""
    one, two = hub.phone("xa1"), hub.phone("xa2")
    one.create(note="trước")
    one.sync()
    hub.back_up()
    gone = one.create(note=FACE)
    one.sync(), two.sync()
    purge(hub.world, gone)
    with restored(hub, how) as world:
        for phone in (one, two):
            phone.edit(gone, note=FACE)
            phone.sync()
            assert (gone in phone.records, phone.outbox) == (False, [])
        new = one.create(note="sau")
        one.sync()
        with world.app.app_context(), reading() as session:
            assert FACE not in str([row.set for row in session.scalars(select(WriteRow))])
            assert session.get_one(Record, new).number > session.get_one(Record, gone).number
            assert purges.of_campaign(session, world.campaign) == sorted(one.records)
            truth.check(session)
        assert hub.there.rows()["missing_write"] == []


def test_a_tombstone_takes_no_living_records_number(hub: Hub) -> None:
    """B-8, B-15: nobody noticed that the file was put back, and the number of what was purged was given once more."""
    one = hub.phone("xa1")
    hub.back_up()
    gone = one.create(quantity=1)
    one.sync()
    purge(hub.world, gone)
    lines = (hub.here.data_dir / "revocations.ndjson").read_text("utf-8")
    going = hub.put_back(announced=False)
    next(going)
    two = hub.phone("xa2")
    living = two.create(quantity=2)
    two.sync()
    with (hub.there.data_dir / "revocations.ndjson").open("a", encoding="utf-8") as file:
        file.write(lines)
    with hub.world.app.app_context(), writing() as session:
        assert purges.reapply(session, installed(hub.world.app).blobs) == 1
    with hub.world.app.app_context(), reading() as session:
        given = {id_: session.get_one(Record, id_).number for id_ in (living, gone)}
    assert given == {living: 1, gone: 2}
    next_one = two.create(quantity=3)
    two.sync()
    with hub.world.app.app_context(), reading() as session:
        assert session.get_one(Record, next_one).number == 3
    next(going, None)
