"""The audit log and restores: an honest one is told from tampering, whatever came after the backup."""

from __future__ import annotations

from pathlib import Path

from server.core.db import db, writing
from server.models.continuity import BY_START
from server.services.access import desk_sessions
from server.services.audit.naming import FaultKind
from server.services.recovery import restores
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.checks.audit_log import faults, lines, tamper, verdict
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
