"""A backup of the main branch of 28/11/2026, whose tables are of 0049, comes back in the tables of 1.0 (SPEC B-5)."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, select

from server.application import create_app
from server.backups import layout, postgresql, sqlite, trial
from server.backups.pg_programs import program
from server.core.atomic_files import file_digest
from server.core.db import db, reading
from server.core.secrets_at_rest import fingerprints
from server.migrate import expected
from server.models import Record
from server.settings import Settings
from support.installation import released
from support.installation.databases import Engine
from support.installation.machine import Machine
from support.world.world import World

pytestmark = pytest.mark.databases("both")

RECORDED = Path(__file__).parents[1] / "e2e" / "recorded" / "app-3"


@pytest.fixture
def old(engine: Engine, tmp_path: Path) -> Machine:
    """The machine of then: tables of 0049, photos, keys."""
    kind = type(engine).__name__.lower()
    return Machine(released.put_up(engine, RECORDED / kind, tmp_path / "then"), tmp_path / "then")


@pytest.fixture
def taken(old: Machine, tmp_path: Path) -> Path:
    """The folder that `loa backup` wrote then: without a signature, its photos in it."""
    folder = tmp_path / "backup"
    (folder / layout.DATABASE).mkdir(parents=True)
    engine = create_engine(old.url)
    kind = engine.dialect.name
    if engine.dialect.name == "sqlite":
        file = sqlite.dump(engine, folder / layout.DATABASE)
    else:
        settings = Settings.from_environment(old.environment)
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            pg_dump = program("pg_dump", engine, settings.pg_bin)
            file = postgresql.dump(connection, folder / layout.DATABASE, pg_dump)
    engine.dispose()
    counts = {name: len(found) for name, found in old.rows().items() if name != postgresql.ALEMBIC}
    shutil.copytree(old.data_dir / layout.PHOTOS, folder / layout.PHOTOS)
    photos = [path for path in sorted((folder / layout.PHOTOS).rglob("*")) if path.is_file()]
    sums = [(str(path.relative_to(folder)), file_digest(path)) for path in (file, *photos)]
    manifest = layout.Manifest(
        format=layout.FORMATS[kind],
        loa="0.1.0",
        database=kind,
        revision="0049",
        taken_at=1_800_000_000_000,
        holds_until=None,
        tables=counts,
        photos=len(photos),
        photos_missing=0,
        secret=fingerprints(old.keyring)[0],
        sums=layout.write_sums(folder, sums),
    )
    said: dict[str, Any] = {name: value for name, value in asdict(manifest).items() if name != "signature"}
    write(folder, said)
    return folder


def write(folder: Path, said: dict[str, Any]) -> None:
    check = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    (folder / layout.MANIFEST).write_text(json.dumps(said | {"check": check}))


def with_keys(there: Machine, old: Machine) -> Machine:
    there.data_dir.mkdir()
    shutil.copy(old.data_dir / "secret_key", there.data_dir)
    return there


def test_all_of_it_comes_back_over_the_bridge(there: Machine, old: Machine, taken: Path) -> None:
    with_keys(there, old)
    before = old.rows()
    assert "it is from before 1.0" in there.refused("restore", taken)
    assert "4 records" in there.done("restore", "--unsigned", taken)
    after = there.rows()
    assert after["alembic_version"] == [repr(expected())]
    assert {name: len(after[name]) for name in ("write", "officer", "unit", "decision", "photo_ref")} == {
        name: len(before[name]) for name in ("write", "officer", "unit", "decision", "photo_ref")
    }
    app = create_app(Settings.from_environment(there.environment))
    with app.app_context():
        with reading() as session:
            assert len(session.scalars(select(Record.id)).all()) == 4
        db.session.remove()
        db.engine.dispose()


def test_it_is_tried_as_any_other(here: Machine, world: World, taken: Path) -> None:
    """A night's trial loads it into a scratch database and takes it over the bridge there."""
    with world.app.app_context():
        tried = trial.try_restore(Settings.from_environment(here.environment), taken)
    assert (tried.fault, tried.loaded) == ("", True)


@pytest.mark.parametrize(("revision", "says"), [("0048", "of a development version"), ("9999", "of a newer Loa")])
def test_one_of_other_tables_is_refused(there: Machine, taken: Path, revision: str, says: str) -> None:
    said = json.loads((taken / layout.MANIFEST).read_text())
    said.pop("check")
    write(taken, said | {"revision": revision})
    assert says in there.refused("restore", "--without-keys", taken)
    assert there.rows() == {}
