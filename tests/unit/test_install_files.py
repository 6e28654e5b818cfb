"""The unit and nginx's block that `loa install` writes, and install.sh of a release that somebody added to."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from server.checks import CheckContext, machine
from server.cli import install
from server.cli.machine_setup import Releases, healthy
from server.core.clock import now_ms
from server.settings import Settings
from support.installation.certificate import certificate
from support.installation.databases import Engine
from support.installation.served import served
from support.world.world import fill

ROOT = Path(__file__).parents[2]


@pytest.fixture
def said(tmp_path: Path) -> dict[str, str]:
    return {
        "LOA_PUBLIC_URL": "https://hungyen.example.vn",
        "LOA_USER": "nobody",
        "LOA_DATA_DIR": str(tmp_path / "srv"),
        "LOA_BACKUP_DIR": str(tmp_path / "mnt"),
        "LOA_PORT": "8123",
        "LOA_TRUSTED_PROXIES": "1",
    }


def written(said: dict[str, str], folder: Path, prefix: Path) -> Path:
    install._files(install.InstallPlan(Releases(prefix), folder / "loa.toml", folder), said)  # noqa: SLF001
    return folder / "etc"


def test_a_backup_disk_that_is_not_mounted_keeps_nobody_from_starting(said: dict[str, str], tmp_path: Path) -> None:
    """systemd refuses to start a unit whose ReadWritePaths is not there, but for a dash before it."""
    unit = (written(said, tmp_path, tmp_path / "opt") / "systemd/system/loa.service").read_text()
    assert f"ReadWritePaths=-{said['LOA_BACKUP_DIR']}\n" in unit
    assert f"ReadWritePaths={said['LOA_DATA_DIR']}\n" in unit


def test_the_unit_and_nginx_reach_this_machine_alone(said: dict[str, str], tmp_path: Path) -> None:
    """Whatever else an installation calls is an address that its administrator adds (docs/operate.md)."""
    etc = written(said, tmp_path, tmp_path / "opt")
    for unit in (ROOT / "deploy/loa.service", etc / "systemd/system/loa.service"):
        lines = unit.read_text().splitlines()
        assert [line for line in lines if line.startswith("IPAddress")] == [
            "IPAddressAllow=localhost",
            "IPAddressDeny=any",
        ]
    for block, port in ((ROOT / "deploy/loa.conf", 8080), (etc / "nginx/conf.d/loa.conf", 8123)):
        rules = re.sub(r"#.*", "", block.read_text())
        passed = re.findall(r"\b(\w+_pass|resolver)\s+([^;]+);", rules)
        assert len(passed) > 5
        assert set(passed) == {("proxy_pass", "http://loa"), ("proxy_pass", "http://loa_rescue")}
        assert re.findall(r"\bupstream (\w+)", rules) == ["loa", "loa_rescue"]
        assert re.findall(r"\bserver ([^{; ]+)[^{;]*;", rules) == [f"127.0.0.1:{port}"] * 2


def test_folders_of_the_whole_machine_are_open_to_its_programs(said: dict[str, str], tmp_path: Path) -> None:
    """On a bare Debian /etc/ssl is not there yet; what it will hold is read by all, the key alone is not."""
    before = os.umask(0o077)
    try:
        etc = written(said, tmp_path / "root", tmp_path / "opt")
    finally:
        os.umask(before)
    for name in ("ssl", "systemd/system", "nginx/conf.d"):
        assert (etc / name).stat().st_mode & 0o777 == 0o755
    assert (etc / "ssl/loa.key").stat().st_mode & 0o777 == 0o600


def test_what_install_wrote_is_of_this_version(
    said: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever port, name and prefix; one changed rule is found."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "opt/releases/1.0.0"))
    etc = written(said, tmp_path, tmp_path / "opt")
    monkeypatch.setattr(machine, "UNIT", etc / "systemd/system/loa.service")
    monkeypatch.setattr(machine, "NGINX", etc / "nginx/conf.d/loa.conf")
    context = CheckContext(Settings.from_environment(said, make=False), None, now_ms())
    host = "  server 127.0.0.1:"
    block = machine.NGINX.read_text()
    machine.NGINX.write_text(block.replace(host, f"  server 10.0.0.2:8080;\n{host}", 1))  # a second host, as advised
    assert [(one.outcome, one.values["what"]) for one in machine.service(context)] == [
        ("same", "unit"),
        ("same", "nginx"),
    ]
    for path, rule, other in (
        (machine.UNIT, "NoNewPrivileges=yes", "NoNewPrivileges=no"),
        (machine.NGINX, "limit_conn loa_lines 1000", "limit_conn loa_lines 1"),
    ):
        path.write_text(path.read_text().replace(rule, other))
    assert [one.outcome for one in machine.service(context)] == ["other", "other"]


@pytest.mark.slow
def test_the_trial_of_a_release_with_its_own_certificate(
    database_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """The certificate names the public address, and the trial asks on this machine: it was never well."""
    with served(database_engine("sqlite").fresh(fill), tmp_path / "data", **certificate(tmp_path)) as server:
        assert server.url.startswith("https://")
        assert healthy(server.url)


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """What install.sh needs of a release until it makes the environment; nobody signed it."""
    folder = tmp_path / "loa-1.0.0"
    folder.mkdir()
    (folder / "install.sh").write_bytes((ROOT / "deploy/install.sh").read_bytes())
    (folder / "release.json").write_text('{\n "version": "1.0.0"\n}')
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(lines))
    return folder


@pytest.mark.parametrize("paper", ["README.md", "docs/operate.md", "docs/vi/van-hanh.md"])
def test_the_signature_is_looked_at_before_the_archive_is_run(paper: str) -> None:
    """A forged install.sh would call itself genuine."""
    text = (ROOT / paper).read_text("utf-8")
    checked = "ssh-keygen -Y verify -f /etc/loa/allowed_signers -I release -n loa-release -s SHA256SUMS.sig <SHA256SUMS"
    assert 0 < text.index(f"{checked} && sha256sum --quiet -c SHA256SUMS") < text.index("sudo sh install.sh")


@pytest.mark.parametrize("added", ["pip/__main__.py", "venv.py", "wheels/loa-1.0.0-py3-none-any.whl"])
def test_a_file_that_the_list_does_not_name_is_never_run(release: Path, tmp_path: Path, added: str) -> None:
    """Python looks into the folder in which it is started before all others: so that file ran, as root."""
    (release / added).parent.mkdir(exist_ok=True)
    (release / added).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    done = _installed(release, tmp_path)
    assert done.returncode == 1
    assert f"The list does not name these files, or they are gone; nothing was installed:\n{added}" in done.stderr
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "opt").exists()


def test_it_speaks_the_language_of_the_shell(release: Path, tmp_path: Path) -> None:
    (release / "run.txt").write_text("")
    done = _installed(release, tmp_path, LANG="vi_VN.UTF-8")
    assert "Các tệp sau không có trong danh sách, hoặc đã mất; chưa cài đặt gì:\nrun.txt" in done.stderr
    done = _installed(release, tmp_path, LANG="vi_VN.UTF-8", LC_ALL="C.UTF-8")
    assert "The list does not name these files" in done.stderr


def test_python_does_not_look_into_the_folder(release: Path, tmp_path: Path) -> None:
    """Even if the list named it: a module there goes before none of Python's own."""
    (release / "venv.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    digest = hashlib.sha256((release / "venv.py").read_bytes()).hexdigest()
    (release / "SHA256SUMS").write_text((release / "SHA256SUMS").read_text() + f"{digest}  venv.py\n")
    assert _installed(release, tmp_path).returncode != 0  # it has no wheels
    assert (tmp_path / "opt/releases/1.0.0/bin/python").exists()
    assert not (tmp_path / "ran").exists()


def _installed(release: Path, tmp_path: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "LOA_PREFIX": str(tmp_path / "opt"), "LOA_SIGNERS": str(tmp_path / "none")}
    words = ["sh", str(release / "install.sh"), "--unpack-only"]
    return subprocess.run(words, env=env | more, capture_output=True, text=True, check=False)
