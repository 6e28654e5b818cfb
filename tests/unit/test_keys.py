"""`loa keys`: a key is added while nothing serves, and retired when nothing needs it any more."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from server.cli.serve import REFUSED
from server.core import data_dir_locks, keyring_file
from server.core.keyring import FIRST
from server.processes.gunicorn_app import Served
from support.installation.databases import Sqlite
from support.installation.machine import Machine
from support.installation.rotated import machine_of, start
from support.world.world import world

pytestmark = pytest.mark.slow


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """One whose server does all but serve."""
    monkeypatch.setattr(Served, "run", lambda _: None)
    made = Machine(Sqlite(tmp_path).fresh(), tmp_path / "data")
    made.done("init")
    return made


def ids(machine: Machine) -> list[str]:
    """The ids of all keys, the newest first."""
    return [line.split()[0] for line in machine.done("keys", "list").splitlines()]


def add(machine: Machine) -> str:
    found = re.match(r"Key ([0-9a-f]{8}) is in", machine.done("keys", "add"))
    assert found
    return found[1]


@pytest.mark.costly
def test_add_serve_and_retire(machine: Machine) -> None:
    machine.done("serve")
    assert machine.done("keys", "list") == "0         the first secret; current\n"
    one = add(machine)
    assert ids(machine) == [one, FIRST]
    assert (machine.data_dir / keyring_file.NAME).stat().st_mode & 0o777 == 0o600
    machine.done("serve")
    assert "nothing known needs it" in machine.done("keys", "list")
    assert "LOA_SECRET_KEY and the file secret_key are not read any more" in machine.done("keys", "retire", FIRST)
    (machine.data_dir / "secret_key").unlink()
    machine.done("serve")
    two = add(machine)
    machine.done("serve")
    assert ids(machine) == [two, one]
    machine.done("keys", "retire", one)
    assert ids(machine) == [two]
    machine.done("serve")
    assert not (machine.data_dir / "secret_key").exists()
    assert "The audit log is whole." in machine.done("audit", "verify"), "lines of three keys, two of them retired"


def test_a_worker_without_the_newest_key_is_refused(machine: Machine) -> None:
    machine.done("serve")
    add(machine)
    machine.done("serve")
    (machine.data_dir / keyring_file.NAME).unlink()
    assert machine.refused("worker") == f"Error: {REFUSED}"


def test_nothing_changes_beside_a_server(machine: Machine) -> None:
    machine.done("serve")
    with data_dir_locks.serving(machine.data_dir) as may:
        assert may
        for words in (("add",), ("retire", FIRST)):
            assert "stop loa serve first" in machine.refused("keys", *words)
    assert ids(machine) == [FIRST]


@pytest.mark.costly
def test_a_key_is_retired_only_behind_a_newer_one_in_use(machine: Machine) -> None:
    assert "start loa serve once first" in machine.refused("keys", "add")
    machine.done("serve")
    assert "There is no key nope" in machine.refused("keys", "retire", "nope")
    assert "the current key" in machine.refused("keys", "retire", FIRST)
    one = add(machine)
    assert "not served with yet" in machine.refused("keys", "retire", FIRST, "--yes")
    assert ids(machine) == [one, FIRST]


def test_with_the_wrong_secret_no_key_is_added(machine: Machine) -> None:
    """As where the settings were not read in: the ring would belong to a secret that serves nothing."""
    machine.done("serve")
    (machine.data_dir / "secret_key").write_text("another one, of at least 32 characters", "utf-8")
    assert machine.refused("keys", "add") == f"Error: {REFUSED}"
    assert not (machine.data_dir / keyring_file.NAME).exists()


def test_a_host_without_the_newest_key_does_not_start(machine: Machine) -> None:
    """B-17"""
    machine.done("serve")
    file = machine.data_dir / keyring_file.NAME
    add(machine)
    before = file.read_text("utf-8")
    add(machine)
    after = file.read_text("utf-8")
    machine.done("serve")
    file.unlink()
    assert machine.refused("serve") == f"Error: {REFUSED}"
    file.write_text(before, "utf-8")
    file.chmod(0o600)
    assert machine.refused("serve") == f"Error: {REFUSED}"
    file.write_text(after, "utf-8")
    machine.done("serve")


def test_an_open_or_damaged_ring_stops_every_command(machine: Machine) -> None:
    machine.done("serve")
    add(machine)
    file = machine.data_dir / keyring_file.NAME
    file.chmod(0o644)
    for words in (("serve",), ("keys", "list"), ("code", "--user", "quantri")):
        assert "chmod 600" in machine.refused(*words)
    file.chmod(0o600)
    file.write_text("{")
    assert "damaged" in machine.refused("serve")


@pytest.mark.costly
def test_a_backup_is_known_by_any_key_of_the_ring(machine: Machine, tmp_path: Path) -> None:
    """B-5, B-17: taken before a key was added, and after."""
    machine.done("serve")
    machine.done("backup", tmp_path / "before")
    add(machine)
    machine.done("serve")
    machine.done("backup", tmp_path / "after")
    assert "another secret" not in machine.done("restore", tmp_path / "before", "--replace")
    machine.done("serve")
    assert "another secret" not in machine.done("restore", tmp_path / "after", "--replace")
    machine.done("serve")
    (machine.data_dir / keyring_file.NAME).unlink()
    assert "another secret" in machine.done("restore", "--without-keys", tmp_path / "after", "--replace")
    machine.done("serve")
    names = {path.name for path in (tmp_path / "after").rglob("*")}
    assert names.isdisjoint({keyring_file.NAME, "secret_key"})
    assert json.loads((tmp_path / "after" / "manifest.json").read_text("utf-8"))["secret"]


def test_what_still_needs_a_key_is_counted(database_url: str, tmp_path: Path) -> None:
    """Phones seal with it, a code was printed with it; a program has no rescue files, and who was shut out no code."""
    with world(database_url, tmp_path / "data") as made:
        machine = machine_of(made)
        made.token("xa1")
        made.code("xa2")
        start(made.app)
        one = add(machine)
        with machine.holding(made) as later:
            start(later.app)
            later.token("nhanla")
            later.code("dinhcao")
        said = machine.refused("keys", "retire", FIRST)
        assert "1 phones that enrolled with it or earlier" in said
        assert "(1 of them not heard of since the next key), 1 codes, 0 rescue files" in said
        two = add(machine)
        with machine.holding(made) as last:
            start(last.app)
        said = machine.refused("keys", "retire", one)
        assert "2 phones" in said, "the older phone may have taken this key from the catalogue"
        assert "1 codes" in said, "the other code is the older key's"
        assert ids(machine) == [two, one, FIRST]
        machine.done("keys", "retire", one, "--yes")
        assert ids(machine) == [two, FIRST]
        assert "2 phones" in machine.refused("keys", "retire", FIRST), "those of the key between count as of the older"
