"""A release: made for real, installed without a network, upgraded, put back when a step fails, and rolled back.

The machine is folders of a test: /opt/loa, /etc and the data lie below `tmp_path`, and systemd does not run. What needs
it, the start of the unit, is left out; the unit is checked by `systemd-analyze` where that is. One story is in
`make costly`; faults, kills and PostgreSQL are in `make releases`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine

from chaos import nginx
from support.installation.databases import ENGINES, Engine
from support.installation.ports import free_port
from support.installation.release_archive import next_release, unpacked

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="root installs"),
]

ROOT = Path(__file__).parents[2]
POWER_CUT = '''"""Ends an upgrade or rollback, with all it started, before its nth outer step or amid the tables."""
import os, signal, sys, threading, time
words, done = sys.orig_argv, 0
def look(event, args):
    global done
    if event == "subprocess.Popen":
        step = "run " + " ".join(map(str, args[1][1:3])) if str(args[0]).endswith("bin/loa") else ""
    elif event in ("os.rename", "os.remove", "os.symlink"):
        step = f"{event} {args[1] if event != 'os.remove' else args[0]}"
        step = step if os.environ["LOA_PREFIX"] in step and "/loa-" not in step else ""
    else:
        return
    if step:
        done += 1
        with open(os.environ["TEST_STEPS"], "a") as file:
            file.write(step + "\\n")
        if done == int(os.environ["TEST_CUT"]):
            os.killpg(0, signal.SIGKILL)
if "TEST_CUT" in os.environ and words[2:3] in (["upgrade"], ["rollback"]):
    sys.addaudithook(look)
def wait():
    while not os.path.getsize(os.environ["TEST_MARK"]):
        time.sleep(0.05)
    os.killpg(0, signal.SIGKILL)
if os.environ.get("TEST_FAULT") == "power" and words[2:3] == ["upgrade"]:
    threading.Thread(target=wait, daemon=True).start()
'''


@dataclass(frozen=True)
class Site:
    """The machine of a province, in a folder."""

    folder: Path
    key: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LOA_PG_BIN": os.environ.get("LOA_PG_BIN", ""),
            "LOA_PREFIX": str(self.folder / "opt"),
            "LOA_SETTINGS": str(self.folder / "etc/loa.toml"),
            "LOA_SIGNERS": str(self.folder / "etc/allowed_signers"),
            **self.more,
        }

    @property
    def opt(self) -> Path:
        return self.folder / "opt"

    def run(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a program as in a session of its own, which a cut of its power ends whole."""
        done = [str(word) for word in words]
        output, errors = self.folder / "stdout", self.folder / "stderr"
        with output.open("w") as out, errors.open("w") as err:
            code = subprocess.run(
                done, env=self.env | more, stdout=out, stderr=err, check=False, cwd="/", start_new_session=True
            ).returncode
        return subprocess.CompletedProcess(done, code, output.read_text(), errors.read_text())

    def loa(self, *words: object, **more: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.opt / "current/bin/loa", *words, **more)

    def done(self, *words: object) -> str:
        told = self.loa(*words)
        assert told.returncode == 0, told.stderr
        return told.stdout

    def install(self) -> subprocess.CompletedProcess[str]:
        (unpacked,) = (self.folder / "unpacked").iterdir()
        words = ("--answers", self.folder / "answers.toml", "--root", self.folder / "root")
        return self.run("sh", unpacked / "install.sh", *words)

    def upgrade(self, archive: Path, **more: str) -> subprocess.CompletedProcess[str]:
        return self.loa("upgrade", archive, "--prefix", self.opt, **more)

    def rollback(self, *words: str) -> str:
        return self.done("rollback", "--prefix", self.opt, *words)

    def state(self) -> tuple[str, str, str]:
        """The version in force, the tables, and the accounts."""
        return (self.opt / "current").readlink().name, self.done("db", "revision"), self.done("user", "list")


@pytest.fixture(scope="module")
def site(
    request: pytest.FixtureRequest,
    archive: tuple[Path, Path],
    database_engine: Callable[[str], Engine],
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """A machine with the release, its database filled, and an administrator; each test leaves it as it was."""
    tmp_path = tmp_path_factory.mktemp("site")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o755)
    # The tests' PostgreSQL listens in a folder of root's alone.
    user, database = (
        ("root", database_engine("postgresql").empty()) if request.param == "postgresql" else ("nobody", "sqlite")
    )
    made = Site(tmp_path, archive[1])
    (tmp_path / "etc").mkdir(mode=0o755)
    (tmp_path / "etc/allowed_signers").write_text(f"release {archive[1].with_suffix('.pub').read_text()}")
    (tmp_path / "answers.toml").write_text(
        f"""
        public_url = 'http://127.0.0.1:{(port := free_port())}'
        user = '{user}'
        data_dir = '{tmp_path}/srv'
        backup_dir = '{tmp_path}/mnt/loa'
        database = '{database}'
        units = 'hung-yen-2025'
        port = {port}
        trusted_proxies = 0
        fingerprint = 'later'
        """
    )
    unpacked(archive[0], tmp_path / "unpacked")
    told = made.install()
    assert told.returncode == 0, told.stderr
    return made


@pytest.mark.costly
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_release_is_installed_upgraded_and_rolled_back(site: Site, later: Path) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12} \((tag \S+, )?tables \d{4}\)\n", site.done("--version"))
    assert "quantri: Quản trị; admin of Tỉnh Hưng Yên" in site.done("user", "list")
    assert {path.owner() for path in (site.folder / "srv").rglob("*")} == {"nobody"}
    root = site.folder / "root"
    assert "BEGIN CERTIFICATE REQUEST" in (root / "etc/ssl/loa.csr").read_text()
    assert "return 301 https://" in (root / "etc/nginx/conf.d/loa.conf").read_text()
    unit = (root / "etc/systemd/system/loa.service").read_text()
    assert f"ReadWritePaths={site.folder}/srv" in unit
    assert f"ExecStart={site.opt}/current/bin/loa serve" in unit
    names = {part["name"] for part in json.loads((site.opt / "current/sbom.json").read_text())["components"]}
    assert {"flask", "sqlalchemy", "psycopg-binary", "argon2-cffi", "preact", "idb", "leaflet"} <= names
    upgraded_and_back(site, later)


def upgraded_and_back(site: Site, later: Path) -> None:
    """What was made after the upgrade is gone with it; what was before is as it was."""
    before = site.state()
    old = before[0]
    told = site.upgrade(later)
    assert told.returncode == 0, told.stderr
    assert "9.9.9 is in force" in told.stdout
    assert site.state() == ("9.9.9", "9999 9999\n", before[2])
    assert site.done("--version").startswith("9.9.9+")
    # The step needed no stop: the release before can live beside the tables, and does not touch them.
    last = site.opt / "last/bin/loa"
    assert "quantri: Quản trị; admin of Tỉnh Hưng Yên" in site.run(last, "user", "list").stdout
    assert "of a newer Loa (revision 9999)" in site.run(last, "db", "upgrade").stderr
    site.done("user", "add", "sau.nang.cap", "--name", "Sau", "--unit", "33", "--role", "reviewer")
    apart = json.loads((site.opt / "before.json").read_text())["backup"]
    assert Path(apart).parent == site.folder / "mnt/loa/upgrades"
    assert not (Path(apart) / "photos").exists()
    assert "Say --yes" in site.rollback()
    back = site.rollback("--yes")
    assert f"{old} is in force again" in back
    assert "What was in the database is kept: " in back
    assert site.state() == before
    assert "There was no upgrade" in site.loa("rollback", "--prefix", site.opt).stderr


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_upgrade_and_back_on_postgresql(site: Site, later: Path) -> None:
    upgraded_and_back(site, later)


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_a_step_that_needs_a_stop_is_refused_before_the_backup(
    site: Site, archive: tuple[Path, Path], tmp_path: Path
) -> None:
    """Another host was forgotten. Once it is stopped, the same command goes on."""
    stopping = next_release(*archive, tmp_path, 'NEEDS_STOP = True\nSTOP_REASON = "rules are in another table"')
    before, backups = site.state(), sorted((site.folder / "mnt/loa").rglob("*"))
    other = create_engine(tomllib.loads((site.folder / "etc/loa.toml").read_text())["database_url"])
    with other.connect():
        told = site.upgrade(stopping)
        assert told.returncode != 0
        assert "Step 9999 of the tables needs a stop: rules are in another table" in told.stdout
        assert "needs a stop, and others are connected" in told.stderr
        assert f"{before[0]} is back as it was" in told.stderr
        assert site.state() == before
        assert sorted((site.folder / "mnt/loa").rglob("*")) == backups, "nobody waited for a backup"
    other.dispose()
    told = site.upgrade(stopping)
    assert told.returncode == 0, told.stderr
    site.rollback("--yes")
    assert site.state() == before


DEBIAN_POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
MAKES = """
ip link set lo up
runuser -u postgres -- {bin}/initdb -D {data} -A scram-sha-256 --auth-local=peer >/dev/null
runuser -u postgres -- {bin}/pg_ctl -w -D {data} -o "-k {sockets} -h 127.0.0.1" -l {data}/log start >/dev/null
{python} -c '
import subprocess, sys
from server.cli.install import _database
first, again = _database("loa"), _database("loa")
for url in (first, again):
    upgraded = [sys.executable, "-m", "server.commands", "db", "upgrade"]
    done = subprocess.run(upgraded, env={{"LOA_DATABASE_URL": url, "LOA_DATA_DIR": "{sockets}", "PATH": "/usr/bin"}})
    print("upgraded", done.returncode)
'
runuser -u postgres -- psql -tAqc "SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'loa'"
runuser -u postgres -- psql -tAqc "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'loa'"
runuser -u postgres -- {bin}/pg_ctl -w -D {data} stop -m fast >/dev/null
"""
"""In a network of its own, where the port of a Debian's PostgreSQL is free."""


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.skipif(not DEBIAN_POSTGRESQL, reason="no PostgreSQL of the system, whose user makes roles")
def test_role_and_database_of_postgresql_are_made(tmp_path: Path) -> None:
    """Made once, with a new password each time, for a role that is no superuser; it may make databases, for trials."""
    with TemporaryDirectory(prefix="loa-role-") as folder:  # pytest's own folders are root's
        shutil.chown(folder, "postgres")
        data, sockets = Path(folder) / "data", Path(folder)
        sockets.chmod(0o711)
        script = tmp_path / "make.sh"
        script.write_text(
            "set -e\n" + MAKES.format(bin=DEBIAN_POSTGRESQL[-1], data=data, sockets=sockets, python=sys.executable)
        )
        env = {**os.environ, "PGHOST": folder, "LC_ALL": "C.UTF-8"}
        words: list[str | Path] = ["unshare", "--net", "sh", script]
        done = subprocess.run(words, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line for line in done.stdout.splitlines() if not line.startswith("Database: ")]
    assert [line for line in said if line] == ["upgraded 1", "upgraded 0", "f|t", "loa"], done.stdout + done.stderr


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_installed_again_it_keeps_what_is_there(site: Site, later: Path) -> None:
    settings = (site.folder / "etc/loa.toml").read_text()
    before = site.state()
    again = site.install()
    assert again.returncode == 0, again.stderr
    assert "is kept" in again.stdout
    assert "its tables are of this version" in again.stdout.partition("What is left to do")[2]
    assert (site.folder / "etc/loa.toml").read_text() == settings
    assert site.state() == before
    assert "9.9.9" in site.done("upgrade", later, "--prefix", site.opt, "--dry-run")
    assert site.state() == before


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ENGINES, indirect=True)
def test_an_upgrade_that_fails_leaves_what_was(site: Site, later: Path) -> None:
    before = site.state()
    told = site.upgrade(later, TEST_FAULT="full")
    assert told.returncode == 1
    assert f"{before[0]} is back as it was" in told.stderr
    assert site.state() == before
    assert not (site.opt / "upgrade.json").exists()


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_backup_that_fails_ends_the_upgrade_and_the_old_one_serves(site: Site, later: Path, tmp_path: Path) -> None:
    before = site.state()
    (tmp_path / "file").write_text("")
    told = site.upgrade(later, LOA_BACKUP_DIR=str(tmp_path / "file" / "loa"))
    assert told.returncode == 1
    assert f"{before[0]} is back as it was" in told.stderr
    assert "Start loa serve again" in told.stderr
    assert site.state() == before


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_nothing_of_an_older_upgrade_is_brought_back(site: Site, later: Path) -> None:
    """And of this one only by a rollback that somebody orders: in the days after a power cut people worked on."""
    before = site.state()
    assert site.upgrade(later).returncode == 0
    after = site.state()
    noted = site.opt / "before.json"
    made = json.loads(noted.read_text())
    noted.write_text(json.dumps(made | {"old": "0.0.1", "new": "0.0.2"}))
    assert "0.0.2, which is not in force" in site.loa("rollback", "--prefix", site.opt, "--yes").stderr
    noted.write_text(json.dumps(made | {"backup": f"{made['backup']}-gone"}))
    assert "is gone, so there is no way back" in site.loa("rollback", "--prefix", site.opt, "--yes").stderr
    noted.write_text(json.dumps(made))
    (site.opt / "upgrade.json").write_text(json.dumps(made | {"back": True}))
    told = site.upgrade(later)
    assert f"A rollback to {before[0]} had changed nothing yet; 9.9.9 is in force." in told.stderr
    assert site.state() == after
    site.rollback("--yes")
    assert site.state() == before


def cutting(folder: Path, at: int) -> dict[str, str]:
    """The environment in which the power is cut before step `at`, never with 0; the file `steps` lists them."""
    (folder / "sitecustomize.py").write_text(POWER_CUT)
    (folder / "steps").write_text("")
    return {"PYTHONPATH": str(folder), "TEST_STEPS": str(folder / "steps"), "TEST_CUT": str(at)}


def cut_amid_the_tables(site: Site, later: Path, folder: Path) -> None:
    """The migration runs as the service user, who may not kill the upgrade: it says that it is there, and waits."""
    mark = site.folder / "mark"
    mark.write_text("")
    mark.chmod(0o666)
    told = site.upgrade(later, **cutting(folder, 0), TEST_FAULT="power", TEST_MARK=str(mark))
    assert told.returncode == -signal.SIGKILL, told.stderr


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ENGINES, indirect=True)
def test_a_power_cut_amid_the_tables(site: Site, later: Path, tmp_path: Path) -> None:
    before = site.state()
    cut_amid_the_tables(site, later, tmp_path)
    told = site.upgrade(later)
    assert told.returncode == 0, told.stderr
    assert f"An upgrade to 9.9.9 was put back; {before[0]} is in force." in told.stderr
    assert site.state() == ("9.9.9", "9999 9999\n", before[2])
    site.rollback("--yes")
    assert site.state() == before


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_power_cut_at_each_step_back(site: Site, later: Path, tmp_path: Path) -> None:
    """A rollback that was begun is ended by the same command."""
    before = site.state()
    words = ("rollback", "--prefix", site.opt, "--yes")
    assert site.upgrade(later).returncode == 0
    assert site.loa(*words, **cutting(tmp_path, 0)).returncode == 0
    count = len((tmp_path / "steps").read_text().splitlines())
    assert count >= 6
    for at in range(1, count + 1):
        assert site.upgrade(later).returncode == 0
        assert site.loa(*words, **cutting(tmp_path, at)).returncode == -signal.SIGKILL
        if (site.opt / "upgrade.json").exists() or (site.opt / "current").readlink().name == "9.9.9":
            site.rollback("--yes")
        assert site.state() == before, (tmp_path / "steps").read_text()
        assert not (site.opt / "upgrade.json").exists()


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ENGINES, indirect=True)
def test_a_power_cut_at_each_step(site: Site, later: Path, tmp_path: Path) -> None:
    """Before the switch all goes back, after it the upgrade is done; it can be tried again from each.

    Each cut takes a minute or two: `LOA_FIRST_CUT=15` goes on from there, and `-s` tells how far it is.
    """
    before = site.state()
    after = ("9.9.9", "9999 9999\n", before[2])
    steps = tmp_path / "steps"

    def cut(at: int, **more: str) -> int:
        return site.upgrade(later, **cutting(tmp_path, at), **more).returncode

    assert cut(0) == 0
    count = len(steps.read_text().splitlines())
    assert count >= 9
    site.rollback("--yes")
    ended, first = [], int(os.environ.get("LOA_FIRST_CUT", "1"))
    for at in range(first, count + 1):
        assert cut(at) == -signal.SIGKILL
        step = steps.read_text().splitlines()[-1]
        print(f"cut {at} of {count}: {step}", flush=True)
        if (site.opt / "upgrade.json").exists():
            site.rollback()
        found = site.state()
        assert found in (before, after), step
        assert not (site.opt / "upgrade.json").exists(), step
        ended.append(found == after)
        if found == after:
            site.rollback("--yes")
            assert site.state() == before, step
    assert ended == sorted(ended)
    assert ended[-1]
    assert first > 1 or not ended[0]


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_a_foreign_or_damaged_archive_is_refused(site: Site, archive: tuple[Path, Path], tmp_path: Path) -> None:
    before = site.state()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    foreign = next_release(archive[0], tmp_path / "other", tmp_path / "foreign")
    assert "No signature of" in site.upgrade(foreign).stderr
    made = unpacked(foreign, tmp_path / "damaged")
    (made / "install.sh").write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    with tarfile.open(tmp_path / "damaged.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(made, "loa-9.9.9")
    told = site.upgrade(tmp_path / "damaged.tar.gz")
    assert told.returncode == 1
    assert "install.sh" in told.stderr
    assert not (tmp_path / "was-run").exists()
    (tmp_path / "cut.tar.gz").write_bytes(foreign.read_bytes()[:-1000])
    assert "copy it again" in site.upgrade(tmp_path / "cut.tar.gz").stderr
    assert site.state() == before


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_an_archive_of_the_same_version_is_not_taken_for_what_is_there(site: Site, tmp_path: Path) -> None:
    """A release that was made again: the one in force is never changed under a running service."""
    (there,) = (site.folder / "unpacked").iterdir()
    shutil.copytree(there, other := tmp_path / "other")
    with (other / "SHA256SUMS").open("a") as file:
        file.write(f"{hashlib.sha256(b'').hexdigest()}  more\n")
    (other / "more").write_text("")
    (other / "SHA256SUMS.sig").unlink()
    words: list[str | Path] = [
        "ssh-keygen",
        "-q",
        "-Y",
        "sign",
        "-f",
        site.key,
        "-n",
        "loa-release",
        other / "SHA256SUMS",
    ]
    subprocess.run(words, check=True)
    told = site.run("sh", other / "install.sh", "--unpack-only")
    assert told.returncode == 1
    assert "is what serves; nothing was installed" in told.stderr


@pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed")
@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_served_behind_nginx_and_nothing_is_migrated_meanwhile(site: Site) -> None:
    words: list[str | Path] = [site.opt / "current/bin/loa", "serve"]
    with subprocess.Popen(words, env=site.env, stdout=subprocess.PIPE) as served:
        try:
            assert served.stdout
            served.stdout.readline()
            for each in (("db", "upgrade"), ("db", "recount")):
                assert "stop loa serve first" in site.loa(*each).stderr
            if nginx.program():
                target = int(re.findall(r"port = (\d+)", (site.folder / "etc/loa.toml").read_text())[0])
                with (
                    nginx.before(target, site.folder / "nginx") as port,
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health") as answer,
                ):
                    assert json.load(answer)["status"] == "ok"
        finally:
            served.terminate()
            try:
                served.wait(30)
            except subprocess.TimeoutExpired:  # leaving the block would wait for it without an end
                served.kill()
                raise


@pytest.mark.costly
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_unit_is_hardened() -> None:
    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", ROOT / "deploy/loa.service"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    found = re.search(r"exposure level for loa.service: (\d+\.\d+)", said)
    assert found
    assert float(found[1]) <= 1.5
