"""Makes the archive of a release in dist/: everything that a server needs, so that it needs no registry, Node or make.

    loa-1.0.0/install.sh        unpacks beside the release before, and begins `loa install`
    loa-1.0.0/wheels/           Loa with the built phone app, and its packages for Python 3.11, 3.12 and 3.13
    loa-1.0.0/share/            unit, nginx's block, documents, the example letter
    loa-1.0.0/sbom.json         CycloneDX: each package with version and hashes, from the lock
    loa-1.0.0/release.json      version, commit, tag, revision of the tables
    loa-1.0.0/SHA256SUMS[.sig]  every file's hash, signed with `ssh-keygen -Y sign` (each Debian and Ubuntu has that)

LOA_SIGNING_KEY names the private key, which lies neither in the repository nor on a server. Without it the archive is
made and not signed, and `install.sh` says so.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
DIST = Path(os.environ.get("LOA_RELEASE_DIST") or ROOT / "dist")
WHEELS = ROOT / ".cache" / "wheels"
"""What was fetched before, by the lock: a second archive needs no registry."""
PIP = "pip==25.1.1 --hash=sha256:2913a38a2abf4ea6b64ab507bd9e967f3b53dc1ede74b01b0931e1ce548751af"
"""The registry's own: the pip of a Debian that made the release would not run on a bare one."""
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
NAMESPACE = "loa-release"
"""What the signature is for (`ssh-keygen -n`): one made for something else counts nothing here."""
SHARED = ("deploy", "docs", "README.md", "CHANGELOG.md", "SECURITY.md", "LICENSE", "NOTICE")


def main() -> None:
    """Make it. Words: the Pythons whose packages go in; all unless said."""
    about = described()
    folder = DIST / f"loa-{about['version']}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    stamp = DIST / "build.json"
    stamp.write_text(json.dumps(about))
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    env = os.environ | {"LOA_RELEASE": str(stamp)}
    subprocess.run([sys.executable, "-c", build, folder / "wheels"], cwd=ROOT, env=env, check=True)
    for python in sys.argv[1:] or PYTHONS:
        for wheel in fetch(python).iterdir():
            shutil.copy(wheel, folder / "wheels")
    pack_pip(folder / "wheels")
    (folder / "share").mkdir()
    for name in SHARED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / "share" / name)
        else:
            shutil.copy(ROOT / name, folder / "share")
    shutil.copy(ROOT / "deploy" / "install.sh", folder)
    shutil.copy(ROOT / "requirements" / "run.txt", folder)
    (folder / "sbom.json").write_text(json.dumps(bill(about), indent=1))
    (folder / "release.json").write_text(json.dumps(about, indent=1))
    sign(folder)
    archive = DIST / f"{folder.name}.tar.gz"
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(folder, folder.name)
    print(f"{archive}: {archive.stat().st_size // 10**6} MB")


def described() -> dict[str, Any]:
    """Return version, commit, tag and revision of the tables."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    revision = max(path.name.partition("_")[0] for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py"))
    return {
        "version": os.environ.get("LOA_RELEASE_VERSION") or version,
        "commit": git("rev-parse", "HEAD") or "unknown",
        "tag": git("describe", "--tags", "--exact-match"),
        "revision": revision,
    }


def git(*words: str) -> str:
    """Return what git says, or nothing."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def fetch(python: str) -> Path:
    """Return a folder with the packages of the run lock for this Python, each with the hash of the lock."""
    needed = lock_for(python)
    folder = WHEELS / f"{python}-{hashlib.sha256(needed.encode()).hexdigest()[:16]}"
    if folder.exists():
        return folder
    for old in WHEELS.glob(f"{python}-*"):
        shutil.rmtree(old, ignore_errors=True)
    WHEELS.mkdir(parents=True, exist_ok=True)
    platforms = [word for name in PLATFORMS for word in ("--platform", name)]
    words = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--python-version", python]
    pip = [sys.executable, "-m", "pip", "download", *words, *platforms, "--implementation", "cp"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as lock, tempfile.TemporaryDirectory(dir=WHEELS) as fetched:
        lock.write(needed)
        lock.flush()
        subprocess.run([*pip, "--dest", fetched, "--requirement", lock.name], check=True)
        Path(fetched).rename(folder)
        Path(fetched).mkdir()  # which its context removes
    return folder


def pack_pip(folder: Path) -> None:
    """Put pip there as one file: Debian's Python comes without any, and its pip asks for ca-certificates to install."""
    kept = WHEELS / f"pip-{PIP.partition(' ')[0].rpartition('=')[2]}.zip"
    if not kept.exists():
        with (
            tempfile.NamedTemporaryFile("w", suffix=".txt") as lock,
            tempfile.TemporaryDirectory(dir=WHEELS) as fetched,
        ):
            lock.write(PIP + "\n")
            lock.flush()
            words = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", fetched]
            subprocess.run([sys.executable, "-m", "pip", "download", *words, "--requirement", lock.name], check=True)
            (wheel,) = Path(fetched).iterdir()
            wheel.rename(kept)
    shutil.copy(kept, folder / "pip.zip")


def lock_for(python: str) -> str:
    """Return the part of the run lock that this Python needs: pip itself asks the Python that runs it."""
    text = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    kept = []
    for block in re.split(r"\n(?=\S)", text):
        found = re.match(r"[\w.-]+==\S+ ; (.*?) \\\n", block)
        if found is None:
            kept.append(block)
            continue
        needed = re.fullmatch(r"python_full_version (<|>=) '3\.(\d+)'", found[1])
        minor = int(python.partition(".")[2])
        if needed is None or (minor < int(needed[2])) == (needed[1] == "<"):
            kept.append(re.sub(r" ; .*? \\\n", " \\\\\n", block, count=1))
    return "\n".join(kept) + "\n"


def bill(about: dict[str, Any]) -> dict[str, Any]:
    """Return the bill of materials, CycloneDX 1.5, of the run lock and of what the built phone app and desk hold."""
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    found = re.findall(
        r"^([\w.-]+)==(\S+)[^\n]*\\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE
    )
    parts = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower()}@{version}",
            "hashes": [{"alg": "SHA-256", "content": each} for each in re.findall(r"sha256:(\w{64})", hashes)],
        }
        for name, version, hashes in found
    ]
    npm = json.loads((ROOT / "pwa" / "package-lock.json").read_text("utf-8"))["packages"]
    for path, each in npm.items():
        if not path or each.get("dev") or each.get("optional") or each.get("devOptional"):
            continue
        name, content = path.removeprefix("node_modules/"), each["integrity"].removeprefix("sha512-")
        parts.append(
            {
                "type": "library",
                "name": name,
                "version": each["version"],
                "purl": f"pkg:npm/{name.replace('@', '%40')}@{each['version']}",
                "hashes": [{"alg": "SHA-512", "content": base64.b64decode(content).hex()}],
            }
        )
    own = {"type": "application", "name": "loa", "version": about["version"]}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": own},
        "components": parts,
    }


def sign(folder: Path) -> None:
    """Write the hashes of all files, and the signature over them."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files]
    sums = folder / "SHA256SUMS"
    sums.write_text("".join(lines))
    key = os.environ.get("LOA_SIGNING_KEY")
    if not key:
        print("Not signed: LOA_SIGNING_KEY names no key.", file=sys.stderr)
        return
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", NAMESPACE, sums], check=True, capture_output=True
    )


if __name__ == "__main__":
    main()
