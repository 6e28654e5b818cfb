"""The repository: photos once, a list a night, read and tried without a restore; what is old goes, nothing else."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.backups import layout, repository
from server.core.db import reading
from server.services.photos.images import sha256_of
from server.services.progress.condition import condition
from support.clients.client import Client
from support.clients.uploading import blob
from support.installation.backups import ONE, TWO, damage, full_disk
from support.installation.machine import Machine
from support.world.world import World


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "other-disk" / "loa"


@pytest.fixture
def kept(here: Machine, calling: Client, store: Path) -> Machine:
    """The machine with two photos, and the repository in its settings."""
    assert calling.token
    return replace(here, more={"LOA_BACKUP_DIR": str(store)})


def pool(store: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in (store / "photos").glob("??/*")}


def test_a_second_night_copies_no_photo_again(
    kept: Machine, there: Machine, world: World, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "2 records and 5 photos and files of campaigns" in kept.done("backup")
    first = pool(store)
    assert {ONE.sha256, TWO.sha256} <= set(first)
    repository.newest(store).rename(store / "nights" / "20261101-021500")
    read: list[Path] = []

    def counting(path: Path) -> str:
        read.append(path)
        return sha256_of(path)

    monkeypatch.setattr(sys.modules["server.backups.take"], "sha256_of", counting)
    kept.done("backup")
    assert pool(store) == first
    assert not [path for path in read if "photos" in path.parts]
    nights = repository.snapshots(store / "nights")
    assert len(nights) == 2
    assert not any((night / "photos").exists() for night in nights)
    blob(world, ONE.sha256).unlink()
    said = there.done("restore", "--without-keys", nights[0])
    assert "2 records; 5 photos and files of campaigns, each checked." in said
    with there.holding(world) as restored:
        assert blob(restored, ONE.sha256).read_bytes() == ONE.data


def test_it_is_read_without_a_restore_and_damage_is_mended(kept: Machine, store: Path) -> None:
    kept.done("backup")
    assert "1 nights" in kept.done("backup", "verify")
    damage(store / "photos" / ONE.sha256[:2] / ONE.sha256)
    assert "whole" in kept.done("backup", "verify", "--quick")
    said = kept.loa("backup", "verify")
    assert said.exit_code == 1
    assert f"{ONE.sha256} was damaged" in said.output
    assert (store / "damaged" / ONE.sha256).is_file()
    kept.done("backup")
    assert "whole" in kept.done("backup", "verify")
    night = repository.newest(store)
    (night / "SHA256SUMS").write_text("")
    assert "SHA256SUMS is not what the manifest says" in kept.loa("backup", "verify").output


def test_the_newest_night_is_tried_in_a_scratch_database(kept: Machine, store: Path) -> None:
    kept.done("backup")
    before = kept.rows()
    assert "loaded and counted in " in kept.done("backup", "try")
    after = kept.rows()
    assert {name for name in before if before[name] != after[name]} <= {"audit_line", "audit_head", "mark"}
    engine = create_engine(kept.url)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            left = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'loa_trial_%'")).all()
        assert left == []
    engine.dispose()
    assert not list(kept.data_dir.glob("trial-*"))
    manifest = layout.read(night := repository.newest(store))
    said = json.loads((night / "manifest.json").read_text())
    said["tables"]["record"] += 1
    (night / "manifest.json").write_text(json.dumps(said))
    assert "is not what was written" in kept.refused("backup", "try")
    assert manifest.tables["record"] == 2


def test_an_hour_holds_the_database_alone(kept: Machine, there: Machine, store: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in kept.environment.items():
            patch.setenv(name, value)
        from server.settings import Settings  # noqa: PLC0415  # beside its one use

        settings = Settings.from_environment()
        taken = repository.back_up(settings, store, photos=False)
        assert (taken.manifest.photos, taken.manifest.photos_missing, taken.missing) == (0, 5, [])
        assert not pool(store)
        repository.back_up(settings, store)
        taken = repository.back_up(settings, store, photos=False)
    assert (taken.manifest.photos, taken.manifest.photos_missing) == (5, 0)
    assert "2 records; 5 photos and files of campaigns, each checked." in there.done(
        "restore", "--without-keys", taken.folder
    )


def test_what_is_old_goes_and_its_photos_with_it(kept: Machine, store: Path) -> None:
    kept.done("backup")
    lone = store / "photos" / "ab" / ("ab" * 32)
    lone.parent.mkdir(exist_ok=True)
    lone.write_bytes(b"of a night that goes")
    (first,) = repository.snapshots(store / "nights")
    old = [first.with_name(name) for name in (f"202501{day:02}-021500" for day in range(2, 12))]
    for path in old:
        path.mkdir()
        for name in (layout.MANIFEST, layout.SUMS):
            (path / name).write_bytes((first / name).read_bytes())
    kept.done("backup")
    assert [path.name[6:8] for path in old if path.exists()] == ["05", "06", "07", "08", "09", "10", "11"]
    assert not lone.exists()
    assert ONE.sha256 in pool(store)


def test_which_nights_are_kept() -> None:
    last = datetime(2026, 11, 30, 2, 15)  # noqa: DTZ001  # names, no moments
    names = {f"{last - timedelta(days=day):%Y%m%d-%H%M%S}" for day in range(800)}
    kept = repository.kept(names)
    assert len(kept) <= 7 + 4 + 12
    assert {f"{last - timedelta(days=day):%Y%m%d-%H%M%S}" for day in range(7)} <= kept
    months = {name[:6] for name in kept}
    assert len(months) == 12
    assert repository.kept(kept) == kept


def test_the_tile_reads_what_was_done_and_is_red_on_what_failed(
    kept: Machine, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> tuple[bool, bool]:
        with world.app.app_context(), reading() as session:
            found = condition(session, kept.data_dir, None)
            return found.backup_failed, found.lacks_backup

    with monkeypatch.context() as patch:
        patch.setattr("server.backups.sqlite.dump", full_disk)
        patch.setattr("server.backups.postgresql.dump", full_disk)
        assert "The backup was not finished" in kept.refused("backup")
    assert state() == (True, True)
    kept.done("backup")
    assert state() == (False, False)
    with monkeypatch.context() as patch:
        patch.setattr("server.backups.databases.check_dump", full_disk)
        assert "The backup was not finished" in kept.refused("backup")
    assert state() == (True, True)


def test_two_at_once_are_one(kept: Machine, store: Path) -> None:
    kept.done("backup")
    with repository._alone(store):  # noqa: SLF001  # as another process does
        assert "Another backup, or a reading" in kept.refused("backup")


def test_the_keys_are_asked_for(here: Machine, there: Machine, backup: Path) -> None:
    """Without them a restore went through, and what they seal was lost unsaid."""
    before = there.rows()
    said = there.refused("restore", backup)
    assert "The keys of this backup are not here" in said
    assert "lines of the audit log" in said
    assert "Nothing was changed" in said
    assert there.rows() == before
    assert "The keys of this backup" in there.refused("restore", "--unsigned", backup)
    for name in ("secret_key",):
        (there.data_dir / name).write_bytes((here.data_dir / name).read_bytes())
    assert "Restored to" in there.done("restore", backup)
