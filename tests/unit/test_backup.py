"""A backup is whole or refused; a restore is checked, complete, and says what it is (SPEC B-5, B-6)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select

from server.backups import layout
from server.db import reading, writing
from server.models import Campaign, Device, Restoration
from server.services import access, files, restores
from server.services.files import NewFile
from server.services.images import thumb_key
from server.services.people import revoke
from server.services.scope import Scope
from support.client import Client, Shot, shot
from support.databases import Engine
from support.machine import Machine
from support.uploading import announce, blob, state
from support.world import World
from support.world import world as make_world

LETTER = Path(__file__).parents[2] / "docs"
ONE, TWO = shot(1), shot(2)
CHANGED_BY_RESTORE = {"counter", "restoration", "desk_session", "enrolment_code", "welcome_link"}


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, database_engine: Callable[[str], Engine]) -> Engine:
    return database_engine(request.param)


@pytest.fixture
def here(engine: Engine, tmp_path: Path) -> Machine:
    return Machine(engine.fresh(), tmp_path / "data")


@pytest.fixture
def there(engine: Engine, tmp_path: Path) -> Machine:
    """An empty machine: not even tables."""
    return Machine(engine.empty(), tmp_path / "elsewhere")


@pytest.fixture
def world(here: Machine) -> Iterator[World]:
    with make_world(here.url, here.data_dir) as made:
        yield made


@pytest.fixture
def calling(world: World) -> Client:
    """A phone that brought two records with a photo each; the campaign has a script."""
    client = Client(world.app.test_client(), world.token("xa1"))
    for photo in (ONE, TWO):
        announce(world, client, photo)
        bring(client, photo)
    with world.app.app_context(), writing() as session:
        new = NewFile("script", "Bài số 1", LETTER / "letter.example" / "thu-doan.txt")
        files.add(session, world.app.extensions["loa_blobs"], session.get_one(Campaign, world.campaign), new)
    return client


@pytest.fixture
def backup(here: Machine, calling: Client, tmp_path: Path) -> Path:
    assert calling.token
    said = here.done("backup", tmp_path / "backup")
    assert "2 records and 5 photos and files of campaigns as of " in said
    return tmp_path / "backup"


def bring(client: Client, photo: Shot) -> None:
    for data, sha256 in ((photo.thumb, photo.thumb_sha256), (photo.data, photo.sha256)):
        assert client.create_upload(sha256, len(data), data).status_code == 201
    assert state(client, photo.sha256) == ["verified"]


def test_all_of_it_comes_back(here: Machine, there: Machine, world: World, backup: Path) -> None:
    before = here.rows()
    said = there.done("restore", backup)
    assert said.startswith("Restored to ")
    assert "2 records; 5 photos and files of campaigns, each checked." in said
    after = there.rows()
    for name in before.keys() - CHANGED_BY_RESTORE:
        assert after[name] == before[name], name
    with there.holding(world) as restored:
        for photo in (ONE, TWO):
            for key in (photo.sha256, photo.thumb_sha256, thumb_key(photo.sha256)):
                assert blob(restored, key).read_bytes() == blob(world, key).read_bytes()


def test_the_backup_lists_every_file_and_holds_no_secret(here: Machine, backup: Path) -> None:
    manifest = json.loads((backup / "manifest.json").read_text())
    assert (manifest["format"], manifest["photos"], manifest["tables"]["record"]) == (1, 5, 2)
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


def test_an_unfinished_backup_is_refused(there: Machine, backup: Path) -> None:
    unfinished = backup.rename(backup.with_name("backup.unfinished-0123abcd"))
    assert "not finished" in there.refused("restore", unfinished)
    (unfinished / "manifest.json").unlink()
    half = unfinished.rename(backup)
    assert "no whole backup" in there.refused("restore", half)
    assert "no whole backup" in there.refused("restore", backup.with_name("nowhere"))


@pytest.mark.parametrize("name", ["manifest.json", "SHA256SUMS", "database"])
def test_a_damaged_backup_is_refused_before_anything_changes(there: Machine, backup: Path, name: str) -> None:
    path = backup / name
    path = max(path.iterdir(), key=lambda file: file.stat().st_size) if path.is_dir() else path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "damaged" in there.refused("restore", backup)
    assert there.rows() == {}
    assert not list(there.data_dir.glob("photos/*/*"))


def test_a_newer_backup_and_another_kind_of_database_are_refused(
    there: Machine, backup: Path, database_engine: Callable[[str], Engine]
) -> None:
    kind = "postgresql" if there.url.startswith("sqlite") else "sqlite"
    other = Machine(database_engine(kind).empty(), there.data_dir)
    assert "This is a backup of" in other.refused("restore", backup)
    manifest = layout.read(backup)
    layout.write_manifest(backup, replace(manifest, revision="9999"))
    assert "of a newer Loa" in there.refused("restore", backup)


def test_an_interrupted_restore_is_begun_again(there: Machine, backup: Path) -> None:
    """The disk fails at a photo; nothing but photos came before."""
    obstacle = there.data_dir / "photos" / max(ONE.sha256, TWO.sha256)[:2]
    obstacle.parent.mkdir(parents=True)
    obstacle.touch()
    assert "it can be begun again" in there.refused("restore", backup)
    assert there.rows() == {}
    obstacle.unlink()
    assert "5 photos and files of campaigns, each checked" in there.done("restore", backup)


def test_a_database_that_is_not_empty_is_kept(here: Machine, world: World, backup: Path) -> None:
    """Refused unless told, and then nothing of it is lost."""
    with world.app.app_context():
        from server.db import db  # noqa: PLC0415

        db.session.remove()
        db.engine.dispose()
    before = here.rows()
    assert "is not empty; nothing was changed" in here.refused("restore", backup)
    assert here.rows() == before
    said = here.done("restore", backup, "--replace")
    (line,) = (line for line in said.splitlines() if line.startswith("What was in the database is kept: "))
    aside = line.removeprefix("What was in the database is kept: ").removesuffix(".")
    assert kept_records(here, aside) == 2


def kept_records(machine: Machine, aside: str) -> int:
    if machine.url.startswith("sqlite"):
        return len(Machine(f"sqlite:///{aside}", machine.data_dir).rows()["record"])
    engine = create_engine(machine.url)
    with engine.connect() as connection:
        name = aside.removeprefix("schema ")
        count = connection.exec_driver_sql(f'SELECT count(*) FROM "{name}".record').scalar_one()
    engine.dispose()
    return int(count)


def test_a_database_in_use_is_refused(there: Machine, world: World, backup: Path) -> None:
    there.done("restore", backup)
    with there.holding(world) as running, running.app.app_context(), reading() as session:
        session.scalar(select(Restoration.at))
        assert "in use" in there.refused("restore", backup, "--replace")


def test_a_photo_missing_or_damaged_is_asked_for_again(
    there: Machine, world: World, calling: Client, backup: Path
) -> None:
    """B-5: one is gone, of the other a bit turned; the phone brings both."""
    (backup / "photos" / ONE.sha256[:2] / ONE.sha256).unlink()
    damage(backup / "photos" / TWO.sha256[:2] / TWO.sha256)
    assert "2 photos are missing or damaged: phones are asked for them again." in there.done("restore", backup)
    with there.holding(world) as restored:
        again = Client(restored.app.test_client(), calling.token)
        for photo in (ONE, TWO):
            assert state(again, photo.sha256) == ["wanted"]
            assert state(again, photo.thumb_sha256) == ["verified"]
            assert again.create_upload(photo.sha256, len(photo.data), photo.data).status_code == 201
            assert state(again, photo.sha256) == ["verified"]
            assert blob(restored, photo.sha256).read_bytes() == photo.data


def test_a_photo_damaged_in_the_data_folder_is_replaced(there: Machine, world: World, backup: Path) -> None:
    """Only the database was lost: what lies in the folder is checked all the same."""
    shutil.copytree(backup / "photos", there.data_dir / "photos", copy_function=shutil.copyfile)
    with there.holding(world) as restored:
        damage(blob(restored, ONE.sha256))
        blob(restored, thumb_key(TWO.sha256)).unlink()
        assert "5 photos and files of campaigns, each checked" in there.done("restore", backup)
        for key in (ONE.sha256, thumb_key(TWO.sha256)):
            assert blob(restored, key).read_bytes() == blob(world, key).read_bytes()


def test_a_photo_the_folder_lost_is_named_by_the_backup(
    here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path
) -> None:
    assert calling.token
    blob(world, ONE.sha256).unlink()
    damage(blob(world, TWO.sha256))
    said = here.done("backup", tmp_path / "b")
    assert "2 records and 3 photos" in said
    assert all(f"damaged: {sha256}" in said for sha256 in (ONE.sha256, TWO.sha256))
    restored = there.done("restore", tmp_path / "b")
    assert "2 photos are missing or damaged" in restored
    assert "2 records; 3 photos and files of campaigns, each checked." in restored


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.unlink()  # a hard link: the bytes are shared
    path.write_bytes(content)


def test_a_restore_says_itself_and_ends_what_was_open(there: Machine, world: World, tmp_path: Path) -> None:
    """The desk is told at once; one-time ways in do not open twice."""
    with world.app.app_context(), writing() as session:
        cookie = access.open_session(session, world.officers["huyen"])
    code = world.code("xa1")
    here = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), world.app.extensions["loa_settings"].data_dir)
    here.done("backup", tmp_path / "b")
    taken_at = json.loads((tmp_path / "b" / "manifest.json").read_text())["taken_at"]
    there.done("restore", tmp_path / "b")
    with there.holding(world) as restored, restored.app.app_context(), writing() as session:
        told = restores.unconfirmed(session)
        assert told is not None
        assert (told.taken_at, told.holds_until, told.noticed_by) == (taken_at, None, None)
        assert access.session_officer(session, cookie) is None
        assert access.use_code(session, code, access.Phone("máy"), str(world.app.secret_key)) is None


def test_a_revoked_device_stays_revoked(here: Machine, there: Machine, world: World, backup: Path) -> None:
    """B-6: revoked after the backup; the file of the lost machine is given, or lies there."""
    token = world.token("xa1")
    here.done("backup", backup.with_name("later"))
    with world.app.app_context(), writing() as session:
        device = access.device_of(session, token)
        assert device is not None
        revoke(session, Scope(session, world.officers["huyen"]), device.id)
    said = there.done("restore", backup.with_name("later"), "--revocations", here.data_dir / "revocations.ndjson")
    assert "Shut out again, as the revocations file says: 1." in said
    with there.holding(world) as restored:
        assert Client(restored.app.test_client(), token).post("/sync", json={}).status_code == 401
        with restored.app.app_context(), reading() as session:
            left = session.scalars(select(Device).where(Device.revoked_at.is_(None))).all()
            assert len(left) == 1
    assert (there.data_dir / "revocations.ndjson").read_text().count('"device"') >= 1


def test_a_campaign_is_opened_again_under_its_id(here: Machine, world: World, tmp_path: Path) -> None:
    """B-7."""
    letter = json.loads((LETTER / "letter.example.json").read_text("utf-8"))
    shutil.copytree(LETTER / "letter.example", tmp_path / "letter.example")
    file = tmp_path / "letter.json"
    file.write_text(json.dumps(letter | {"unit": "33"}), "utf-8")
    for bad, sentence in ((world.campaign, "There is a campaign"), ("short", "is no id of a campaign")):
        assert sentence in here.refused("campaign", "open", file, "--id", bad)
    assert here.done("campaign", "open", file, "--id", "AAAAAAAAAAAAAAA1").startswith("AAAAAAAAAAAAAAA1: ")


def test_a_file_of_a_campaign_comes_back_or_is_named(there: Machine, world: World, backup: Path) -> None:
    """F-7: no phone is asked for it, so a person must know."""
    (given,) = Client(world.app.test_client(), world.token("xa1")).get("/catalog").get_json()["campaigns"][0]["files"]
    (backup / layout.photo_path(given["sha256"])).write_bytes(b"damaged")
    said = there.done("restore", backup)
    assert "4 photos and files of campaigns, each checked." in said
    assert "give it again with loa campaign files add: Bài số 1" in said
    file = LETTER / "letter.example" / "thu-doan.txt"
    again = there.done("campaign", "files", "add", world.campaign, file, "--use", "script", "--title", "Bài số 1")
    assert again.startswith(f"{given['id']}  script: Bài số 1 (text/plain, ")
    with there.holding(world) as restored:
        assert blob(restored, given["sha256"]).read_bytes() == file.read_bytes()


def test_no_table_draws_numbers_that_a_restore_could_give_out_again(here: Machine, world: World) -> None:
    """A dump of rows alone is whole only while the database keeps no counter beside them (ID-1)."""
    assert world.campaign
    engine = create_engine(here.url)
    inspector = inspect(engine)
    if engine.dialect.name == "postgresql":
        assert inspector.get_sequence_names() == []
    assert "sqlite_sequence" not in inspector.get_table_names()
    engine.dispose()
