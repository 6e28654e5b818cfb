"""A release: made for real, installed without a network, upgraded, put back when a step fails, and rolled back.

The machine is folders of a test: /opt/loa, /etc and the data lie below `tmp_path`, and systemd does not run. What needs
it, the start of the unit, is left out; the unit is checked by `systemd-analyze` where that is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos import nginx
from server import migrate
from support.installation.ports import free_port

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.slow,
    pytest.mark.costly,
    pytest.mark.skipif(os.geteuid() != 0, reason="root installs"),
]

ROOT = Path(__file__).parents[2]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MIGRATION = '''"""A dummy table of the next release."""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{before}"
branch_labels = depends_on = None
def upgrade() -> None:
    op.create_table("dummy", sa.Column("id", sa.Integer, primary_key=True))
    {fault}
def downgrade() -> None:
    op.drop_table("dummy")
'''


@dataclass(frozen=True)
class Site:
    """The machine of a province, in a folder."""

    folder: Path
    key: Path

    @property
    def env(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "LOA_PREFIX": str(self.folder / "opt"),
            "LOA_SETTINGS": str(self.folder / "etc/loa.toml"),
            "LOA_SIGNERS": str(self.folder / "etc/allowed_signers"),
        }

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        done = [str(word) for word in words]
        return subprocess.run(done, env=self.env, capture_output=True, text=True, check=False, cwd="/")

    def loa(self, *words: object) -> subprocess.CompletedProcess[str]:
        return self.run(self.folder / "opt/current/bin/loa", *words)

    def done(self, *words: object) -> str:
        told = self.loa(*words)
        assert told.returncode == 0, told.stderr
        return told.stdout

    def now(self) -> str:
        return (self.folder / "opt/current").readlink().name


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The archive of this tree, with the packages of this Python alone, and the throw-away key that signed it."""
    if not os.environ.get("LOA_TEST_RELEASE"):
        pytest.skip("takes minutes and 150 MB: LOA_TEST_RELEASE=1 pytest --costly tests/release")
    key = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    env = os.environ | {"LOA_SIGNING_KEY": str(key)}
    subprocess.run([sys.executable, ROOT / "tools/release.py", PYTHON], env=env, check=True, capture_output=True)
    (made,) = (ROOT / "dist").glob("loa-*.tar.gz")
    return Path(shutil.copy(made, key.parent)), key


@pytest.fixture(scope="module")
def site(archive: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A machine with the release, its database filled, and an administrator; each test leaves it as it was."""
    tmp_path = tmp_path_factory.mktemp("site")
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.getuid() and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o755)
    made = Site(tmp_path, archive[1])
    (tmp_path / "etc").mkdir(mode=0o755)
    (tmp_path / "etc/allowed_signers").write_text(f"release {archive[1].with_suffix('.pub').read_text()}")
    (tmp_path / "answers.toml").write_text(
        f"""
        public_url = 'http://127.0.0.1:{(port := free_port())}'
        user = 'nobody'
        data_dir = '{tmp_path}/srv'
        backup_dir = '{tmp_path}/mnt/loa'
        database = 'sqlite'
        units = 'hung-yen-2025'
        port = {port}
        trusted_proxies = 0
        fingerprint = 'later'
        """
    )
    told = made.run("sh", unpacked(archive[0], tmp_path / "unpacked") / "install.sh", *_words(tmp_path))
    assert told.returncode == 0, told.stderr
    return made


def _words(folder: Path) -> tuple[str, ...]:
    return "--answers", str(folder / "answers.toml"), "--root", str(folder / "root")


def unpacked(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (made,) = folder.iterdir()
    return made


def next_release(archive: Path, key: Path, folder: Path, fault: str = "") -> Path:
    """The archive with a later version and one more migration, signed anew."""
    made = unpacked(archive, folder)
    (wheel,) = made.glob("wheels/loa-*.whl")
    with zipfile.ZipFile(wheel, "a") as file:
        (before,) = migrate.expected()
        file.writestr(
            "server/_data/migrations/versions/9999_dummy.py", MIGRATION.format(before=before, fault=fault or "pass")
        )
    about = json.loads((made / "release.json").read_text()) | {"version": "9.9.9"}
    (made / "release.json").write_text(json.dumps(about, indent=1))
    files = sorted(path for path in made.rglob("*") if path.is_file() and not path.name.startswith("SHA256SUMS"))
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(made)}\n" for path in files]
    (made / "SHA256SUMS").write_text("".join(lines))
    (made / "SHA256SUMS.sig").unlink()
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", "loa-release", made / "SHA256SUMS"], check=True)
    with tarfile.open(folder / "next.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(made, "loa-9.9.9")
    return folder / "next.tar.gz"


@pytest.fixture(scope="module")
def later(archive: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the next release."""
    return next_release(*archive, tmp_path_factory.mktemp("later"))


def test_it_is_installed_without_a_network_and_again(site: Site, archive: tuple[Path, Path]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\+[0-9a-f]{12}\n", site.done("--version"))
    assert "quantri: Quản trị; admin of Tỉnh Hưng Yên" in site.done("user", "list")
    assert {path.owner() for path in (site.folder / "srv").rglob("*")} == {"nobody"}
    root = site.folder / "root"
    assert "BEGIN CERTIFICATE REQUEST" in (root / "etc/ssl/loa.csr").read_text()
    assert "return 301 https://" in (root / "etc/nginx/conf.d/loa.conf").read_text()
    unit = (root / "etc/systemd/system/loa.service").read_text()
    assert f"ReadWritePaths={site.folder}/srv" in unit
    assert f"ExecStart={site.folder}/opt/current/bin/loa serve" in unit
    before = (site.folder / "etc/loa.toml").read_text()
    again = site.run(
        "sh",
        site.folder / "unpacked" / next((site.folder / "unpacked").iterdir()).name / "install.sh",
        *_words(site.folder),
    )
    assert again.returncode == 0, again.stderr
    assert "is kept" in again.stdout
    assert (site.folder / "etc/loa.toml").read_text() == before
    assert len(site.done("user", "list").splitlines()) == 1
    names = {part["name"] for part in json.loads((site.folder / "opt/current/sbom.json").read_text())["components"]}
    assert {"flask", "sqlalchemy", "psycopg-binary", "argon2-cffi"} <= names
    assert archive[0].stat().st_size > 10**7


def test_upgrade_and_back(site: Site, later: Path) -> None:
    old = site.now()
    there = site.done("db", "revision")
    opt = site.folder / "opt"
    assert "9.9.9" in site.done("upgrade", later, "--prefix", opt, "--dry-run")
    assert site.now() == old
    said = site.done("upgrade", later, "--prefix", opt)
    assert "9.9.9 is in force" in said
    assert (site.now(), site.done("db", "revision")) == ("9.9.9", "9999 9999\n")
    assert "of a newer Loa (revision 9999)" in site.run(opt / "last/bin/loa", "user", "list").stderr
    site.done("user", "add", "sau.nang.cap", "--name", "Sau", "--unit", "33", "--role", "reviewer")
    assert "Say --yes" in site.done("rollback", "--prefix", opt)
    assert f"{old} is in force again" in site.done("rollback", "--prefix", opt, "--yes")
    assert (site.now(), site.done("db", "revision")) == (old, there)
    assert "sau.nang.cap" not in site.done("user", "list")


def test_an_upgrade_that_fails_leaves_what_was(site: Site, archive: tuple[Path, Path], tmp_path: Path) -> None:
    old, there = site.now(), site.done("db", "revision")
    made = next_release(*archive, tmp_path / "next", fault='raise OSError(28, "No space left on device")')
    told = site.loa("upgrade", made, "--prefix", site.folder / "opt")
    assert told.returncode == 1
    assert f"{old} is back as it was" in told.stderr
    assert (site.now(), site.done("db", "revision")) == (old, there)
    assert not (site.folder / "opt/upgrade.json").exists()


def test_killed_after_the_tables_were_changed(site: Site, later: Path, tmp_path: Path) -> None:
    """As by a power cut: the next try puts back what was begun, and then upgrades."""
    old = site.now()
    new = unpacked(later, tmp_path / "new")
    assert site.run("sh", new / "install.sh", "--unpack-only").returncode == 0
    backup = site.folder / "mnt/loa/before"
    revision = site.done("db", "revision").split()[0]
    site.done("backup", backup)
    journal = {"old": old, "new": "9.9.9", "backup": str(backup), "revision": revision}
    (site.folder / "opt/upgrade.json").write_text(json.dumps(journal))
    assert site.run(site.folder / "opt/releases/9.9.9/bin/loa", "db", "upgrade").returncode == 0
    told = site.loa("upgrade", later, "--prefix", site.folder / "opt")
    assert told.returncode == 0, told.stderr
    assert f"An upgrade to 9.9.9 was put back; {old} is in force." in told.stderr
    assert site.done("db", "revision") == "9999 9999\n"
    site.done("rollback", "--prefix", site.folder / "opt", "--yes")


def test_a_foreign_or_damaged_archive_is_refused(site: Site, archive: tuple[Path, Path], tmp_path: Path) -> None:
    old = site.now()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "other"], check=True)
    foreign = next_release(archive[0], tmp_path / "other", tmp_path / "foreign")
    assert "No signature of" in site.loa("upgrade", foreign, "--prefix", site.folder / "opt").stderr
    made = unpacked(foreign, tmp_path / "damaged")
    (made / "install.sh").write_text("#!/bin/sh\ntouch /tmp/was-run\n")
    with tarfile.open(tmp_path / "damaged.tar.gz", "w:gz") as tar:
        tar.add(made, "loa-9.9.9")
    told = site.loa("upgrade", tmp_path / "damaged.tar.gz", "--prefix", site.folder / "opt")
    assert told.returncode == 1
    assert "install.sh" in told.stderr
    assert site.now() == old


def test_served_behind_nginx_and_nothing_is_migrated_meanwhile(site: Site) -> None:
    served = subprocess.Popen([site.folder / "opt/current/bin/loa", "serve"], env=site.env, stdout=subprocess.PIPE)
    try:
        assert served.stdout
        served.stdout.readline()
        for words in (("db", "upgrade"), ("db", "recount")):
            assert "stop loa serve first" in site.loa(*words).stderr
        if nginx.program():
            target = int(re.findall(r"port = (\d+)", (site.folder / "etc/loa.toml").read_text())[0])
            with (
                nginx.before(target, site.folder / "nginx") as port,
                urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/health") as answer,
            ):
                assert json.load(answer)["status"] == "ok"
    finally:
        served.terminate()
        served.wait(30)


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
