"""A release on a Debian that has Python and nothing else, without a network: installed, served, upgraded, gone back.

`debootstrap` makes the root once and keeps it in `.cache/`; each test works on a copy, in namespaces of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from support.installation.release_archive import made_archive, next_release

SUITES = {"bookworm": "3.11", "trixie": "3.13"}
"""Debian 12 and 13, and their Python."""
ROOTS = Path(__file__).parents[2] / ".cache" / "debian"
PACKAGES = "python3,openssh-client"
ANSWERS = """
public_url = 'http://127.0.0.1:8080'
user = 'loa'
data_dir = '/srv/loa'
backup_dir = '/mnt/backup/loa'
database = 'sqlite'
units = 'hung-yen-2025'
port = 8080
trusted_proxies = 0
fingerprint = 'later'
"""
LIFE = """
set -eux
timed() {
    began=$(date +%s)
    "$@"
    echo "$(($(date +%s) - began)) s: $*"
}
cd /root
mkdir release && tar -xzf loa.tar.gz -C release --strip-components 1
install -D -m 644 key.txt /etc/loa/allowed_signers
timed sh release/install.sh --answers /root/answers.toml
loa --version
test "$(stat -c %U /srv/loa)" = loa
loa user list | grep -F 'quantri: Quản trị; admin of Tỉnh Hưng Yên'
loa backup
loa backup verify
loa doctor || test $? -eq 1
loa serve > /root/served &
until grep -q . /root/served; do sleep 0.2; done
python3 -c "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/api/v1/health').read())"
kill $! && wait $! || true
timed loa upgrade /root/next.tar.gz
loa --version | grep -F 9.9.9
timed loa rollback --yes
loa user list | grep -F 'quantri: '
! loa upgrade /root/damaged.tar.gz
loa user list | grep -F 'quantri: '

: a full disk
mkdir /mnt/full && mount -t tmpfs -o size=100k none /mnt/full && chown loa /mnt/full
! LOA_BACKUP_DIR=/mnt/full loa upgrade /root/next.tar.gz 2> /root/said
grep -F '/mnt/full has 0 MB left' /root/said
! LOA_BACKUP_DIR=/mnt/full loa backup
loa user list | grep -F 'quantri: '

: a new machine, with other keys and then with those on paper
night=$(ls -d /mnt/backup/loa/nights/* | tail -n 1)
cp -p /etc/loa/secret_key /root/on-paper
head -c 48 /dev/urandom | base64 -w 0 > /etc/loa/secret_key
mv /srv/loa /srv/dead && install -d -m 700 -o loa -g loa /srv/loa
! loa restore "$night" 2> /root/said
grep -F 'The keys of this backup are not here' /root/said
cat /root/on-paper > /etc/loa/secret_key
timed loa restore "$night"
loa user list | grep -F 'quantri: Quản trị; admin of Tỉnh Hưng Yên'
loa audit verify
du -sh /opt/loa/releases/* /mnt/backup/loa /srv/loa
"""

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.slow,
    pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="root installs"),
    pytest.mark.skipif(shutil.which("debootstrap") is None, reason="no debootstrap here"),
]


@pytest.fixture
def bare(suite: str, tmp_path: Path) -> Path:
    """A root of this Debian."""
    kept = ROOTS / suite
    if not kept.exists():
        begun = kept.with_name(f"{suite}.begun")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        words: list[str | Path] = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, begun]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"debootstrap {suite}: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
        begun.rename(kept)
    root = tmp_path / "root"
    subprocess.run(["cp", "-a", kept, root], check=True)
    return root


@pytest.mark.parametrize("suite", SUITES)
def test_a_bare_debian_without_a_network(
    bare: Path, suite: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    archive, key = made_archive(tmp_path_factory.mktemp(suite), SUITES[suite])
    later = next_release(archive, key, tmp_path_factory.mktemp(f"{suite}-later"))
    home = bare / "root"
    shutil.copy(archive, home / "loa.tar.gz")
    shutil.copy(later, home / "next.tar.gz")
    (home / "damaged.tar.gz").write_bytes(later.read_bytes()[:-1000])
    (home / "key.txt").write_text(f"release {key.with_suffix('.pub').read_text()}")
    (home / "answers.toml").write_text(ANSWERS)
    (home / "life.sh").write_text(LIFE)
    inside = f"ip link set lo up && mount -t proc proc {bare}/proc && exec chroot {bare} sh /root/life.sh"
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
    words = ["unshare", "--net", "--pid", "--fork", "--mount", "sh", "-c", inside]
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    (tmp_path / "transcript").write_text(done.stdout + done.stderr)
    assert "9.9.9 is in force" in done.stdout
    assert "is in force again" in done.stdout
