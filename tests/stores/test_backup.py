"""Backups of photos in a bucket: taken from it, and brought back into another (SPEC B-5, B-13)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from server.blobs.s3_client import Client as Bare
from server.core.db import writing
from server.models import Campaign
from server.services.campaigns import files
from server.services.campaigns.files import NewFile
from server.serving.installation import installed
from server.settings import Settings
from support.clients.client import Client
from support.clients.uploading import announce, bring, shown, state
from support.installation import s3 as services
from support.installation.backups import LETTER, ONE, TWO
from support.installation.databases import ENGINES, Engine
from support.installation.machine import Machine
from support.installation.s3 import S3
from support.world.world import World
from support.world.world import world as make_world

pytestmark = pytest.mark.slow


def bare(machine: Machine) -> Bare:
    bucket = Settings.from_environment(machine.environment).bucket
    assert bucket is not None
    return Bare(bucket)


def names(machine: Machine) -> list[str]:
    return sorted(each.name for each in bare(machine).names(""))


def at(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}"


def filled(world: World) -> tuple[Client, list[str]]:
    """A client that brought two photos, their records, and a script of the campaign."""
    client = Client(world.app.test_client(), world.token("xa1"))
    records = [announce(world, client, photo) for photo in (ONE, TWO)]
    for photo in (ONE, TWO):
        bring(client, photo)
    with world.app.app_context(), writing() as session:
        new = NewFile("script", "Bài số 1", LETTER / "letter.example" / "thu-doan.txt")
        files.add(session, installed(world.app).blobs, session.get_one(Campaign, world.campaign), new)
    return client, records


@pytest.mark.parametrize("engine", ENGINES)
def test_there_and_back(database_engine: Callable[[str], Engine], engine: str, s3: S3, tmp_path: Path) -> None:
    """Photos go from one bucket into another; what is damaged in the backup is asked for again."""
    databases = database_engine(engine)
    here = Machine(databases.fresh(), tmp_path / "here", services.settings(s3.bucket()))
    there = Machine(databases.empty(), tmp_path / "there", services.settings(s3.bucket()))
    with make_world(here.url, here.data_dir, **here.more) as world:
        client, records = filled(world)
        bare(here).overwrite(at(TWO.sha256), b"damaged by the service")
        said = here.done("backup", tmp_path / "damaged")
        assert "2 records and 4 photos and files of campaigns" in said
        assert f"damaged: {TWO.sha256}" in said
        assert "Put these back into the bucket from an earlier backup" in said
        assert state(client, TWO.sha256) == ["wanted"]
        assert [name for name in names(here) if name.startswith(f"damaged/{TWO.sha256}/")]
        bring(client, TWO)
        assert "2 records and 5 photos" in here.done("backup", tmp_path / "backup")
        (tmp_path / "backup" / "photos" / at(ONE.sha256)).write_bytes(b"damaged in the backup")
        said = there.done("restore", "--without-keys", tmp_path / "backup")
        assert "1 photo is missing or damaged" in said
        with there.holding(world) as restored:
            other = Client(restored.app.test_client(), restored.token("xa1"))
            assert state(other, ONE.sha256) == ["wanted"]
            assert state(other, TWO.sha256) == ["verified"]
            assert shown(other, records[1], TWO) == (200, TWO.data)
            assert shown(other, records[1], TWO, "thumb")[0] == 200
            bring(other, ONE)
            assert shown(other, records[0], ONE) == (200, ONE.data)
            assert "Removed." in there.done("purge", records[0], "--by", "quantri", "--why", "mặt", "--yes")
            assert shown(other, records[0], ONE)[0] == 404
        assert not [name for name in names(there) if ONE.sha256 in name]
        assert "0 partial uploads" in there.done("sweep")


def test_a_night_says_what_the_bucket_lost(
    database_engine: Callable[[str], Engine], s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its names are listed; a photo that the list lacks is asked for."""
    more = {**services.settings(s3.bucket()), "LOA_BACKUP_DIR": str(tmp_path / "repository")}
    here = Machine(database_engine("sqlite").fresh(), tmp_path / "here", more)
    asked: list[str] = []
    one_by_one = Bare.size

    def counted(client: Bare, name: str) -> int | None:
        asked.append(name)
        return one_by_one(client, name)

    with make_world(here.url, here.data_dir, **here.more) as world:
        filled(world)
        here.done("backup")
        monkeypatch.setattr(Bare, "size", counted)
        assert "lacks it" not in here.done("backup")
        assert [name for name in asked if ONE.sha256 in name or TWO.sha256 in name] == []
        bare(here).delete([at(ONE.sha256)])
        assert f"The store lacks it or holds it damaged: {ONE.sha256}" in here.done("backup")
        assert at(ONE.sha256) in asked
        assert at(TWO.sha256) not in asked


def test_a_restore_without_its_store_changes_nothing(
    database_engine: Callable[[str], Engine], s3: S3, tmp_path: Path
) -> None:
    databases = database_engine("sqlite")
    here = Machine(databases.fresh(), tmp_path / "here", services.settings(s3.bucket()))
    wrong = {**services.settings(s3.bucket()), "LOA_S3_SECRET": "mistyped"}
    there = Machine(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path / "there", wrong)
    with make_world(here.url, here.data_dir, **here.more) as world:
        filled(world)
        here.done("backup", tmp_path / "backup")
    said = there.refused("restore", "--without-keys", tmp_path / "backup")
    assert "The photo store refuses the key (SignatureDoesNotMatch)" in said
    assert "The database was not changed." in said
    assert not (there.data_dir / "restore.unfinished").exists()


@pytest.mark.costly
def test_a_backup_without_its_store_is_none(database_engine: Callable[[str], Engine], s3: S3, tmp_path: Path) -> None:
    """It must not look like one whose photos are missing."""
    here = Machine(database_engine("sqlite").fresh(), tmp_path / "here", services.settings(s3.bucket()))
    with make_world(here.url, here.data_dir, **here.more) as world:
        filled(world)
        s3.kill()
        try:
            said = here.refused("backup", tmp_path / "backup")
        finally:
            s3.start()
        assert "The backup was not finished (The photo store does not answer" in said
        assert not list(tmp_path.glob("backup*"))
