"""PostgreSQL is dumped and loaded by its own programs: the right ones, as of one moment, whole or not at all (B-5)."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

from server.core.db import db
from support.clients.client import Client, shot
from support.clients.uploading import announce
from support.installation.backups import bring, kept_records
from support.installation.databases import Engine, Postgresql
from support.installation.machine import Machine
from support.installation.pg_programs import around, other_version
from support.world.world import World

pytestmark = pytest.mark.parametrize("engine", ["postgresql"], indirect=True)

PASSWORD = "p@ss:/w%rd' \"\\ =một?#&"


@pytest.mark.costly
def test_programs_of_another_version_are_refused_before_anything_is_written(
    here: Machine, there: Machine, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOA_PG_BIN", other_version())
    said = here.refused("backup", tmp_path / "new" / "b")
    assert "pg_dump is of PostgreSQL 16 and the server is 18; nothing was written. Set LOA_PG_BIN to " in said
    assert not (tmp_path / "new").exists()
    said = there.refused("restore", "--without-keys", backup)
    assert "pg_restore is of PostgreSQL 16 and the server is 18; nothing was written." in said
    assert there.rows() == {}
    assert not list(there.data_dir.glob("photos/*/*"))


def test_programs_that_are_not_there_are_named(
    here: Machine, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert world.campaign
    monkeypatch.setenv("LOA_PG_BIN", str(tmp_path))
    assert f"There is no pg_dump in {tmp_path}; nothing was written." in here.refused("backup", tmp_path / "b")
    monkeypatch.setenv("LOA_PG_BIN", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "There is no pg_dump on PATH; nothing was written." in here.refused("backup", tmp_path / "b")
    assert not (tmp_path / "b").exists()


@pytest.mark.costly
def test_database_and_list_of_photos_are_of_one_moment(
    here: Machine, there: Machine, world: World, calling: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is stored before pg_dump begins, and after the photos were listed, is in neither."""
    begun, go, later, real = tmp_path / "begun", tmp_path / "go", shot(3), os.environ["LOA_PG_BIN"]
    wait = f"touch {begun}; while [ ! -e {go} ]; do sleep 0.05; done"
    monkeypatch.setenv("LOA_PG_BIN", around(tmp_path / "slow", "pg_dump", before=wait))
    done: list[str] = []
    backing_up = threading.Thread(target=lambda: done.append(here.done("backup", tmp_path / "b")))
    backing_up.start()
    try:
        while not begun.exists():
            assert backing_up.is_alive()
            time.sleep(0.05)
        announce(world, calling, later)
        bring(calling, later)
    finally:
        go.touch()
        backing_up.join()
    assert "2 records and 5 photos" in done[0]
    monkeypatch.setenv("LOA_PG_BIN", real)
    assert "2 records; 5 photos and files of campaigns, each checked." in there.done(
        "restore", "--without-keys", tmp_path / "b"
    )
    counts = json.loads((tmp_path / "b" / "manifest.json").read_text())["tables"]
    assert {name: len(there.rows()[name]) for name in ("record", "write", "photo", "photo_ref")} == {
        name: counts[name] for name in ("record", "write", "photo", "photo_ref")
    }
    assert len(here.rows()["record"]) == 3


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", 'truncate -s 3000 "$file"; kill -9 $$', "pg_dump was killed by signal 9"),
        ("", 'truncate -s 0 "$file"; exit 3', "pg_dump ended with 3"),
        ("trap '' XFSZ; ulimit -f 4", "", "File too large"),
    ],
)
def test_a_dump_that_is_cut_short_leaves_no_backup(
    here: Machine,
    calling: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    after: str,
    said: str,
) -> None:
    """Killed, failed, and on a disk that takes no more."""
    assert calling.token
    monkeypatch.setenv("LOA_PG_BIN", around(tmp_path / "bin", "pg_dump", before, after))
    told = here.refused("backup", tmp_path / "b")
    assert "The backup was not finished" in told
    assert said in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bin", "data"]


def test_a_pg_restore_that_is_killed_leaves_what_was_there(
    here: Machine, world: World, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even when it was through: the old database comes back, and the next restore keeps it aside."""
    with world.app.app_context():
        db.session.remove()
        db.engine.dispose()
    before = here.rows()
    with monkeypatch.context() as patched:
        patched.setenv("LOA_PG_BIN", around(tmp_path / "bin", "pg_restore", after="kill -9 $$"))
        said = here.refused("restore", backup, "--replace")
    assert "pg_restore was killed by signal 9). The database is as it was and may be served" in said
    assert here.rows() == before
    kept = here.done("restore", backup, "--replace").partition("is kept: ")[2].partition(".\n")[0]
    assert kept_records(here, kept) == 2


@pytest.fixture
def owner(engine: Engine) -> Iterator[URL]:
    """A role that signs in by a password full of signs, and owns two databases; it is no superuser."""
    assert isinstance(engine, Postgresql)
    with engine.role("cán bộ @1", PASSWORD) as url:
        yield url


@pytest.mark.costly
def test_a_password_full_of_signs_is_on_no_command_line(
    owner: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong one is refused, so it was this one that opened the door."""
    url = owner.render_as_string(hide_password=False)
    here = Machine(url, tmp_path / "data")
    there = Machine(owner.set(database="other").render_as_string(hide_password=False), tmp_path / "elsewhere")
    here.done("init")
    seen = tmp_path / "seen"
    with monkeypatch.context() as patched:
        patched.setenv("LOA_PG_BIN", around(tmp_path / "bin", "pg_dump", before=f'printf "%s\\n" "$0" "$@" > {seen}'))
        here.done("backup", tmp_path / "b")
    assert "--format=custom" in seen.read_text()
    assert "p@ss" not in seen.read_text()
    assert "p%40ss" not in seen.read_text()
    there.done("restore", "--without-keys", tmp_path / "b")
    assert there.rows()["unit"] == here.rows()["unit"]
    wrong = Machine(owner.set(password="wrong").render_as_string(hide_password=False), here.data_dir)
    assert "password authentication failed" in wrong.refused("backup", tmp_path / "c")


@pytest.mark.costly
def test_tables_stay_in_their_schema(here: Machine, there: Machine, backup: Path) -> None:
    """The archive names it: another is refused with what to set, and what others have beside it stays out."""
    plain = there.url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute('CREATE SCHEMA "Lo""a"')
    url = make_url(there.url).update_query_dict({"options": '-csearch_path="Lo""a"'})
    apart = Machine(url.render_as_string(hide_password=False), there.data_dir)
    said = apart.refused("restore", "--without-keys", backup)
    assert 'in the schema public, and this database uses Lo"a; nothing was changed.' in said
    assert apart.rows() == {}
    apart.done("init")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.of_others (id text)")
    apart.done("backup", backup.with_name("apart"))
    assert "of_others" not in (backup.with_name("apart") / "database" / "loa.dump").read_bytes().decode("latin-1")
    units = apart.rows()["unit"]
    apart.done("restore", "--without-keys", backup.with_name("apart"), "--replace")
    assert apart.rows()["unit"] == units
    assert "nothing was changed" in here.refused("restore", "--without-keys", backup.with_name("apart"))
    with psycopg.connect(plain) as connection:
        assert connection.execute(sql.SQL("SELECT count(*) FROM public.of_others")).fetchone() == (0,)
