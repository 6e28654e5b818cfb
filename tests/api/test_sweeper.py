"""What is left behind is swept away, and nothing else (SPEC P-5)."""

from __future__ import annotations

import fcntl
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.blobs.files import FileBlobs
from server.commands import main
from server.core import data_dir_locks
from server.core.clock import now_ms, stopped_at
from server.services.jobs.minding import Chores
from server.services.photos.uploads import EXPIRES_MS, Partials, Sweeper, Swept, partials
from server.services.photos.uploads.partials import locked
from server.services.photos.uploads.sweeping import STRAY_MS
from server.serving.installation import installed
from support.clients.client import MakeClient, shot
from support.clients.uploading import announce, partial
from support.world.world import World

HASHES = [f"{number:064x}" for number in range(8)]
MINUTE_MS = 60_000


def age(path: Path, ms: int) -> None:
    """Last written so long ago."""
    at = (now_ms() - ms) / 1000
    os.utime(path, (at, at))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


@pytest.fixture
def sweeper(tmp_path: Path) -> Sweeper:
    return Sweeper(tmp_path, Partials(tmp_path / "partial"), FileBlobs(tmp_path / "photos"))


def begin(sweeper: Sweeper, sha256: str, written_ms_ago: int) -> Path:
    upload = sweeper.partials.create("officer", sha256, 10)
    upload.path.write_bytes(b"12345")
    for path in (upload.path, upload.path.with_name(upload.path.name + "-about")):
        age(path, written_ms_ago)
    return upload.path


def test_expired_uploads_go_and_others_stay(sweeper: Sweeper) -> None:
    begin(sweeper, HASHES[0], EXPIRES_MS + MINUTE_MS)
    kept = begin(sweeper, HASHES[1], EXPIRES_MS - MINUTE_MS)
    assert sweeper.partials.find("officer", HASHES[0]) is None  # before it is swept already
    assert sweeper.sweep() == Swept(1, 0)
    assert names(sweeper.partials.folder) == [kept.name, f"{kept.name}-about"]
    assert sweeper.partials.find("officer", HASHES[1]) is not None


def test_what_expired_may_begin_anew_before_it_is_swept(sweeper: Sweeper) -> None:
    begin(sweeper, HASHES[0], EXPIRES_MS + MINUTE_MS)
    assert sweeper.partials.create("officer", HASHES[0], 10).offset == 0
    assert sweeper.sweep() == Swept(0, 0)


def test_files_of_no_upload_go_after_a_day(sweeper: Sweeper) -> None:
    folder, base = sweeper.partials.folder, f"officer.{HASHES[0]}"
    for suffix, written in (("-thumb", STRAY_MS + MINUTE_MS), ("-about", STRAY_MS + MINUTE_MS)):
        (folder / f"{base}{suffix}").write_text("x")
        age(folder / f"{base}{suffix}", written)
    (folder / f"officer.{HASHES[1]}").write_text("x")  # young
    (folder / "a note of the administrator").write_text("x")
    age(folder / "a note of the administrator", 2 * EXPIRES_MS)
    assert sweeper.sweep() == Swept(1, 0)
    assert names(folder) == ["a note of the administrator", f"officer.{HASHES[1]}"]


def test_half_copied_photos_go_after_a_day_and_photos_never(sweeper: Sweeper, tmp_path: Path) -> None:
    photos, source = tmp_path / "photos", tmp_path / "source"
    source.write_bytes(b"photo")
    for key in (HASHES[0], f"{HASHES[0]}-320"):
        sweeper.blobs.put(key, source)
    for path in photos.rglob("*"):
        age(path, 2 * EXPIRES_MS)
    for name, written in (("a" * 16, STRAY_MS + MINUTE_MS), ("b" * 16, MINUTE_MS)):
        (photos / f"{HASHES[0]}.{name}").write_bytes(b"pho")
        age(photos / f"{HASHES[0]}.{name}", written)
    assert sweeper.sweep() == Swept(0, 1)
    assert names(photos) == [HASHES[0], f"{HASHES[0]}-320", f"{HASHES[0]}.{'b' * 16}"]


def test_a_running_upload_is_not_touched_however_old(sweeper: Sweeper) -> None:
    path = begin(sweeper, HASHES[0], MINUTE_MS)
    upload = sweeper.partials.find("officer", HASHES[0])
    assert upload is not None
    with locked(upload):
        age(path, 2 * EXPIRES_MS)
        age(path.with_name(path.name + "-about"), 2 * EXPIRES_MS)
        assert sweeper.sweep() == Swept(0, 0)
    assert sweeper.sweep() == Swept(1, 0)


def test_nothing_is_swept_while_a_backup_runs(sweeper: Sweeper, tmp_path: Path) -> None:
    begin(sweeper, HASHES[0], EXPIRES_MS + MINUTE_MS)
    with data_dir_locks.held(tmp_path), data_dir_locks.held(tmp_path):  # two may run at once
        assert sweeper.sweep() is None
        assert len(names(sweeper.partials.folder)) == 2
    assert sweeper.sweep() == Swept(1, 0)


def test_a_backup_waits_for_a_sweep(tmp_path: Path) -> None:
    began = threading.Event()

    def back_up() -> None:
        with data_dir_locks.held(tmp_path):
            began.set()

    with ThreadPoolExecutor(1) as pool:
        with data_dir_locks.sweeping(tmp_path) as may:
            assert may
            running = pool.submit(back_up)
            assert not began.wait(0.1)
        running.result(10)


def test_a_full_folder_makes_room_from_what_expired(
    world: World, client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no worker sweeps, an officer is refused for what is under way, never for what expired."""
    monkeypatch.setattr(partials, "OPEN", 3)
    one, photos = client("xa1"), [shot(number) for number in range(4)]
    for photo in photos:
        announce(world, one, photo)
    for photo in photos[:3]:
        assert one.create_upload(photo.sha256, len(photo.data)).status_code == 201
    assert one.create_upload(photos[3].sha256, len(photos[3].data)).status_code == 429
    old = [partial(world, "xa1", photo.sha256) for photo in photos[:2]]
    for path in old:
        for each in (path, path.with_name(path.name + "-about")):
            age(each, EXPIRES_MS + MINUTE_MS)
    with old[1].open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as a request does that is writing it
        assert one.create_upload(photos[3].sha256, len(photos[3].data)).status_code == 201
        assert [path.exists() for path in old] == [False, True]


def test_each_host_sweeps_its_own_folder_when_no_backup_runs(world: World) -> None:
    """A job that another host draws would never reach this one's."""
    sweeper: Sweeper = installed(world.app).sweeper
    chores = Chores(installed(world.app).jobs)

    def left() -> bool:
        with world.app.app_context():
            chores.mind()
        return old.exists()

    old = begin(sweeper, HASHES[0], EXPIRES_MS + MINUTE_MS)
    with data_dir_locks.held(sweeper.data_dir):
        assert left()
    assert left(), "not at once"
    chores = Chores(installed(world.app).jobs)
    assert not left()
    old = begin(sweeper, HASHES[1], EXPIRES_MS + MINUTE_MS)
    assert left(), "once a night"
    with stopped_at(now_ms() + 24 * 60 * MINUTE_MS):
        assert not left()


@pytest.mark.slow
def test_the_command_sweeps(sweeper: Sweeper, tmp_path: Path) -> None:
    begin(sweeper, HASHES[0], EXPIRES_MS + MINUTE_MS)
    environment = {"LOA_DATA_DIR": str(tmp_path)}
    assert CliRunner().invoke(main, ["init"], env=environment).exit_code == 0
    with data_dir_locks.held(tmp_path):
        told = CliRunner().invoke(main, ["sweep"], env=environment)
        assert (told.exit_code, "backup" in told.output) == (1, True)
    told = CliRunner().invoke(main, ["sweep"], env=environment)
    assert told.exit_code == 0
    assert told.stdout.splitlines() == [
        "1 partial uploads and 0 leftovers of the photo store removed.",
        "0 expired codes, links and sessions, and 0 superseded lines of revocations.ndjson removed.",
    ]
