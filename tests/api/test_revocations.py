"""Who was shut out stays so, whatever database is put back (SPEC B-6)."""

from __future__ import annotations

import json
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.api import packing
from server.core.clock import now_ms, stopped_at
from server.core.db import reading, writing
from server.models import DeskSession, Device, Membership, Officer, RecoveryCode, SecondFactor, WriteRow
from server.services.access import accounts, desk_sessions, devices, second_factor
from server.services.access.second_factor import CodeOutcome
from server.services.continuity import revocations
from server.services.organisation import staff
from server.services.organisation.people import revoke
from server.services.units.scope import Scope
from server.serving.installation import installed
from support.clients.authenticator import given
from support.clients.client import Client
from support.world.workload import records
from support.world.world import World

pytestmark = pytest.mark.databases("sqlite")


def file_of(world: World) -> Path:
    path: Path = installed(world.app).settings.revocations_file
    return path


def lines(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file_of(world).read_text("utf-8").splitlines()]


def put_back(world: World) -> None:
    """What an older database says: nobody was shut out."""
    with world.app.app_context(), writing() as session:
        for table, column in ((Device, "revoked_at"), (Officer, "disabled_at"), (Membership, "ended_at")):
            session.execute(update(table).values({column: None}))
        session.execute(update(DeskSession).values(ended_at=None))


def reapply(world: World) -> int:
    with world.app.app_context(), writing() as session:
        return revocations.reapply(session)


def test_a_revoked_device_stays_revoked(world: World) -> None:
    calling, other = Client(world.app.test_client(), world.token("xa1")), world.token("xa2")
    with world.app.app_context(), writing() as session:
        device = devices.device_of(session, calling.token)
        assert device is not None
        revoke(session, Scope(session, world.officers["huyen"]), device.id)
        id_, at = device.id, device.revoked_at
    assert lines(world) == [{"at": at, "what": "device", "id": id_, "ended": True}]
    put_back(world)
    assert calling.post("/sync", json={}).status_code == 200
    assert reapply(world) == 1
    assert calling.post("/sync", json={}).status_code == 401
    assert Client(world.app.test_client(), other).post("/sync", json={}).status_code == 200
    assert reapply(world) == 0


def test_accounts_roles_and_sessions_too(world: World) -> None:
    with world.app.app_context(), writing() as session:
        token, left = (desk_sessions.open_session(session, world.officers[name]) for name in ("huyen", "phucu"))
        accounts.disable(session, session.get_one(Officer, world.officers["nhanla"]))
        staff.end_roles(session, world.officers["xa2"], world.units["12286"])
        desk_sessions.end_session(session, token)
    put_back(world)
    assert reapply(world) == 3
    with world.app.app_context(), writing() as session:
        assert session.get_one(Officer, world.officers["nhanla"]).disabled_at is not None
        assert Scope(session, world.officers["xa2"]).own_units() == []
        assert desk_sessions.state_of(session, token) is None
        assert desk_sessions.state_of(session, left) is not None


def test_used_recovery_codes_and_an_ended_second_factor_stay_so(world: World) -> None:
    """B-6: a code that was used before the backup was put back opens nothing, and neither does a lost authenticator."""
    huyen, phucu = world.officers["huyen"], world.officers["phucu"]
    with world.app.app_context(), writing() as session:
        mine, lost = (given(session, officer, world.keyring) for officer in (huyen, phucu))
    with world.app.app_context(), writing() as session:
        assert second_factor.check(session, huyen, mine[0], world.keyring) is CodeOutcome.GOOD
        assert second_factor.end(session, phucu)
    with world.app.app_context(), writing() as session:  # what an older database says
        session.execute(update(RecoveryCode).values(used_at=None))
        session.execute(update(SecondFactor).values(ended_at=None))
    with world.app.app_context(), writing() as session:
        assert second_factor.check(session, phucu, lost[0], world.keyring) is CodeOutcome.GOOD
    assert reapply(world) == 2
    with world.app.app_context(), writing() as session:
        outcomes = [second_factor.check(session, huyen, code, world.keyring) for code in mine[:2]]
        assert outcomes == [CodeOutcome.WRONG, CodeOutcome.GOOD]
        assert second_factor.check(session, phucu, lost[1], world.keyring) is CodeOutcome.WRONG


def test_the_last_line_of_an_id_holds(world: World) -> None:
    """Let in again is let in again."""
    for undo in (False, True):
        with world.app.app_context(), writing() as session:
            accounts.disable(session, session.get_one(Officer, world.officers["nhanla"]), undo=undo)
    assert [line["ended"] for line in lines(world)] == [True, False]
    assert reapply(world) == 0


def test_who_is_shut_out_by_a_clock_that_was_set_back_stays_so(world: World) -> None:
    """Let in again while it was ahead; and once more, and within one commit."""
    nhanla = world.officers["nhanla"]

    def disable(session: Session, *, undo: bool = False) -> None:
        accounts.disable(session, session.get_one(Officer, nhanla), undo=undo)

    with stopped_at(now_ms() + 24 * 3600 * 1000), world.app.app_context():
        for undo in (False, True):
            with writing() as session:
                disable(session, undo=undo)
    with world.app.app_context(), writing() as session:
        disable(session)
    put_back(world)
    assert reapply(world) == 1
    with world.app.app_context(), writing() as session:
        disable(session, undo=True)
        disable(session)
        disable(session, undo=True)
    put_back(world)
    assert reapply(world) == 0


def test_a_file_merged_in_does_not_outdo_what_was_said_later(world: World, tmp_path: Path) -> None:
    """A backup's copy knows that somebody was shut out, and not that they were let in again."""
    officer = world.officers["nhanla"]
    old = tmp_path / "old"
    for undo in (False, True):
        with world.app.app_context(), writing() as session:
            accounts.disable(session, session.get_one(Officer, officer), undo=undo)
        if not undo:
            (line,) = lines(world)
            old.write_text(json.dumps(line | {"at": line["at"] + 1}) + "\n")  # of another machine
            sleep(0.003)  # moments are milliseconds
    revocations.merge(file_of(world), old)
    assert [line["ended"] for line in lines(world)] == [True, False, True]
    assert reapply(world) == 0


def disable_and_fail(world: World) -> None:
    with world.app.app_context(), writing() as session:
        accounts.disable(session, session.get_one(Officer, world.officers["nhanla"]))
        raise RuntimeError


def test_a_file_merged_in_again_adds_nothing(tmp_path: Path) -> None:
    """A backup holds a copy of it: restored twenty times in an afternoon, it would have a million lines."""
    kept, copy = tmp_path / "kept", tmp_path / "copy"
    first, second = ({"at": at, "what": "device", "id": f"d{at}", "ended": True} for at in (1, 2))
    revocations.append(kept, [first])
    for _ in range(3):
        copy.write_bytes(kept.read_bytes() * 2)
        revocations.merge(kept, copy)
    assert [json.loads(line) for line in kept.read_text().splitlines()] == [first]
    kept.write_bytes(kept.read_bytes().rstrip())  # the power was cut at the very last byte
    revocations.merge(kept, copy)
    assert kept.read_bytes().endswith(b"}\n")
    revocations.append(copy, [second])
    revocations.merge(kept, copy)
    assert [json.loads(line) for line in kept.read_text().splitlines()] == [first, second]


def test_what_is_rolled_back_is_not_written(world: World) -> None:
    with pytest.raises(RuntimeError):
        disable_and_fail(world)
    assert not file_of(world).exists()


def test_a_file_that_cannot_be_written_shuts_nobody_out_half(world: World) -> None:
    file_of(world).mkdir()
    with pytest.raises(IsADirectoryError), world.app.app_context(), writing() as session:
        accounts.disable(session, session.get_one(Officer, world.officers["nhanla"]))
    with world.app.app_context(), writing() as session:
        assert session.get_one(Officer, world.officers["nhanla"]).disabled_at is None


def test_half_a_line_and_lines_of_a_newer_version_are_passed_over(world: World) -> None:
    file_of(world).write_text('{"at": 1, "what": "parade", "id": "r", "ended": true}\n[]\n{"at": 1, "wh')
    with world.app.app_context(), writing() as session:
        accounts.disable(session, session.get_one(Officer, world.officers["nhanla"]))
    put_back(world)
    assert reapply(world) == 1


@pytest.mark.parametrize("wanted", ["device", "officer"])
@pytest.mark.parametrize("writes", [0, 1])
def test_who_is_shut_out_while_a_request_comes_in(
    world: World, monkeypatch: pytest.MonkeyPatch, wanted: str, writes: int
) -> None:
    """L-7: at once, for writes too, and told nothing: a body may take minutes on a thin line."""
    one, read = Client(world.app.test_client(), world.token("xa1")), packing.read_json

    def slowly(incoming: Any) -> Any:
        body = read(incoming)
        with writing() as session:
            device = devices.device_of(session, one.token)
            assert device is not None
            if wanted == "device":
                device.revoked_at = now_ms()
            else:
                accounts.disable(session, session.get_one(Officer, device.officer_id))
        return body

    monkeypatch.setattr("server.api.packing.read_json", slowly)
    answer = one.post("/sync", json={"writes": records(writes, world.units["12286"], world.campaign)})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    with world.app.app_context(), reading() as session:
        assert session.scalars(select(WriteRow)).all() == []
