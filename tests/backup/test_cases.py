"""Confidential cases and restores: an honest one is told from tampering, and what ended since stays ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.core.clock import now_ms, stopped_at
from server.core.db import db, reading, writing
from server.core.problem_details import Problem
from server.models import Campaign, CaseEntry, CaseFile, CaseLogLine, CaseRight, KeyHolder, KeyOpening
from server.services.campaigns import lifecycle
from server.services.cases import (
    acting,
    case_log,
    counting,
    entering,
    finding,
    log_verifying,
    making,
    reducing,
    rights,
    rotating,
    store,
)
from server.services.cases.making import NewCase
from server.services.keyholders import losing
from server.services.keyholders.vault import closed
from server.services.recovery import restores
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.installation.machine import Machine
from support.installation.unguarded import unguarded
from support.world.cases import NEW, entitle
from support.world.confidential import vault
from support.world.world import World

ME = "mat_xa"


@pytest.fixture(autouse=True)
def _holders(world: World) -> None:
    entitle(world)


def made(world: World, received: str = "2021-07-28") -> tuple[str, str]:
    """Make a case. Returns its id and its code."""
    with world.app.app_context(), writing() as session:
        new = NewCase(unit=world.units["12286"], **NEW | {"received": received})
        held = making.make(session, vault(world), world.officers[ME], new)
        return held.id, held.data.code


def recoded(world: World, case: str) -> str:
    """Give a case a new code. Returns it."""
    with world.app.app_context(), writing() as session:
        shown = (case, session.get_one(CaseFile, case).number)
        acting.recode(session, vault(world), world.officers[ME], shown)
        return store.get(session, vault(world), world.officers[ME], case).data.code


def found(world: World, code: str) -> str:
    """The case that the officer finds by this code; empty if there is none."""
    with world.app.app_context(), reading() as session:
        try:
            return finding.by_code(session, vault(world), world.officers[ME], code)
        except Problem:
            return ""


def faults(world: World) -> str:
    with world.app.app_context(), reading() as session:
        return " ".join(log_verifying.verify(session))


def cut(world: World, after: int) -> None:
    with world.app.app_context(), db.engine.begin() as connection, unguarded(connection):
        connection.execute(delete(CaseLogLine).where(CaseLogLine.number > after))


def last(world: World) -> int:
    with world.app.app_context(), reading() as session:
        return max(session.scalars(select(CaseLogLine.number)))


def away(world: World) -> None:
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()


def test_a_restore_is_told_from_a_cut(here: Machine, world: World, tmp_path: Path) -> None:
    made(world)
    kept = last(world)
    here.done("backup", tmp_path / "backup")
    _, later = made(world)
    made(world)
    away(world)
    here.done("restore", tmp_path / "backup", "--replace")
    said = here.done("audit", "verify")
    assert "The audit log is whole." in said
    with here.holding(world) as again:
        assert found(again, later) == ""
        assert last(again) == kept + 1
        with again.app.app_context(), reading() as session:
            newest = case_log.read(session, vault(again)).rows[0].said
        assert newest is not None
        assert newest["act"] == "restored"
        cut(again, kept - 1)
        assert "cut off" in faults(again), "a restore excuses no cut before it, even if nothing was written since"
    result = here.loa("audit", "verify")
    assert result.exit_code == 1
    assert "of the cases' log: cut off" in result.output


def test_a_restore_excuses_no_later_cut(here: Machine, world: World, tmp_path: Path) -> None:
    made(world)
    here.done("backup", tmp_path / "backup")
    made(world)
    away(world)
    here.done("restore", tmp_path / "backup", "--replace")
    with here.holding(world) as again:
        begun = last(again)
        with stopped_at(now_ms() + 1000):
            made(again)
            made(again)
        assert faults(again) == ""
        cut(again, begun + 1)
        assert "cut off" in faults(again)


def test_an_older_database_put_back_by_hand_is_named(world: World) -> None:
    made(world)
    kept = last(world)
    made(world)
    cut(world, kept)
    assert "cut off" in faults(world), "until the server notices that its database is older"
    blobs = installed(world.app).blobs
    with world.app.app_context(), writing() as session:
        restores.notice(session, world.officers["quantri"], blobs, seen=None, after=0)
    assert faults(world) == ""


def test_what_follows_a_restore_that_the_server_notices_sees_what_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, blobs, seen = world.officers["mat_nhanla"], installed(world.app).blobs, []
    with world.app.app_context(), writing() as session:
        losing.lose(session, lost, "password")
    with world.app.app_context(), db.engine.begin() as connection:  # as an older copy has it
        connection.execute(update(KeyHolder).where(KeyHolder.officer_id == lost).values(lost_at=None))

    def look(session: Session, _path: Path | None) -> None:
        seen.append(session.get_one(KeyHolder, lost).lost_at is not None)

    monkeypatch.setattr(restores.AFTER, "named", lambda: [("look", look)])
    with world.app.app_context(), writing() as session:
        restores.notice(session, world.officers["quantri"], blobs, seen=None, after=0)
    assert seen == [True]


def test_what_ended_since_the_backup_stays_ended(here: Machine, world: World, tmp_path: Path) -> None:
    case, old = made(world)
    other, kept = made(world)
    with world.app.app_context(), writing() as session:
        entering.begin(session, vault(world), "token", world.officers[ME])
    here.done("backup", tmp_path / "backup")
    between = recoded(world, case)
    new = recoded(world, case)
    with world.app.app_context(), writing() as session:
        right = session.scalars(select(CaseRight.id).where(CaseRight.officer_id == world.officers["mat_nhanla"])).one()
        rights.end(session, Scope(session, world.officers["quantri"]), vault(world), right)
    away(world)
    here.done("restore", tmp_path / "backup", "--replace")
    with here.holding(world) as again:
        assert (found(again, old), found(again, between)) == ("", ""), "void codes stay void"
        assert found(again, new) == case, "and the code on the paper is the right one"
        assert found(again, kept) == other
        with again.app.app_context(), reading() as session:
            assert list(session.scalars(select(CaseEntry))) == [], "nobody is in"
            assert rights.units_of(session, again.officers["mat_nhanla"]) == []
            assert rights.units_of(session, again.officers[ME]) == [again.units["12286"]]
        assert faults(again) == ""


def test_a_reduced_case_does_not_come_back(here: Machine, world: World, tmp_path: Path) -> None:
    case, code = made(world)
    with world.app.app_context(), writing() as session:
        number = session.get_one(CaseFile, case).number
        acting.hand_over(session, vault(world), world.officers[ME], (case, number), "away")
        for wanted in ("closed", "archived"):
            lifecycle.set_status(session, world.campaign, wanted)
    here.done("backup", tmp_path / "backup")
    with world.app.app_context(), stopped_at(now_ms() + 800 * 24 * 3600 * 1000), writing() as session:
        assert reducing.reduce(session, closed(session, world.keyring), 24, dry=False).reduced == 1, "nobody is in"
    away(world)
    here.done("restore", tmp_path / "backup", "--replace")
    with here.holding(world) as again:
        assert found(again, code) == ""
        with again.app.app_context(), reading() as session:
            assert session.get(CaseFile, case) is None
            lines = [case_log.opened(vault(again), row) for row in session.scalars(select(CaseLogLine))]
            assert [each["act"] for each in lines if each and each["case"] == case] == ["reduced"]
            total = counting.feed(
                session, vault(again), session.get_one(Campaign, again.campaign), again.units["12286"]
            )
        assert total is not None
        assert total.received == 1
        assert faults(again) == ""


@pytest.mark.parametrize("then", ["open", "unreadable"])
def test_a_case_that_was_open_in_the_backup_is_erased_again(
    here: Machine, world: World, tmp_path: Path, then: str
) -> None:
    """Also where the older database has its month of closing under a key of the ring that is gone since."""
    case, code = made(world)
    if then == "unreadable":
        with world.app.app_context(), writing() as session:
            session.get_one(CaseFile, case).rest = "gone:AAAA"
            for row in session.scalars(select(CaseLogLine)).all():
                with unguarded(session.connection()):
                    session.execute(
                        update(CaseLogLine).where(CaseLogLine.number == row.number).values(case_tag="gone.00")
                    )
    here.done("backup", tmp_path / "backup")
    with world.app.app_context(), writing() as session:
        if then == "unreadable":
            rotating.mend(session, vault(world))
        number = session.get_one(CaseFile, case).number
        acting.hand_over(session, vault(world), world.officers[ME], (case, number), "away")
        for wanted in ("closed", "archived"):
            lifecycle.set_status(session, world.campaign, wanted)
    with stopped_at(now_ms() + 800 * 24 * 3600 * 1000):
        assert "1 cases were reduced" in here.done("cases", "reduce", "--months", 24, "--yes")
    away(world)
    for _ in range(2):  # the erasure of a restore is replayed by the next one, too
        here.done("restore", tmp_path / "backup", "--replace")
        with here.holding(world) as again:
            assert found(again, code) == ""
            with again.app.app_context(), writing() as session:
                assert session.get(CaseFile, case) is None
                rotating.mend(session, vault(again))
            with again.app.app_context(), reading() as session:
                lines = [case_log.opened(vault(again), row) for row in session.scalars(select(CaseLogLine))]
                assert [each["act"] for each in lines if each and each["case"] == case] == ["reduced"]
            assert faults(again) == ""
        away(again)


@pytest.mark.costly
def test_on_another_machine_keys_come_from_outside_the_backup(
    here: Machine, there: Machine, world: World, tmp_path: Path
) -> None:
    case, code = made(world)
    void = code
    here.done("backup", tmp_path / "backup")
    code = recoded(world, case)
    secret = (here.data_dir / "secret_key").read_text()
    packed = b"".join(path.read_bytes() for path in (tmp_path / "backup").rglob("*") if path.is_file())
    assert secret.strip().encode() not in packed
    there.done("restore", "--without-keys", tmp_path / "backup")
    result = there.loa("audit", "verify")
    assert result.exit_code == 1
    assert "of the cases' log: not to be checked: their key is not in the keyring." in result.output
    result = there.loa("cases", "rotate")
    assert result.exit_code == 1
    assert "cannot be read with the keys there are, and stay as they are" in result.output
    with there.holding(world) as wrong:
        assert found(wrong, void) == case, "holders open it by their own keys; that the code is void is not known here"
        with wrong.app.app_context(), writing() as session:
            held = vault(wrong)
            assert reducing.reduce(session, held, 12, dry=True).unread == 1
            rotating.mend(session, held)
            assert reducing.reduce(session, held, 12, dry=True).unread == 0, "made anew by who is in"
    same = Machine(there.url, tmp_path / "same", {"LOA_SECRET_KEY": secret})
    lost = here.data_dir / "revocations.ndjson"
    same.done("restore", tmp_path / "backup", "--replace", "--revocations", lost)
    assert "The audit log is whole." in same.done("audit", "verify")
    with same.holding(world) as right:
        assert found(right, void) == "", "void by the file of the machine that is gone"
        assert found(right, code) == case


def test_who_lost_the_key_since_the_backup_does_not_hold_it_again(here: Machine, world: World, tmp_path: Path) -> None:
    made(world)
    here.done("backup", tmp_path / "backup")
    with world.app.app_context(), writing() as session:
        losing.lose(session, world.officers["mat_nhanla"], "factor")
    away(world)
    here.done("restore", tmp_path / "backup", "--replace")
    with here.holding(world) as again, again.app.app_context(), reading() as session:
        rows = {name: session.get_one(KeyHolder, again.officers[name]) for name in (ME, "mat_nhanla")}
        assert rows["mat_nhanla"].lost_at is not None, "locked"
        assert rows[ME].wrapped, "others hold it as before"
        assert list(session.scalars(select(KeyOpening))) == []
