"""A restore is checked, complete, and says what it is; who was shut out stays so (SPEC B-5, B-6)."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from server.backups import layout
from server.core.atomic_files import file_digest
from server.core.db import reading, writing
from server.models import Device
from server.services.access import codes, desk_sessions, devices, second_factor
from server.services.access.desk_sessions import Needs
from server.services.access.second_factor import CodeOutcome
from server.services.organisation.people import revoke
from server.services.photos.images import thumb_key
from server.services.recovery import restores
from server.services.units.scope import ADMIN, Scope
from server.serving.installation import installed
from support.clients.authenticator import given
from support.clients.client import Client
from support.clients.uploading import blob, state
from support.installation.backups import LETTER, ONE, TWO, damage
from support.installation.machine import Machine
from support.world.world import World

CHANGED_BY_RESTORE = {
    "audit_head",
    "audit_line",
    "counter",
    "restoration",
    "desk_session",
    "enrolment_code",
    "welcome_link",
}


def test_all_of_it_comes_back(here: Machine, there: Machine, world: World, backup: Path) -> None:
    before = here.rows()
    said = there.done("restore", "--without-keys", backup)
    assert said.startswith("Restored to ")
    assert "2 records; 5 photos and files of campaigns, each checked." in said
    after = there.rows()
    for name in before.keys() - CHANGED_BY_RESTORE:
        assert after[name] == before[name], name
    with there.holding(world) as restored:
        for photo in (ONE, TWO):
            for key in (photo.sha256, photo.thumb_sha256, thumb_key(photo.sha256)):
                assert blob(restored, key).read_bytes() == blob(world, key).read_bytes()


def test_a_photo_missing_or_damaged_is_asked_for_again(
    there: Machine, world: World, calling: Client, backup: Path
) -> None:
    """B-5: one is gone, of the other a bit turned; the phone brings both."""
    (backup / "photos" / ONE.sha256[:2] / ONE.sha256).unlink()
    damage(backup / "photos" / TWO.sha256[:2] / TWO.sha256)
    assert "2 photos are missing or damaged: phones are asked for them again." in there.done(
        "restore", "--without-keys", backup
    )
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
        assert "5 photos and files of campaigns, each checked" in there.done("restore", "--without-keys", backup)
        for key in (ONE.sha256, thumb_key(TWO.sha256)):
            assert blob(restored, key).read_bytes() == blob(world, key).read_bytes()


def test_a_restore_says_itself_and_ends_what_was_open(there: Machine, world: World, tmp_path: Path) -> None:
    """The desk is told at once; one-time ways in do not open twice."""
    with world.app.app_context(), writing() as session:
        cookie = desk_sessions.open_session(session, world.officers["huyen"])
    code = world.code("xa1")
    here = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), installed(world.app).settings.data_dir)
    here.done("backup", tmp_path / "b")
    taken_at = json.loads((tmp_path / "b" / "manifest.json").read_text())["taken_at"]
    there.done("restore", "--without-keys", tmp_path / "b")
    with there.holding(world) as restored, restored.app.app_context(), writing() as session:
        told = restores.unconfirmed(session)
        assert told is not None
        assert (told.taken_at, told.holds_until, told.noticed_by) == (taken_at, None, None)
        assert desk_sessions.state_of(session, cookie) is None
        assert codes.use_code(session, code, codes.Phone("máy"), world.keyring) is None


def test_a_revoked_device_stays_revoked(here: Machine, there: Machine, world: World, backup: Path) -> None:
    """B-6: revoked after the backup; the file of the lost machine is given, or lies there."""
    token = world.token("xa1")
    here.done("backup", backup.with_name("later"))
    with world.app.app_context(), writing() as session:
        device = devices.device_of(session, token)
        assert device is not None
        revoke(session, Scope(session, world.officers["huyen"]), device.id)
    said = there.done(
        "restore", "--without-keys", backup.with_name("later"), "--revocations", here.data_dir / "revocations.ndjson"
    )
    assert "Shut out again, as the revocations file says: 1." in said
    with there.holding(world) as restored:
        assert Client(restored.app.test_client(), token).post("/sync", json={}).status_code == 401
        with restored.app.app_context(), reading() as session:
            left = session.scalars(select(Device).where(Device.revoked_at.is_(None))).all()
            assert len(left) == 1
    assert (there.data_dir / "revocations.ndjson").read_text().count('"device"') >= 1


def test_a_second_factor_made_after_the_backup_is_gone_and_nothing_that_was_used_up_comes_back(
    here: Machine, there: Machine, world: World, backup: Path
) -> None:
    """B-6. Of three people one used a printed code after the backup, one had another authenticator, one a first one."""
    used, replaced, first = (world.officers[name] for name in ("huyen", "tinh", "phucu"))
    with world.app.app_context(), writing() as session:
        codes_of = {officer: given(session, officer, world.keyring) for officer in (used, replaced)}
        cookie = desk_sessions.open_session(session, used)
        second_factor.require(session, [ADMIN], world.officers["quantri"])
    here.done("backup", backup.with_name("later"))
    with world.app.app_context(), writing() as session:
        assert second_factor.check(session, used, codes_of[used][0], world.keyring) is CodeOutcome.GOOD
        desk_sessions.end_session(session, cookie)
        codes_of[first] = given(session, first, world.keyring)
        given(session, world.officers["quantri"], world.keyring)
        assert second_factor.end(session, replaced)
        given(session, replaced, world.keyring)
    environment = {"LOA_SECRET_KEY": (here.data_dir / "secret_key").read_text()}
    machine = Machine(there.url, there.data_dir, environment)
    machine.done("restore", backup.with_name("later"), "--revocations", here.data_dir / "revocations.ndjson")
    with machine.holding(world) as restored, restored.app.app_context(), writing() as session:
        ring = restored.keyring
        said = [second_factor.check(session, used, code, ring) for code in codes_of[used][:2]]
        assert said == [CodeOutcome.WRONG, CodeOutcome.GOOD], "used up is used up; the others still serve"
        assert desk_sessions.state_of(session, cookie) is None
        for officer, needs in ((used, Needs.CODE), (replaced, Needs.NOTHING), (first, Needs.NOTHING)):
            opened = desk_sessions.open_session(session, officer)
            assert desk_sessions.state_of(session, opened).needs is needs  # type: ignore[union-attr]
        opened = desk_sessions.open_session(session, world.officers["quantri"])
        assert desk_sessions.state_of(session, opened).needs is Needs.SET_UP  # type: ignore[union-attr]
        assert second_factor.check(session, replaced, codes_of[replaced][0], ring) is not CodeOutcome.GOOD


def test_the_file_of_who_was_shut_out_may_lie_in_a_folder_of_its_own(
    there: Machine, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another disk, which is new as well."""
    file = tmp_path / "apart" / "kept" / "revocations.ndjson"
    monkeypatch.setenv("LOA_REVOCATIONS_FILE", str(file))
    there.done("restore", "--without-keys", backup)
    assert [json.loads(line)["what"] for line in file.read_text().splitlines()] == ["restore"]


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
    said = there.done("restore", "--without-keys", backup)
    assert "4 photos and files of campaigns, each checked." in said
    assert "give it again with loa campaign files add: Bài số 1" in said
    file = LETTER / "letter.example" / "thu-doan.txt"
    again = there.done("campaign", "files", "add", world.campaign, file, "--use", "script", "--title", "Bài số 1")
    assert again.startswith(f"{given['id']}  script: Bài số 1 (text/plain, ")
    with there.holding(world) as restored:
        assert blob(restored, given["sha256"]).read_bytes() == file.read_bytes()


def test_a_rescue_file_that_waits_comes_back_unless_it_is_damaged(
    here: Machine, there: Machine, calling: Client, tmp_path: Path
) -> None:
    """Its row is in the database; of one that is damaged its page says that it is gone."""
    assert calling.token
    (here.data_dir / "rescue").mkdir()
    good, bad = "AAAAAAAAAAAAAAAA.loa", "-_aaaaaaaaaaaaa4.loa"
    for name in (good, bad, "other.part"):
        (here.data_dir / "rescue" / name).write_text(name)
    here.done("backup", tmp_path / "b")
    damage(tmp_path / "b" / "rescue" / bad)
    there.done("restore", "--without-keys", tmp_path / "b")
    assert [path.name for path in (there.data_dir / "rescue").iterdir()] == [good]
    assert (there.data_dir / "rescue" / good).read_text() == good


@pytest.mark.parametrize("name", ["rescue/../../outside.loa", "rescue/../outside.loa", "photos/x/..outside"])
def test_no_name_leads_out_of_the_folder(there: Machine, backup: Path, tmp_path: Path, name: str) -> None:
    """Whoever made this backup wrote the list of its files."""
    deep = Machine(there.url, tmp_path / "deep" / "data")
    (deep.data_dir / "rescue").mkdir(parents=True)
    for folder in (backup / "rescue", backup / "photos" / "x"):
        folder.mkdir(exist_ok=True)
    found = backup / (name if name.startswith("rescue") else layout.photo_path("..outside"))
    found.write_text("strange")
    sums = layout.read_sums(backup) | {name: file_digest(found)}
    layout.write_manifest(
        backup, replace(layout.read(backup), sums=layout.write_sums(backup, sums.items())), there.keyring
    )
    before = {path for path in tmp_path.rglob("*outside*") if path.is_file()}
    assert "5 photos and files of campaigns, each checked" in deep.done("restore", "--without-keys", backup)
    assert {path for path in tmp_path.rglob("*outside*") if path.is_file()} == before


def test_who_was_shut_out_is_read_only_from_a_file_that_is_listed(there: Machine, world: World, backup: Path) -> None:
    """A backup of before the first of them has none; one that lies there was never checked."""
    line = {"at": 1, "what": "officer", "id": world.officers["xa1"], "ended": True}
    assert layout.REVOCATIONS not in layout.read_sums(backup)
    (backup / layout.REVOCATIONS).write_text(json.dumps(line) + "\n")
    assert "Shut out again" not in there.done("restore", "--without-keys", backup)
