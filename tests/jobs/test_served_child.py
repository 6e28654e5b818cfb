"""`loa serve` keeps one process for jobs: started, started again, ended with it, however it ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from chaos.fleet import Worker
from server.commands import main
from server.core import data_dir_locks
from server.core.db import reading, writing
from server.models import Job
from server.processes.job_child import JobChild
from server.processes.job_worker import AUTOGROUP, NICE
from server.services.jobs.enqueuing import enqueue
from server.serving.installation import installed
from support.installation.databases import Sqlite
from support.installation.served import Served, forked
from support.jobs.inline import row
from support.waiting import until
from support.world.world import World
from support.world.world import world as make_world

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """On SQLite: the child does not know the difference."""
    (tmp_path / "databases").mkdir()
    with make_world(Sqlite(tmp_path / "databases").fresh(), tmp_path / "data") as made:
        yield made


@pytest.fixture
def server(world: World) -> Iterator[Served]:
    settings = installed(world.app).settings
    running = Served(settings.database_url, settings.data_dir, settings={"LOA_JOBS": "1", "LOA_WORKERS": "1"})
    running.start()
    yield running
    running.kill()


def children(server: Served) -> list[psutil.Process]:
    assert server.process is not None
    found = []
    for each in psutil.Process(server.process.pid).children():
        with suppress(psutil.NoSuchProcess):  # a zombie, too, has no command line
            if "worker" in each.cmdline():
                found.append(each)
    return found


def child(server: Served) -> psutil.Process:
    until(lambda: children(server))
    (found,) = children(server)
    return found


def states(world: World) -> dict[str, str]:
    with world.app.app_context(), reading() as session:
        return {row.kind: row.state for row in session.query(Job)}


def test_a_child_that_cannot_be_started_is_no_fault_of_the_server(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/program")
    one = JobChild()
    one.tend()
    one.tend()
    (line,) = caplog.messages
    assert "cannot be started (No such file or directory); next in 2 s" in line, "and not tried again at once"
    one.ask_to_end()
    one.end()


@pytest.mark.costly
def test_the_child_works_and_comes_back_and_goes_with_the_server(world: World, server: Served) -> None:
    first = child(server)
    until(lambda: first.nice() == NICE)
    night = ("access.compact", "audit.retain", "confidential.reseal", "jobs.clear")
    until(lambda: states(world) == dict.fromkeys(night, "done"))  # overdue, in an installation that never ran
    first.kill()
    until(lambda: [each.pid for each in children(server)] not in ([], [first.pid]))
    second = child(server)
    assert second.pid != first.pid
    assert "it is started again in 2 s" in server.log.read_text()
    with world.app.app_context(), writing() as session:
        id_ = enqueue(session, "jobs.clear")
    until(lambda: row(world, id_).state == "done")  # so it is up, and nobody but the kernel tells it of what follows
    assert server.process is not None
    arbiter = psutil.Process(server.process.pid)
    os.kill(arbiter.pid, signal.SIGKILL)  # it alone: nobody is left to end the child
    server.process.wait(5)
    until(lambda: not second.is_running())


def test_a_worker_of_its_own_gives_way_to_the_services_beside_it(world: World) -> None:
    """Its own `nice` does not count beside other sessions, which the kernel shares the processor among first."""
    if not (AUTOGROUP.exists() and AUTOGROUP.read_text()):
        pytest.skip("a kernel without autogroups")
    settings = installed(world.app).settings
    alone = Worker(settings.data_dir, {"LOA_DATABASE_URL": settings.database_url})
    alone.start()
    try:
        assert alone.process is not None
        session = Path(f"/proc/{alone.process.pid}/autogroup")
        until(lambda: session.read_text().endswith(f" nice {NICE}\n"))
    finally:
        alone.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.costly
def test_a_server_that_is_stopped_takes_its_child_along(server: Served, how: signal.Signals) -> None:
    process, worker = server.process, child(server)
    assert process is not None
    if how is signal.SIGTERM:
        worker.suspend()  # as one that hangs: it hears nothing, and is killed
    process.send_signal(how)
    assert process.wait(30) == 0
    assert not worker.is_running(), "the server waits for it"


def test_without_the_setting_there_is_none(world: World) -> None:
    settings = installed(world.app).settings
    with forked(settings.database_url, settings.data_dir, LOA_WORKERS="1") as running:
        assert children(running) == []


def test_no_worker_during_a_restore(world: World) -> None:
    settings = installed(world.app).settings
    env = {"LOA_DATABASE_URL": settings.database_url, "LOA_DATA_DIR": str(settings.data_dir)}
    with data_dir_locks.restoring(settings.data_dir) as may:
        assert may
        told = CliRunner(env=env).invoke(main, ["worker"])
    assert told.exit_code == 1
    assert told.output == "Error: A restore is running; start loa worker again when it has ended.\n"
