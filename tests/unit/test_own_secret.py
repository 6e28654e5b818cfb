"""A server with another secret than before would know none of its own cursors: it says so and does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.application import create_app
from server.cli.serve import REFUSED
from server.core.db import db, writing
from server.core.keyring_file import of_first
from server.processes.gunicorn_app import Served
from server.services.installation import own_secret
from server.settings import Settings
from support.installation.databases import Sqlite
from support.installation.machine import Machine
from support.world.world import world

pytestmark = pytest.mark.slow


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One whose server does all but serve."""
    monkeypatch.setattr(Served, "run", lambda _: None)
    made = Machine(Sqlite(tmp_path).fresh(), tmp_path / "data")
    made.done("init")
    made.done("serve")
    return made


def other_secret(machine: Machine) -> None:
    (machine.data_dir / "secret_key").write_text("another one, of at least 32 characters", "utf-8")


def test_a_new_secret_over_a_database_is_refused(machine: Machine) -> None:
    """B-17: one sentence; with the right one it starts."""
    kept = (machine.data_dir / "secret_key").read_text("utf-8")
    other_secret(machine)
    assert machine.refused("serve") == f"Error: {REFUSED}"
    (machine.data_dir / "secret_key").write_text(kept, "utf-8")
    machine.done("serve")


@pytest.mark.costly
def test_a_restore_takes_the_new_secret_and_says_so(machine: Machine, tmp_path: Path) -> None:
    """B-17: after an announced restore every phone begins anew, so no old cursor is asked after."""
    machine.done("backup", tmp_path / "backup")
    other_secret(machine)
    assert "another secret" in machine.done("restore", "--without-keys", tmp_path / "backup", "--replace")
    machine.done("serve")


def test_a_database_of_before_takes_the_secret_of_its_first_start(database_url: str, tmp_path: Path) -> None:
    """B-17."""
    with world(database_url, tmp_path / "data") as made, made.app.app_context():
        with writing() as session:
            assert own_secret.recognise(session, of_first("a" * 32))
        with writing() as session:
            assert own_secret.recognise(session, of_first("a" * 32))
            assert not own_secret.recognise(session, of_first("b" * 32))


def test_an_empty_database_takes_any(database_url: str, tmp_path: Path) -> None:
    """B-17: nobody has anything in it."""
    app = create_app(
        Settings.from_environment({"LOA_DATABASE_URL": database_url, "LOA_DATA_DIR": str(tmp_path / "data")})
    )
    with app.app_context():
        for secret in ("a" * 32, "b" * 32):
            with writing() as session:
                assert own_secret.recognise(session, of_first(secret))
        db.session.remove()
        db.engine.dispose()
