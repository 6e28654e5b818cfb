"""A backup is whole or is none, and names what the data folder had lost already (SPEC B-5)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sqlalchemy import create_engine, inspect

from support.clients.client import Client
from support.clients.uploading import blob, state
from support.installation.backups import ONE, TWO, bring, damage
from support.installation.machine import Machine
from support.world.world import World


def test_the_backup_lists_every_file_and_holds_no_secret(here: Machine, backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert (manifest["photos"], manifest["tables"]["record"]) == (5, 2)
    assert manifest["holds_until"] <= manifest["taken_at"]
    listed = {line.partition("  ")[2] for line in (backup / "SHA256SUMS").read_text().splitlines()}
    there = {str(path.relative_to(backup)) for path in backup.rglob("*") if path.is_file()}
    assert there - listed == {"manifest.json", "SHA256SUMS"}
    secret = (here.data_dir / "secret_key").read_bytes()
    assert not any(secret in path.read_bytes() for path in backup.rglob("*") if path.is_file())


def test_nothing_is_written_over(here: Machine, backup: Path) -> None:
    before = sorted(backup.rglob("*"))
    assert "is there already; nothing was written" in here.refused("backup", backup)
    assert sorted(backup.rglob("*")) == before
    assert not list(backup.parent.glob("*.unfinished-*"))


def test_a_backup_that_fails_leaves_nothing(here: Machine, calling: Client, tmp_path: Path) -> None:
    assert calling.token
    # A folder where the list of the shut out should be: what is read last cannot be read.
    (here.data_dir / "revocations.ndjson").mkdir()
    assert "The backup was not finished" in here.refused("backup", tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_photo_the_folder_lost_is_named_by_the_backup(
    here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path
) -> None:
    assert calling.token
    (script,) = calling.get("/catalog").get_json()["campaigns"][0]["files"]
    for sha256 in (TWO.sha256, script["sha256"]):
        damage(blob(world, sha256))
    blob(world, ONE.sha256).unlink()
    said = here.done("backup", tmp_path / "b")
    assert "Put these back into the folder photos from an earlier backup." in said
    assert "2 records and 2 photos" in said
    assert all(f"damaged: {sha256}" in said for sha256 in (ONE.sha256, TWO.sha256))
    restored = there.done("restore", "--without-keys", tmp_path / "b")
    assert "2 photos are missing or damaged" in restored
    assert "2 records; 2 photos and files of campaigns, each checked." in restored
    for photo in (ONE, TWO):
        assert state(calling, photo.sha256) == ["wanted"]
        bring(calling, photo)
        assert blob(world, photo.sha256).read_bytes() == photo.data, "the damaged bytes gave way"
    assert "2 records and 4 photos" in here.done("backup", tmp_path / "c")


def test_a_photo_put_back_by_hand_is_believed(
    here: Machine, world: World, calling: Client, backup: Path, tmp_path: Path
) -> None:
    """The damaged one was moved away; no phone need bring it again."""
    damage(blob(world, ONE.sha256))
    assert f"damaged: {ONE.sha256}" in here.done("backup", tmp_path / "b")
    assert not blob(world, ONE.sha256).exists()
    assert state(calling, ONE.sha256) == ["wanted"]
    shutil.copyfile(backup / "photos" / ONE.sha256[:2] / ONE.sha256, blob(world, ONE.sha256))
    assert state(calling, ONE.sha256) == ["verified"]
    said = here.done("backup", tmp_path / "c")
    assert "2 records and 5 photos" in said
    assert "damaged" not in said


def test_no_table_draws_numbers_that_a_restore_could_give_out_again(here: Machine, world: World) -> None:
    """A dump of rows alone is whole only while the database keeps no counter beside them (ID-1)."""
    assert world.campaign
    engine = create_engine(here.url)
    inspector = inspect(engine)
    if engine.dialect.name == "postgresql":
        assert inspector.get_sequence_names() == []
    assert "sqlite_sequence" not in inspector.get_table_names()
    engine.dispose()
