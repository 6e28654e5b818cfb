"""The audit log and restores: an honest one is told from tampering, whatever came after the backup."""

from __future__ import annotations

import json
from dataclasses import replace
from errno import ENOSPC
from pathlib import Path
from typing import Any

import pytest

from server.core import clock
from server.core.db import db, writing
from server.models.continuity import BY_START
from server.services.access import desk_sessions
from server.services.audit import heads
from server.services.audit.chain import ChainKeys
from server.services.audit.naming import FaultKind
from server.services.recovery import restores
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks.audit_log import DAY_MS, faults, lines, tamper, verdict
from support.installation.machine import Machine
from support.world.world import World


def act(world: World, count: int) -> None:
    for _ in range(count):
        with world.app.app_context(), writing() as session:
            desk_sessions.open_session(session, world.officers["xa1"])


def test_a_restore_on_the_same_machine_passes_and_is_listed(here: Machine, world: World, tmp_path: Path) -> None:
    act(world, 3)
    here.done("backup", tmp_path / "old")
    act(world, 4)
    here.done("backup", tmp_path / "new")
    act(world, 2)
    assert len(lines(world)) == 14
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    here.done("restore", tmp_path / "new", "--replace")
    said = here.done("audit", "verify")
    assert "Line 12: restored at " in said
    assert "3 lines after it were lost with the old database" in said
    assert "The audit log is whole." in said
    here.done("restore", tmp_path / "old", "--replace")
    said = here.done("audit", "verify")
    assert "Line 6: restored at " in said
    assert "The audit log is whole." in said
    with here.holding(world) as again:
        act(again, 3)
        assert faults(again) == []
        tamper(again, lambda connection: connection.exec_driver_sql("DELETE FROM audit_line WHERE number > 7"))
        assert FaultKind.CUT_TAIL in {kind for kind, *_ in faults(again)}, "a restore excuses no later cut"


def test_a_restore_on_another_machine(here: Machine, there: Machine, world: World, tmp_path: Path) -> None:
    """With the same secret the chain goes on; without it nobody can check what was before, and that is said."""
    act(world, 3)
    here.done("backup", tmp_path / "backup")
    there.done("restore", "--without-keys", tmp_path / "backup")
    result = there.loa("audit", "verify")
    assert result.exit_code == 1
    assert "Lines 1 to 5: not to be checked: their key is not in the keyring." in result.output
    secret = (here.data_dir / "secret_key").read_text()
    same = Machine(there.url, tmp_path / "same", {"LOA_SECRET_KEY": secret})
    same.done("restore", tmp_path / "backup", "--replace")
    assert "The audit log is whole." in same.done("audit", "verify")


def test_an_older_database_put_back_by_hand_fails_until_somebody_confirms_it(world: World) -> None:
    act(world, 6)
    tamper(world, lambda connection: connection.exec_driver_sql("DELETE FROM audit_line WHERE number > 4"))
    assert [kind for kind, *_ in faults(world)] == [FaultKind.CUT_TAIL]
    blobs = installed(world.app).blobs
    with world.app.app_context(), writing() as session:
        at = restores.notice(session, BY_START, blobs, seen=None, after=0)
    assert [kind for kind, *_ in faults(world)] == [FaultKind.ROLLED_BACK]
    with world.app.app_context(), writing() as session:
        restores.confirm(session, Scope(session, world.officers["quantri"]), at or 0)
    assert faults(world) == []
    assert [seen.lost for seen in verdict(world).restores] == [3]


def bent(file: Path, place: int, **more: object) -> None:
    """Alter a line of a file of heads; its tag stays."""
    texts = file.read_text().splitlines(keepends=True)
    texts[place] = json.dumps(json.loads(texts[place]) | more) + "\n"
    file.write_text("".join(texts))


@pytest.fixture
def replaced(here: Machine, there: Machine, world: World, tmp_path: Path) -> Machine:
    """A new machine that began a log with a key of its own, as `loa install` does, before it got the old one's keys."""
    act(world, 3)
    here.done("backup", tmp_path / "backup")
    new = replace(there, more={"LOA_AUDIT_WITNESS": str(tmp_path / "copies")})
    new.done("init", "--units", "hung-yen-2021")
    new.done("restore", "--replace", "--without-keys", tmp_path / "backup")
    (there.data_dir / "secret_key").write_text((here.data_dir / "secret_key").read_text())
    return new


def test_what_a_new_machine_logged_with_its_own_key_is_no_fault(
    replaced: Machine, world: World, tmp_path: Path
) -> None:
    file = replaced.data_dir / heads.NAME
    old = {heads.of_file(file), heads.of_file(file.with_name(heads.CASES))}
    replaced.done("restore", "--replace", tmp_path / "backup")
    said = replaced.done("audit", "verify")
    assert f"The heads {old.pop()} (" in said
    assert " lines), set aside by the restore at " in said
    assert "The audit log is whole." in said
    assert not old, "both files are of one installation"
    with replaced.holding(world) as again:
        act(again, 3)
        assert faults(again) == []
        with clock.stopped_at(clock.now_ms() + 32 * DAY_MS):
            today, keys = clock.today().isoformat(), ChainKeys.of(replaced.keyring)
            assert heads.compact(file, today, keys) > 0
            assert heads.compact(file.with_name(heads.CASES), today, keys) == 0, "there was no case yet"
        assert faults(again) == []
        assert [each.lines > 2 for each in verdict(again).replaced] == [True]
    assert "The audit log is whole." in replaced.done("audit", "verify", "--copies", tmp_path / "copies")


def test_nobody_hides_behind_a_replaced_file(replaced: Machine, world: World, tmp_path: Path) -> None:
    replaced.done("restore", "--replace", tmp_path / "backup")
    file = replaced.data_dir / heads.NAME
    kept = file.read_bytes()
    with replaced.holding(world) as again:
        act(again, 2)
        texts = file.read_text().splitlines(keepends=True)
        old, mark = verdict(again).replaced[0], json.loads(texts[1])
        for more in ({"data": [heads.of_file(file), *mark["data"][1:]]}, {"nth": 3}, {"what": "begun", "data": []}):
            bent(file, 1, **more)
            assert FaultKind.HEADS_ALTERED in {kind for kind, *_ in faults(again)}
            file.write_text("".join(texts))
        file.write_text(texts[0] + "".join(texts[2:]))
        assert FaultKind.HEADS_ALTERED in {kind for kind, *_ in faults(again)}
        file.write_text("".join(texts))
        bent(old.path(file), 1, data=[])
        assert faults(again) == [(FaultKind.HEADS_ALTERED, 1, old.lines)]
        old.path(file).unlink()
        assert faults(again) == [], "it proves nothing, so it may go"
        file.write_bytes(kept)
        assert {kind for kind, *_ in faults(again)} == {FaultKind.HEADS_SHORT}


def test_an_altered_beginning_is_not_hidden_by_another_restore(replaced: Machine, world: World, tmp_path: Path) -> None:
    """The backup does not know the file that was begun after it: the copies of it have genuine lines."""
    replaced.done("restore", "--replace", tmp_path / "backup")
    with replaced.holding(world) as again:
        act(again, 3)
    file = replaced.data_dir / heads.NAME
    for each in (file, file.with_name(heads.CASES)):
        bent(each, 0, data=[[1, 1, "", "x", 0]])
    replaced.done("restore", "--replace", tmp_path / "backup")
    assert replaced.loa("audit", "verify").exit_code == 1


def test_a_command_between_the_keys_and_the_restore_is_no_fault(
    here: Machine, there: Machine, world: World, tmp_path: Path
) -> None:
    act(world, 3)
    here.done("backup", tmp_path / "backup")
    there.done("init", "--units", "hung-yen-2021")
    (there.data_dir / "secret_key").write_text((here.data_dir / "secret_key").read_text())
    there.done("backup", tmp_path / "to-be-safe")
    there.done("restore", "--replace", tmp_path / "backup")
    assert "The audit log is whole." in there.done("audit", "verify")


def test_the_file_that_was_set_aside_does_not_come_back(replaced: Machine, world: World, tmp_path: Path) -> None:
    """Put in the place of the one that followed it, it is one more file that nobody can check, and copies tell."""
    replaced.done("restore", "--replace", tmp_path / "backup")
    file = replaced.data_dir / heads.NAME
    with replaced.holding(world) as again:
        act(again, 3)
        old = verdict(again).replaced[0].path(file)
    file.write_bytes(old.read_bytes())
    replaced.done("restore", "--replace", tmp_path / "backup")
    assert replaced.loa("audit", "verify").exit_code == 1


def test_copies_of_what_was_set_aside_are_no_fault_once_its_mark_is_gone(
    replaced: Machine, world: World, tmp_path: Path
) -> None:
    """A genuine copy of the mark says as much as the mark."""
    replaced.done("restore", "--replace", tmp_path / "backup")
    file = replaced.data_dir / heads.NAME
    with replaced.holding(world) as again:
        act(again, 1)
        for each in (file, file.with_name(heads.CASES)):
            each.unlink()
        act(again, 1)
    assert "The audit log is whole." in replaced.done("audit", "verify", "--copies", tmp_path / "copies")


def test_a_file_of_our_own_that_was_altered_stays(here: Machine, world: World, tmp_path: Path) -> None:
    """A restore sets aside none that the log names: neither one whose beginning was altered nor one written anew."""
    act(world, 3)
    here.done("backup", tmp_path / "backup")
    file = here.data_dir / heads.NAME
    of, kept = heads.of_file(file), file.read_bytes()
    other = ChainKeys("mine", {"mine": b"k" * 32})
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    bent(file, 0, data=[[1, 1, "", "x", 0]])
    altered = file.read_bytes()
    bent(file, 0, of="another")
    begun_elsewhere = file.read_bytes()
    file.unlink()
    heads.begin(file, of, other)
    forged = file.read_bytes()
    for bad in (altered, begun_elsewhere, forged):
        file.write_bytes(bad)
        here.done("restore", "--replace", tmp_path / "backup")
        assert file.read_bytes().startswith(bad.splitlines()[0])
        assert "altered, put in or missing" in here.loa("audit", "verify").output
    file.write_bytes(kept)
    assert not list(here.data_dir.glob("*.replaced-*"))


def test_a_restore_cut_short_between_the_two_files(
    replaced: Machine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = heads.replace

    def fails(path: Path, *given: Any) -> None:
        if path.name == heads.NAME:
            raise OSError(ENOSPC, "no room")
        real(path, *given)

    with monkeypatch.context() as patched:
        patched.setattr(heads, "replace", fails)
        replaced.refused("restore", "--replace", tmp_path / "backup")
    replaced.done("restore", "--replace", tmp_path / "backup")
    assert "The audit log is whole." in replaced.done("audit", "verify")
    file = replaced.data_dir / heads.NAME
    assert heads.of_file(file) == heads.of_file(file.with_name(heads.CASES))
    with replaced.holding(world) as again:
        act(again, 1)
        assert faults(again) == []
