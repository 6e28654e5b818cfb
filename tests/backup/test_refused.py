"""What is no whole backup is refused and changes nothing; a restore that was cut short starts over (SPEC B-5)."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from server.backups import databases, layout, restore
from server.backups.photos import Photos
from server.core import keyring_file
from server.core.db import db, reading
from server.core.restore_state import Unfinished
from server.core.secrets_at_rest import fingerprints
from server.models import Restoration
from server.processes.gunicorn_app import Served
from server.settings import Settings
from support.installation.backups import ONE, TWO, full_disk, kept_records
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.world.world import World


def test_an_unfinished_backup_is_refused(there: Machine, backup: Path) -> None:
    unfinished = backup.rename(backup.with_name("backup.unfinished-0123abcd"))
    assert "not finished" in there.refused("restore", "--without-keys", unfinished)
    (unfinished / "manifest.json").unlink()
    half = unfinished.rename(backup)
    assert "no whole backup" in there.refused("restore", "--without-keys", half)
    assert "no whole backup" in there.refused("restore", "--without-keys", backup.with_name("nowhere"))


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS", "database"])
def test_a_damaged_backup_is_refused_before_anything_changes(there: Machine, backup: Path, name: str) -> None:
    path = backup / name
    path = max(path.iterdir(), key=lambda file: file.stat().st_size) if path.is_dir() else path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "damaged" in there.refused("restore", "--without-keys", backup)
    assert there.rows() == {}
    assert not list(there.data_dir.glob("photos/*/*"))


@pytest.mark.parametrize("secret", ["", "0" * 32])
def test_an_altered_backup_of_this_installation_is_refused(
    here: Machine, there: Machine, backup: Path, secret: str
) -> None:
    """Whoever altered it made all hashes anew, and even signed it, with another key."""
    same = Machine(there.url, there.data_dir, {"LOA_SECRET_KEY": (here.data_dir / "secret_key").read_text()})
    another = keyring_file.of_first("another secret of thirty-two characters")
    altered = replace(layout.read(backup), holds_until=1, secret=secret)
    layout.write_manifest(backup, altered, another)
    assert "The keys of this backup are not here" in same.refused("restore", backup)
    layout.write_manifest(
        backup,
        replace(altered, secret=fingerprints(same.keyring)[0]),
        another,
    )
    assert "No key of this installation made this backup's signature" in same.refused("restore", backup)
    assert same.rows() == {}
    assert "Restored to" in same.done("restore", backup, "--unsigned")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_backup_of_another_user_says_how_it_is_made_ones_own(there: Machine, backup: Path, tmp_path: Path) -> None:
    """As on a new machine, whose user has another number; `it can be begun again` led nowhere."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(folder.stat().st_mode | 0o755)
    there.data_dir.mkdir(mode=0o700)
    shutil.chown(there.data_dir, "nobody", "nogroup")
    env = {"PATH": os.environ["PATH"], "LOA_SETTINGS": "", "LOA_USER": "nobody", **there.environment}
    words = [str(Path(sys.executable).parent / "loa"), "restore", str(backup)]
    said = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert f"The user nobody may not use {backup}/manifest.json" in said.stderr
    assert "chown -R nobody: on the whole folder" in said.stderr


def test_a_manifest_counts_no_confidential_cases(backup: Path) -> None:
    """The manifests of two nights would tell of each new case."""
    assert not [name for name in layout.read(backup).tables if name.startswith("case")]


def test_a_newer_backup_and_another_kind_of_database_are_refused(
    there: Machine, backup: Path, database_engine: Callable[[str], Engine]
) -> None:
    kind = "postgresql" if there.url.startswith("sqlite") else "sqlite"
    other = Machine(database_engine(kind).empty(), there.data_dir)
    assert "This is a backup of" in other.refused("restore", "--without-keys", backup)
    manifest = layout.read(backup)
    layout.write_manifest(backup, replace(manifest, revision="9999"), there.keyring)
    assert "of a newer Loa" in there.refused("restore", "--without-keys", backup)


def test_a_database_in_use_is_refused(there: Machine, world: World, backup: Path) -> None:
    there.done("restore", "--without-keys", backup)
    with there.holding(world) as running, running.app.app_context(), reading() as session:
        session.scalar(select(Restoration.at))
        assert "in use" in there.refused("restore", "--without-keys", backup, "--replace")


def test_nothing_is_restored_under_a_hub_that_is_served(
    here: Machine, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody called it yet, so it has no connection to its database."""
    said: list[str] = []

    def run(_: Served) -> None:
        said.append(here.refused("restore", backup, "--replace"))

    monkeypatch.setattr(Served, "run", run)
    here.done("serve")
    assert said == ["Error: The data folder is in use; stop loa serve first. Nothing was changed."]


def test_nothing_is_served_while_a_restore_runs(there: Machine, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before its mark stands, too: what a phone brings then would be put aside with the rest."""
    there.done("restore", "--without-keys", backup)
    said, put = list[str](), Photos.put

    def put_and_serve(self: Photos) -> None:
        put(self)
        said.append(there.refused("serve"))

    monkeypatch.setattr(Photos, "put", put_and_serve)
    monkeypatch.setattr(Served, "run", lambda _: None)
    there.done("restore", "--without-keys", backup, "--replace")
    assert said == ["Error: A restore is running; start loa serve again when it has ended."]


def test_who_closes_the_database_meanwhile_is_not_in_the_way(there: Machine, backup: Path) -> None:
    """What `loa serve` held is let go a moment after it was stopped."""
    there.done("restore", "--without-keys", backup)
    engine = create_engine(there.url, poolclass=NullPool)
    held = engine.connect()
    held.execute(select(Restoration.at)).all()
    closing = Timer(0.5, held.close)
    closing.start()
    there.done("restore", "--without-keys", backup, "--replace")
    closing.join()


def test_a_database_that_is_not_empty_is_kept(here: Machine, world: World, backup: Path) -> None:
    """Refused unless told, and then nothing of it is lost."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    before = here.rows()
    assert "is not empty; nothing was changed" in here.refused("restore", backup)
    assert here.rows() == before
    said = here.done("restore", backup, "--replace")
    (line,) = (line for line in said.splitlines() if line.startswith("What was in the database is kept: "))
    aside = line.removeprefix("What was in the database is kept: ").removesuffix(".")
    assert kept_records(here, aside) == 2


def test_the_newest_two_that_were_replaced_are_kept(here: Machine, world: World, backup: Path) -> None:
    """And the doctor names them, whatever the clock said before. What another program put beside them stays."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    file = Settings.from_environment(here.environment).sqlite_file or here.data_dir / "loa"
    beside = file.with_name(f"{file.name}.replaced-by-hand")
    beside.touch()
    places, gone = list[str](), list[str]()
    for _ in range(3):
        said = here.done("restore", backup, "--replace").splitlines()
        (line,) = (line for line in said if line.startswith("What was in the database is kept: "))
        gone = [line for line in said if line.startswith("Removed, ")]
        place = line.removeprefix("What was in the database is kept: ").removesuffix(".")
        places.append(place if gone else _of_a_clock_ahead(here, place))
    assert gone == [f"Removed, as two newer ones are kept: {places[0]}."]
    with databases.opened(here.url) as engine:
        assert databases.kept_aside(engine) == places[1:]
    assert beside.exists()
    told = [each for each in json.loads(here.loa("doctor", "--json").stdout) if each["check"] == "replaced"]
    assert [each["values"]["where"] for each in told] == places[1:]


_YEARS = itertools.count(2099, -1)
OLD_ASIDE = "schema loa_replaced_20260101_000000_aaaa"


def _of_a_clock_ahead(here: Machine, place: str) -> str:
    """Rename what was set aside, as if the clock had run ahead then; each is of an earlier moment than the last."""
    ahead = re.sub(r"(replaced.)(\d{4})", lambda found: f"{found[1]}{next(_YEARS)}", place)
    if here.url.startswith("sqlite"):
        Path(place).rename(ahead)
    else:
        with databases.opened(here.url) as engine, engine.begin() as connection:
            old, new = (each.removeprefix("schema ") for each in (place, ahead))
            connection.execute(text(f"ALTER SCHEMA {old} RENAME TO {new}"))
    return ahead


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_half_copy_is_named_and_goes_with_the_next_restore(here: Machine, world: World, backup: Path) -> None:
    """A process was killed while it copied the database; PostgreSQL takes back what was begun."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    file = Path(here.url.removeprefix("sqlite:///"))
    half, journal, other = (
        file.with_name(f"{file.name}.{name}")
        for name in (
            "replaced-20990101-000000-abcd.begun",
            "replaced-20990101-000000-abcd.begun-journal",
            "replaced-by-hand.begun",
        )
    )
    for each in (half, journal, other):
        each.touch()
    told = [each for each in json.loads(here.loa("doctor", "--json").stdout) if each["check"] == "replaced"]
    assert [(each["outcome"], each["values"]["where"]) for each in told] == [("half", str(half))]
    said = here.done("restore", backup, "--replace")
    assert f"Removed, a copy that an interrupted restore did not finish: {half}.\n" in said
    assert [each.exists() for each in (half, journal, other)] == [False, False, True]


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_installations_in_one_database_forget_their_own_alone(there: Machine) -> None:
    """The role may use the schemas of both. What an earlier version set aside is named, and nobody's to remove."""
    other = f"{there.url}{'&' if '?' in there.url else '?'}options=-csearch_path%3Dzwei"
    kept: dict[str, list[str]] = {there.url: [], other: []}
    with databases.opened(there.url) as engine, engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA zwei"))
        connection.execute(text("CREATE SCHEMA loa_replaced_20260101_000000_aaaa"))
    for number in range(6):
        url = (there.url, other)[number % 2]
        with databases.opened(url) as engine:
            place = databases.aside(engine, f"replaced-2026010{9 - number}-000000-bbbb")
            databases.set_aside(engine, place)
            kept[url].append(place)
    for url, places in kept.items():
        with databases.opened(url) as engine:
            assert databases.kept_aside(engine, sure=True) == places
            assert sorted(databases.kept_aside(engine)) == sorted([OLD_ASIDE, *places])
            assert restore._older(engine, places[-1]) == places[:1]  # noqa: SLF001  # no restore: others are connected
            databases.put_back(engine, places[-1])
            assert databases.kept_aside(engine, sure=True) == places[:-1]


def test_a_database_that_does_not_answer_ends_no_restore_that_is_done() -> None:
    """To look for what may be forgotten is the last step, and the mark is gone by then."""
    with databases.opened("postgresql+psycopg://127.0.0.1:1/nowhere") as engine:
        assert restore._forget(engine, lambda: restore._older(engine, None)) == []  # noqa: SLF001  # a whole restore asks before


def test_an_interrupted_restore_is_begun_again(there: Machine, backup: Path) -> None:
    """The disk fails at a photo; nothing but photos came before."""
    obstacle = there.data_dir / "photos" / max(ONE.sha256, TWO.sha256)[:2]
    obstacle.parent.mkdir(parents=True)
    obstacle.touch()
    assert "it can be begun again" in there.refused("restore", "--without-keys", backup)
    assert there.rows() == {}
    obstacle.unlink()
    assert "5 photos and files of campaigns, each checked" in there.done("restore", "--without-keys", backup)


@pytest.mark.parametrize(
    "at", ["databases.load", "migrate.upgrade", "_unverify", "purges.reapply", "restore_state.remove"]
)
def test_what_an_interrupted_restore_left_is_served_to_nobody(
    there: Machine, world: World, backup: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """B-6: the rows may be in it already, and who was shut out too; the next restore starts over."""
    with monkeypatch.context() as patched:
        patched.setattr(f"server.backups.restore.{at}", full_disk)
        assert "it can be begun again" in there.refused("restore", "--without-keys", backup)
    for words in (["serve"], ["user", "list"]):
        assert "Run loa restore again, it starts over." in there.refused(*words)
    with pytest.raises(Unfinished), there.holding(world):
        pass
    assert "5 photos and files of campaigns, each checked" in there.done("restore", "--without-keys", backup)
    with there.holding(world):
        assert len(there.rows()["restoration"]) == 1


BEGINNING = ["databases.copy_aside", "restore_state.put", "databases.set_aside", "databases.load"]


@pytest.mark.parametrize("at", BEGINNING)
def test_a_restore_that_finds_no_room_as_it_begins_leaves_what_was_there(
    here: Machine, world: World, backup: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """Served as it was, without a mark: nothing of it was changed, or it was put back."""
    closed(world)
    before, files = here.rows(), beside(here)
    with monkeypatch.context() as patched:
        patched.setattr(f"server.backups.restore.{at}", full_disk)
        said = here.refused("restore", backup, "--replace")
    assert "The database is as it was and may be served; it can be begun again" in said
    assert "quantri" in here.done("user", "list")
    assert (here.rows(), beside(here)) == (before, files)
    assert "is not empty; nothing was changed" in here.refused("restore", backup)
    for _ in range(2):
        assert kept_by(here, here.done("restore", backup, "--replace")) == 2


@pytest.mark.parametrize("at", ["databases.set_aside", "databases.load"])
def test_a_restore_that_is_killed_as_it_begins_is_served_to_nobody(
    here: Machine, world: World, backup: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """B-6: the mark stands before anything changes, for an empty or half loaded database may be there."""
    closed(world)
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(f"server.backups.restore.{at}", lambda *_: os._exit(9))
        here.loa("restore", backup, "--replace")
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    for words in (["user", "list"], ["serve"]):
        assert "Run loa restore again, it starts over." in here.refused(*words)
    assert kept_by(here, here.done("restore", backup)) == 2


def closed(world: World) -> None:
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


def beside(here: Machine) -> set[str]:
    """The files where a SQLite database is; its own that come and go are not counted."""
    if not here.url.startswith("sqlite"):
        return set()
    path = Path(here.url.removeprefix("sqlite:///"))
    return {each.name for each in path.parent.glob(f"{path.name}*") if not each.name.endswith(("-wal", "-shm"))}


def kept_by(here: Machine, said: str) -> int:
    (line,) = (line for line in said.splitlines() if line.startswith("What was in the database is kept: "))
    return kept_records(here, line.removeprefix("What was in the database is kept: ").removesuffix("."))


def test_a_restore_into_another_database_leaves_the_mark_of_the_first(
    there: Machine, backup: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same data folder: the first is still half restored."""
    with monkeypatch.context() as patched:
        patched.setattr("server.backups.restore._unverify", full_disk)
        there.refused("restore", "--without-keys", backup)
    other = Machine(engine.empty(), there.data_dir)
    said = other.refused("restore", "--without-keys", backup)
    assert "was not finished: finish that one first, with LOA_DATABASE_URL as it was" in said
    assert other.rows() == {}
    assert "Run loa restore again, it starts over." in there.refused("user", "list")
    there.done("restore", "--without-keys", backup)
    other.done("restore", "--without-keys", backup)


def test_what_was_replaced_is_kept_when_the_restore_is_cut_short(
    here: Machine, world: World, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one neither keeps what the first left, nor forgets where the first kept the rest."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    with monkeypatch.context() as patched:
        patched.setattr("server.backups.restore._unverify", full_disk)
        here.refused("restore", backup, "--replace")
    said = here.done("restore", backup)
    (line,) = (line for line in said.splitlines() if line.startswith("What was in the database is kept: "))
    assert kept_records(here, line.removeprefix("What was in the database is kept: ").removesuffix(".")) == 2
