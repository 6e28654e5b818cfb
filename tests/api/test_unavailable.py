"""A database that cannot write now is 503 with Retry-After, whatever its driver says, and health says so (X-25)."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, EDQUOT, EIO, ENOSPC, EROFS
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from chaos.room import room
from server import health
from server.core import atomic_files
from server.core.db import db, reading
from server.core.unavailable import is_unavailable
from server.models import Mark
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.continuity import marks
from server.serving.installation import installed
from support.checks.audit_log import faults, heads_file
from support.checks.unlogged import refused_by_the_file, refused_by_the_folder
from support.clients.client import MakeClient
from support.installation.databases import Sqlite
from support.world.workload import records
from support.world.world import World
from support.world.world import world as make_world
from sync.errors import CODES


@contextmanager
def read_only(world: World, url: str) -> Iterator[None]:
    """The database takes no write, as a standby after a failover, or a disk that was mounted read only."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
        if url.startswith("sqlite"):

            def close(connection: sqlite3.Connection, _record: object) -> None:
                connection.execute("PRAGMA query_only=ON")

            event.listen(db.engine, "connect", close)
            yield
            event.remove(db.engine, "connect", close)
        else:
            _default(url, "on")
            yield
            _default(url, "off")
        db.session.remove()
        db.engine.dispose()


def _default(url: str, value: str) -> None:
    """For connections made from now on."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}'.encode())


def _asked(world: World) -> int:
    """Of health, now and not of some seconds ago."""
    kept: health.HealthProbe = installed(world.app).health
    kept.forget()
    answer = world.app.test_client().get("/api/v1/health")
    if answer.status_code == 503:
        assert (answer.get_json()["code"], answer.headers["Retry-After"]) == ("unavailable", "30")
    return answer.status_code


def test_read_only(world: World, client: MakeClient, database_url: str) -> None:
    one, writes = client("xa1"), records(3, world.units["12286"], world.campaign)
    assert _asked(world) == 200
    with read_only(world, database_url):
        answer = one.post("/sync", json={"writes": writes})
        assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
        assert answer.headers["Retry-After"] == "30"
        assert one.post("/sync", json={}).status_code == 200  # reading goes on
        assert _asked(world) == 503
    assert _asked(world) == 200
    assert [row["result"] for row in one.sync(*writes)["results"]] == ["stored"] * 3


def test_health_is_tried_every_few_seconds_and_not_with_every_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []
    write = health.HealthProbe._write  # noqa: SLF001  # counted, not replaced

    def counted(self: health.HealthProbe) -> bool:
        tries.append(time.monotonic())
        return write(self)

    monkeypatch.setattr(health.HealthProbe, "_write", counted)
    monkeypatch.setattr(health, "EVERY_S", 600.0)
    http = world.app.test_client()
    assert [http.get("/api/v1/health").status_code for _ in range(50)] == [200] * 50
    assert len(tries) == 1
    monkeypatch.setattr(health, "EVERY_S", 0.0)
    assert [http.get("/api/v1/health").status_code for _ in range(3)] == [200] * 3
    assert len(tries) == 4


@pytest.mark.parametrize("refuse", [refused_by_the_file, refused_by_the_folder])
def test_health_says_so_while_acts_are_refused_for_their_line(
    world: World, refuse: Callable[[World], Callable[[], None]]
) -> None:
    """The database takes writes; the file of the audit log's heads beside it does not."""
    assert _asked(world) == 200
    mend = refuse(world)
    with world.app.app_context(), pytest.raises(log.NotLogged):
        log.note(Act.LOG_READ)
    assert _asked(world) == 503
    mend()
    assert _asked(world) == 200
    with world.app.app_context():
        log.note(Act.LOG_READ)
    assert faults(world) == []


def test_health_leaves_the_heads_of_the_audit_log_alone(world: World) -> None:
    """It waits for no act that writes there, none waits for it, and who verifies the log sees no trace of it."""
    path = heads_file(world)
    path.unlink(missing_ok=True)
    assert _asked(world) == 200
    assert not path.exists()
    with world.app.app_context():
        log.note(Act.LOG_READ)
    before, kept = path.stat(), path.read_bytes()
    with atomic_files.alone(path):
        assert _asked(world) == 200  # who waits for the file waits for this test
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns, path.read_bytes()) == (before.st_mtime_ns, before.st_ctime_ns, kept)


def test_health_tries_the_disk_where_the_heads_really_are(world: World, tmp_path: Path) -> None:
    """The file may be a link to another disk, so that it survives the one of the database."""
    with room(tmp_path / "small") as disk:
        if not disk.mounted:
            pytest.skip("no small disk can be mounted here")
        path, there = heads_file(world), disk.folder / "heads.ndjson"
        path.unlink(missing_ok=True)
        there.touch()
        path.symlink_to(there)
        assert _asked(world) == 200
        with suppress(OSError), (disk.folder / "ballast").open("wb", buffering=0) as ballast:
            while ballast.write(bytes(4096)):
                pass
        assert _asked(world) == 503
        (disk.folder / "ballast").unlink()
        assert _asked(world) == 200


def test_health_leaves_nothing_behind(world: World) -> None:
    def rows() -> list[tuple[str]]:
        with world.app.app_context(), db.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql("SELECT key FROM meta ORDER BY key")]

    before = rows()
    assert _asked(world) == 200
    assert rows() == before


def test_health_makes_no_mark(world: World) -> None:
    """B-10: a mark stands for something stored; one of an idle server would prove a restore that lost nothing."""
    with world.app.app_context():
        marks.keep_in(db.engine, installed(world.app).settings.data_dir / marks.NAME)  # as if a minute had passed
    kept: health.HealthProbe = installed(world.app).health
    with world.app.app_context(), reading() as session:
        before = session.scalar(select(func.count()).select_from(Mark))
    kept.forget()
    assert world.app.test_client().get("/api/v1/health").status_code == 200
    with world.app.app_context(), reading() as session:
        assert session.scalar(select(func.count()).select_from(Mark)) == before


def test_health_answers_while_the_database_hangs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last answer stands for a while; then it is no longer believed. Nobody waits for the try."""
    assert _asked(world) == 200
    monkeypatch.setattr(health, "EVERY_S", 0.0)
    held = world.app.test_client()
    with _held(world):
        monkeypatch.setattr(health, "STANDS_S", 60.0)
        assert held.get("/api/v1/health").status_code == 200
        assert "health" in {each.name for each in threading.enumerate()}, "the try is under way yet"
        monkeypatch.setattr(health, "STANDS_S", 0.0)
        assert held.get("/api/v1/health").status_code == 503
    monkeypatch.setattr(health, "STANDS_S", 60.0)
    assert _asked(world) == 200


def test_health_says_that_an_upgrade_ran_beside_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "EVERY_S", 0.0)
    before = _revision_set(world, "9999")
    answer = world.app.test_client().get("/api/v1/health")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "wrong_tables")
    assert _revision_set(world, before) == "9999"
    assert _asked(world) == 200


@pytest.mark.databases("both")
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_health_says_that_it_does_not_reach_the_database(world: World) -> None:
    """PostgreSQL has stopped: nobody listens where it did."""
    assert _asked(world) == 200
    with _out_of_reach(world):
        installed(world.app).health.forget()
        answer = world.app.test_client().get("/api/v1/health")
    assert (answer.status_code, answer.headers["Retry-After"]) == (CODES["no_database"].status, "30")
    assert (answer.get_json()["code"], answer.get_json()["detail"]) == ("no_database", CODES["no_database"].vi)
    assert _asked(world) == 200


@contextmanager
def _out_of_reach(world: World) -> Iterator[None]:
    """The socket has another name, and connections that are open are closed."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
        socket = next(Path(str(db.engine.url.query["host"])).glob(".s.PGSQL.*[0-9]"))
        hidden = socket.rename(socket.with_name("hidden"))
        try:
            yield
        finally:
            hidden.rename(socket)


def _revision_set(world: World, to: str) -> str:
    """Returns what was there."""
    with world.app.app_context(), db.engine.begin() as connection:
        before = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())
        connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": to})
    return before


@contextmanager
def _held(world: World) -> Iterator[None]:
    """Somebody holds the table, or the file, that a write needs."""
    with world.app.app_context(), db.engine.connect() as other:
        if db.engine.dialect.name == "postgresql":
            other.exec_driver_sql("LOCK TABLE meta IN ACCESS EXCLUSIVE MODE")
            yield
            other.rollback()
            return
        raw = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        yield
        raw.close()


def test_health_of_a_full_disk(tmp_path: Path) -> None:
    """SQLite alone would take the write, and find at the commit that it does not fit."""
    with room(tmp_path / "small") as disk:
        if not disk.mounted:
            pytest.skip("no small disk can be mounted here")
        url = f"sqlite:///{disk.folder / 'loa.sqlite'}"
        _copied(tmp_path, disk.folder / "loa.sqlite")
        with make_world(url, tmp_path / "data") as world:
            assert _asked(world) == 200
            (disk.folder / "ballast").touch()
            with suppress(OSError), (disk.folder / "ballast").open("wb", buffering=0) as ballast:
                while ballast.write(bytes(4096)):
                    pass
            assert _asked(world) == 503
            (disk.folder / "ballast").unlink()
            assert _asked(world) == 200


def _copied(folder: Path, to: Path) -> None:
    made = Path(Sqlite(folder).fresh().removeprefix("sqlite:///"))
    to.write_bytes(made.read_bytes())


@pytest.mark.parametrize(
    "state",
    ["08006", "08001", "25006", "40P01", "53100", "53200", "53300", "55P03", "57P01", "57P02", "57P03", "58030"],
)
def test_states_of_postgresql_that_pass(state: str) -> None:
    """Each in the class its driver gives it."""
    error = psycopg.errors.lookup(state)("")
    assert error.sqlstate == state
    assert is_unavailable(DBAPIError("", {}, error))


@pytest.mark.parametrize("state", ["22P05", "23505", "42601", "42P01", "XX000"])
def test_states_of_postgresql_that_do_not(state: str) -> None:
    assert not is_unavailable(DBAPIError("", {}, psycopg.errors.lookup(state)("")))


def test_sqlite_by_its_codes() -> None:
    def of(code: int) -> bool:
        error = sqlite3.OperationalError("")
        error.sqlite_errorcode = code
        return is_unavailable(DBAPIError("", {}, error))

    passing = [sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_READONLY_DBMOVED, sqlite3.SQLITE_BUSY]
    assert [of(code) for code in passing] == [True] * 4
    assert not of(sqlite3.SQLITE_ERROR)  # no such table: a fault of ours


def test_disks() -> None:
    assert [is_unavailable(OSError(number, "")) for number in (ENOSPC, EROFS, EDQUOT, EIO, EACCES)] == [
        True,
        True,
        True,
        True,
        False,
    ]
