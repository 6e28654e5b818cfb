"""The repository: photos once, a list a night, read and tried without a restore; what is old goes, nothing else."""

from __future__ import annotations

import fcntl
import json
import shutil
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.backups import layout, nightly, repository
from server.blobs.files import FileBlobs
from server.checks import CheckContext, data
from server.core.atomic_files import file_digest
from server.core.clock import now_ms
from server.core.db import reading
from server.core.findings import Level
from server.services.jobs.leases import DONE
from server.serving.installation import installed
from server.settings import Settings
from support.clients.client import Client
from support.clients.uploading import blob
from support.installation.backups import ONE, TWO, damage
from support.installation.machine import Machine
from support.jobs.inline import done
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
        return file_digest(path)

    def asked_for_one(_store: FileBlobs, key: str) -> bool:
        raise AssertionError(key)

    monkeypatch.setattr(sys.modules["server.backups.taking"], "file_digest", counting)
    with monkeypatch.context() as lists_alone:
        lists_alone.setattr(FileBlobs, "has", asked_for_one)  # a bucket would be asked a million times
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
    assert "nights: 1" in kept.done("backup", "verify")
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


def test_a_night_whose_list_is_gone_stops_no_backup(kept: Machine, store: Path) -> None:
    """As after a kill while an old night was removed, or a bad sector: every later backup failed."""
    kept.done("backup")
    lone = store / "photos" / "ab" / ("ab" * 32)
    lone.parent.mkdir(exist_ok=True)
    lone.write_bytes(b"of the night whose list is gone")
    (first,) = repository.snapshots(store / "nights")
    broken = first.rename(first.with_name("20250102-021500"))
    (broken / layout.SUMS).unlink()
    (store / "hours" / f"20250102-031500{layout.UNFINISHED}0").mkdir(parents=True)
    assert f"{broken}: its list cannot be read, so no photo left the pool" in kept.done("backup")
    assert lone.exists()
    assert broken.exists()
    assert (
        f"{broken} is damaged: SHA256SUMS is not what the manifest says. Remove its folder"
        in kept.loa("backup", "verify").output
    )
    assert f"{broken} is damaged" in kept.done("backup", "list")
    shutil.rmtree(broken)
    (store / "nights" / f"20250102-021500{layout.UNFINISHED}0").mkdir()
    kept.done("backup")
    assert not lone.exists()
    assert "whole" in kept.done("backup", "verify")


def test_the_nights_of_the_last_two_upgrades_stay(kept: Machine, there: Machine, store: Path) -> None:
    apart = []
    for day in range(1, 4):
        kept.done("backup")
        night = repository.newest(store)
        apart.append(repository.set_apart(night.rename(night.with_name(f"2025010{day}-021500"))))
    kept.done("backup")
    assert [path.exists() for path in apart] == [False, True, True]
    assert str(apart[1]) in kept.done("backup", "list")
    assert [night.name for night in repository.snapshots(store / "nights")][:3] == [path.name for path in apart]
    (database, *_) = (apart[1] / "database").iterdir()
    assert database.samefile(store / "nights" / apart[1].name / "database" / database.name), "no room is taken"
    assert repository.set_apart(store / "nights" / apart[1].name) == apart[1], "once is enough"
    for night in repository.snapshots(store / "nights"):
        shutil.rmtree(night)
    (store / "nights" / f"20250104-021500{layout.UNFINISHED}0").mkdir()
    repository._prune(store, ())  # noqa: SLF001  # photos that no list names go
    assert "2 records; 5 photos and files of campaigns, each checked." in there.done(
        "restore", "--without-keys", apart[1]
    )


def test_killed_while_an_old_night_was_removed(kept: Machine, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.done("backup")
    (first,) = repository.snapshots(store / "nights")
    for day in range(2, 10):
        shutil.copytree(first, first.with_name(f"202501{day:02}-021500"))

    def killed(path: Path, **_named: object) -> None:
        (path / layout.SUMS).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("server.backups.repository.shutil.rmtree", killed)
        assert kept.loa("backup").exit_code != 0
    kept.done("backup")
    assert not list(store.glob(f"*/*{layout.UNFINISHED}*"))
    assert "whole" in kept.done("backup", "verify")


def test_a_photo_that_the_store_lost_is_told_each_night(
    kept: Machine, there: Machine, world: World, store: Path
) -> None:
    kept.done("backup")
    blob(world, ONE.sha256).unlink()
    for _ in range(2):
        assert f"The store lacks it or holds it damaged: {ONE.sha256}" in kept.done("backup")
    damage(blob(world, TWO.sha256))
    assert TWO.sha256 not in kept.done("backup")
    settings = Settings.from_environment(kept.environment)
    with world.app.app_context():
        assert set(repository.back_up(settings, store, reads=True).missing) == {ONE.sha256, TWO.sha256}
    assert not blob(world, TWO.sha256).exists()
    said = there.done("restore", "--without-keys", repository.newest(store))
    assert "2 records; 5 photos and files of campaigns, each checked." in said


def test_the_night_that_the_server_makes_tells_what_the_store_lacks(kept: Machine, world: World, store: Path) -> None:
    """It threw that away: the checks were good, and the repository called whole."""
    settings = Settings.from_environment(kept.environment)
    nightly.register(installed(world.app).jobs, settings)

    def found() -> dict[str, tuple[Level, dict[str, object]]]:
        with world.app.app_context(), reading() as session:
            context = CheckContext(settings, session, now_ms())
            return {one.check: (one.level, one.values) for one in data.backup(context)}

    def made() -> None:
        assert done(world, "backups.night").state == DONE

    aside = blob(world, ONE.sha256).rename(kept.data_dir / "aside")
    made()
    assert found()["store"] == (Level.BAD, {"count": 1})
    assert "lacks 1 photo, which the store did not have whole" in kept.refused("backup", "verify")
    aside.rename(blob(world, ONE.sha256))
    made()
    assert found()["store"] == (Level.GOOD, {"count": 0})
    assert "whole" in kept.done("backup", "verify")
    damage(blob(world, ONE.sha256))
    made()  # the store was read less than a month ago
    assert found()["store"] == (Level.GOOD, {"count": 0})
    with (store / "lock").open("ab") as file:  # the night before runs on, on another host
        fcntl.flock(file, fcntl.LOCK_EX)
        assert done(world, "backups.night").state != DONE
        assert found()["backup"][0] is Level.GOOD, "it waits, and is no failed one"
    before = json.loads((store / repository.VERIFIED).read_text())
    (store / repository.VERIFIED).write_text(json.dumps(before | {"store_at": 1}))
    made()
    assert found()["store"] == (Level.BAD, {"count": 1})
    last = repository.last_verified(store)
    assert last is not None
    assert last.store_at >= before["store_at"]


def test_which_nights_are_kept() -> None:
    last = datetime(2026, 11, 30, 2, 15)  # noqa: DTZ001  # names, no moments
    names = {f"{last - timedelta(days=day):%Y%m%d-%H%M%S}" for day in range(800)}
    kept = repository.kept(names)
    assert len(kept) <= 7 + 4 + 12
    assert {f"{last - timedelta(days=day):%Y%m%d-%H%M%S}" for day in range(7)} <= kept
    months = {name[:6] for name in kept}
    assert len(months) == 12
    assert repository.kept(kept) == kept


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
