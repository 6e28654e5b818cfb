"""A province's life with a release, on a Debian or Ubuntu that has Python and nginx alone, without a network.

`debootstrap` makes the root once and keeps it in `.cache/`; each test works on a copy, in namespaces of its own.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import shutil
import subprocess
from pathlib import Path

import pytest

from support.installation.release_archive import made_archive, next_release, unpacked

SUITES = {"bookworm": "3.11", "trixie": "3.13", "noble": "3.12"}
"""Debian 12 and 13 and Ubuntu 24.04, and their Python."""
NIGHTS = {"bookworm": 2, "trixie": 10, "noble": 2}
ROOTS = Path(__file__).parents[2] / ".cache" / "debian"
PACKAGES = "python3,openssh-client,nginx-light"
"""What the machine has before."""
ANSWERS = """
public_url = 'https://loa.example.vn'
user = 'loa'
data_dir = '/srv/loa'
backup_dir = '/mnt/backup/loa'
database = 'sqlite'
units = 'hung-yen-2021'
port = 8080
trusted_proxies = 1
fingerprint = 'later'
"""
PRACTICE = """{"name": "Tập dượt", "unit": "33", "starts_on": "2026-01-01", "ends_on": "2099-01-31",
"due_before": "2099-02-03", "practice": true}"""
AUTHORITY = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
asked = x509.load_pem_x509_csr(Path("/etc/ssl/loa.csr").read_bytes())
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")])
now = datetime.now(UTC)
def made(subject, public, more):
    builder = x509.CertificateBuilder(name, subject, public, x509.random_serial_number(), now - timedelta(1),
        now + timedelta(365))
    for each, critical in more:
        builder = builder.add_extension(each, critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
# As Python 3.13 wants it: an authority says what it may sign, and what it signed names it.
uses = "digital_signature content_commitment key_encipherment data_encipherment key_agreement"
use = dict.fromkeys(uses.split(), False)
use |= {"encipher_only": False, "decipher_only": False, "key_cert_sign": True, "crl_sign": True}
own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
ca = [(x509.BasicConstraints(True, None), True), (x509.KeyUsage(**use), True), (own, False)]
leaf = [(each.value, each.critical) for each in asked.extensions]
leaf += [(x509.BasicConstraints(False, None), True),
    (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own), False)]
Path("/etc/ssl/province.pem").write_bytes(made(name, key.public_key(), ca))
Path("/etc/ssl/loa.pem").write_bytes(made(asked.subject, asked.public_key(), leaf))
"""

pytestmark = [
    pytest.mark.timeout(3600),
    pytest.mark.slow,
    pytest.mark.costly(soak=True, kept_by="tests/release/test_release.py::test_a_release_is_installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="root installs"),
    pytest.mark.skipif(shutil.which("debootstrap") is None, reason="no debootstrap here"),
]


@pytest.fixture
def bare(suite: str, tmp_path: Path) -> Path:
    """A root of this Debian."""
    kept = ROOTS / f"{suite}-{PACKAGES}"
    if not kept.exists():
        begun = kept.with_name(f"{kept.name}.begun")
        shutil.rmtree(begun, ignore_errors=True)
        begun.mkdir(parents=True)
        more = ["--components=main,universe"] if suite == "noble" else []
        words: list[str | Path] = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", *more, suite, begun]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"debootstrap {suite}: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
        begun.rename(kept)
    root = tmp_path / "root"
    subprocess.run(["cp", "-a", kept, root], check=True)
    return root


@pytest.mark.skipif(platform.machine() != "x86_64" or shutil.which("cc") is None, reason="no compiler for its clock")
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
    (bare / "tmp/practice.json").write_text(PRACTICE)
    (home / "authority.py").write_text(AUTHORITY)
    shutil.copy(Path(__file__).with_name("life.sh"), home)
    compiled = ["cc", "-O1", "-shared", "-fPIC", "-nostdlib", "-fno-stack-protector", "-o"]
    clock = (bare / "usr/local/lib/clock.so", Path(__file__).with_name("clock.c"))
    subprocess.run([*compiled, *map(str, clock)], check=True)
    mounts = f"mount -t proc proc {bare}/proc && mount --rbind /dev {bare}/dev"
    inside = f"ip link set lo up && {mounts} && exec chroot {bare} bash /root/life.sh {NIGHTS[suite]}"
    env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/root"}
    words = ["unshare", "--net", "--pid", "--kill-child", "--fork", "--mount", "sh", "-c", inside]
    transcript = tmp_path / "transcript"
    with transcript.open("w") as file:
        done = subprocess.run(words, env=env, stdout=file, stderr=subprocess.STDOUT, check=False)
    said = transcript.read_text()
    assert done.returncode == 0, said[-6000:]
    rows = (home / "table").read_text().splitlines()
    print(suite, *rows, sep="\n")  # `-s` shows it; README.md has it of one run
    assert len([row for row in rows if row.startswith("| night ")]) == NIGHTS[suite]
    assert len(rows) == NIGHTS[suite] + 12


@pytest.mark.skipif(shutil.which("buildah") is None, reason="no buildah here")
@pytest.mark.parametrize("suite", ["trixie"])
def test_an_image_is_built_from_the_archive(
    bare: Path, suite: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Without a network: the base is the root of the other test. What it starts is run in the image's files."""
    archive, _ = made_archive(tmp_path_factory.mktemp("image"), SUITES[suite])
    release = unpacked(archive, tmp_path / "release")
    store = ["--root", str(tmp_path / "store"), "--runroot", str(tmp_path / "run"), "--storage-driver", "vfs"]

    def buildah(*words: str | Path) -> str:
        done = subprocess.run(["buildah", *store, *map(str, words)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return str(done.stdout.strip())

    begun = buildah("from", "scratch")
    buildah("add", "--quiet", begun, bare, "/")
    buildah("commit", "--quiet", begun, "loa-base")
    limits = [
        word
        for name, limit in (("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC))
        for word in ("--ulimit", f"{name}={':'.join(map(str, resource.getrlimit(limit)))}")
    ]
    how = ["--isolation", "chroot", "--pull-never", "--build-arg", "BASE=localhost/loa-base", *limits]
    buildah("bud", *how, "-t", "loa", "-f", release / "share/deploy/Containerfile", release)
    image = Path(buildah("mount", buildah("from", "--pull-never", "localhost/loa")))
    said = json.loads(buildah("inspect", "--type", "image", "localhost/loa"))["OCIv1"]["config"]
    assert (said["User"], said["Entrypoint"]) == ("loa", ["/opt/loa/current/bin/loa"])
    env = dict(each.split("=", 1) for each in said["Env"]) | {"LOA_PUBLIC_URL": "https://loa.example.vn"}
    words = ["chroot", f"--userspec={said['User']}", str(image), *said["Entrypoint"], "init"]
    made = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    assert "administrator quantri" in made.stdout, made.stderr
    assert (image / "srv/loa/loa.sqlite").stat().st_uid == (image / "srv/loa").stat().st_uid != 0
