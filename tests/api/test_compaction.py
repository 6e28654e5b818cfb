"""What is of no use any more goes, and nothing that a rule or a restore needs (SPEC B-6, B-8, B-9)."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from server.core.clock import new_id, now_ms, stopped_at
from server.core.db import reading, writing
from server.models import DeskSession, EnrolmentCode, RecoveryCode, SecondFactor, WelcomeLink
from server.services.access import compaction, desk_sessions, second_factor, welcome
from server.services.continuity import revocations
from server.services.continuity.revocations import SESSIONS_MS, append, compact
from server.services.records.tombstones import Order
from server.services.recovery import purges
from server.serving.installation import installed
from support.clients.authenticator import given
from support.clients.client import Client, shot
from support.clients.uploading import announce
from support.installation.machine import Machine
from support.jobs.inline import done
from support.world.world import World

DAY_MS = 24 * 3600 * 1000
Line = dict[str, Any]


def ways_in(world: World) -> list[int]:
    with world.app.app_context(), reading() as session:
        tables = (EnrolmentCode, WelcomeLink, DeskSession)
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


def open_ways(world: World) -> None:
    world.code("xa1")
    with world.app.app_context(), writing() as session:
        welcome.make_welcome(session, world.officers["xa1"])
        desk_sessions.open_session(session, world.officers["xa1"])


def test_ways_in_go_long_after_they_ended(world: World) -> None:
    open_ways(world)
    with stopped_at(now_ms() + 80 * DAY_MS):
        open_ways(world)
        with world.app.app_context(), writing() as session:
            assert compaction.rows(session) == 0
    with stopped_at(now_ms() + 98 * DAY_MS), world.app.app_context(), writing() as session:
        assert [compaction.rows(session), compaction.rows(session)] == [3, 0]
    assert ways_in(world) == [1, 1, 1]


def test_second_factors_that_ended_go_with_their_codes_and_the_one_in_use_stays(world: World) -> None:
    officer = world.officers["huyen"]
    with world.app.app_context(), writing() as session:
        given(session, officer, world.keyring)
        given(session, officer, world.keyring)  # takes its place
        second_factor.begin(session, officer, world.keyring)
    with stopped_at(now_ms() + 91 * DAY_MS), world.app.app_context(), writing() as session:
        assert compaction.rows(session) == 1 + 1 + 10
        assert second_factor.in_use(session, officer) is not None
        left = [session.scalar(select(func.count()).select_from(table)) for table in (SecondFactor, RecoveryCode)]
        assert left == [1, 10]


def test_it_is_a_job_and_a_chore(world: World) -> None:
    file = Path(installed(world.app).settings.revocations_file)
    id_ = new_id()
    append(file, [line("officer", id_, 1), line("officer", id_, 2, ended=False)])
    open_ways(world)
    with stopped_at(now_ms() + 200 * DAY_MS):
        assert done(world, "access.compact").state == "done"
        assert installed(world.app).jobs.chores["revocations.compact"].run()
    assert ways_in(world) == [0, 0, 0]
    assert [each["ended"] for each in lines_of(file)] == [False]


def test_the_command_does_it_and_says_so(world: World) -> None:
    file = Path(installed(world.app).settings.revocations_file)
    id_ = new_id()
    append(file, [line("officer", id_, 1), line("officer", id_, 2, ended=False)])
    here = Machine(str(world.app.config["SQLALCHEMY_DATABASE_URI"]), file.parent)
    open_ways(world)
    with stopped_at(now_ms() + 200 * DAY_MS):
        said = here.done("sweep")
    assert "3 expired codes, links and sessions, and 1 superseded lines of revocations.ndjson removed." in said
    assert [each["ended"] for each in lines_of(file)] == [False]


def line(what: str, id_: str, at: int, *, ended: bool = True, **more: Any) -> Line:
    return {"at": at, "what": what, "id": id_, "ended": ended, **more}


def lines_of(path: Path) -> list[Line]:
    return [json.loads(text) for text in path.read_text("utf-8").splitlines()]


def test_the_file_keeps_what_holds_and_all_that_a_restore_needs(tmp_path: Path) -> None:
    """An older copy of the database, and an older file merged in later, are told what they were told before."""
    now, path = now_ms(), tmp_path / "revocations.ndjson"
    device, officer = line("device", "d", 1), line("officer", "o", 3, ended=False)
    purge, restore = line("purge", "p", 5, photos=[]), line("restore", "6", 6)
    fresh = line("session", "new", now - SESSIONS_MS)
    path.write_text(
        "".join(
            f"{json.dumps(each)}\n"
            for each in (
                device,
                line("officer", "o", 2),
                officer,
                line("session", "old", now - SESSIONS_MS - 1),
                purge,
                purge,
                {"what": "of a newer Loa", "at": 1},
                restore,
                line("membership", "m", 9, ended=False),
                line("membership", "m", 4),  # merged in behind a later one
                fresh,
            )
        )
        + '{"at": 7, "wha',
        "utf-8",
    )
    path.chmod(0o640)
    assert [compact(path, now), compact(path, now)] == [4, 0]
    texts = path.read_text("utf-8").splitlines()
    kept = [
        device,
        officer,
        purge,
        {"what": "of a newer Loa", "at": 1},
        restore,
        line("membership", "m", 9, ended=False),
    ]
    assert [json.loads(text) for text in texts[:-1]] == [*kept, fresh]
    assert texts[-1] == '{"at": 7, "wha', "a line that was cut is nobody's to drop"
    assert (path.stat().st_mode & 0o777, [each.name for each in tmp_path.iterdir()]) == (0o640, [path.name])


def test_what_is_written_meanwhile_is_not_lost(tmp_path: Path) -> None:
    """Others wait for the file while it is written anew, and then write to the new one."""
    path, ids = tmp_path / "revocations.ndjson", [new_id() for _ in range(200)]

    def write(mine: list[str]) -> None:
        for id_ in mine:
            append(path, [line("device", id_, 1)])
            append(path, [line("device", id_, 1)])

    writers = [threading.Thread(target=write, args=(ids[nth::4],)) for nth in range(4)]
    for writer in writers:
        writer.start()
    gone = 0
    while any(writer.is_alive() for writer in writers):
        gone += compact(path, now_ms()) if path.exists() else 0
    for writer in writers:
        writer.join()
    gone += compact(path, now_ms())
    assert sorted(each["id"] for each in lines_of(path)) == sorted(ids)
    assert gone == len(ids)


def test_a_purge_and_an_end_hold_after_the_file_was_compacted(world: World) -> None:
    """B-6, B-9: by the real reader, on a database put back."""
    one = Client(world.app.test_client(), world.token("xa1"))
    gone = announce(world, one, shot(1))
    with world.app.app_context(), writing() as session:
        order = Order(world.officers["quantri"], "để thử", now_ms())
        purges.purge(session, [gone], order, installed(world.app).blobs)
    file = Path(installed(world.app).settings.revocations_file)
    file.write_text(file.read_text("utf-8") * 3, "utf-8")
    before = read(world)
    assert compact(file, now_ms()) == 2
    assert len(read(world)) == 1
    assert read(world) == before


def read(world: World) -> list[Line]:
    with world.app.app_context(), reading() as session:
        return revocations.purges(session)
