"""What every setup step shares: where things are, how a step is skipped, how a child process is started.

A step is done when its stamp holds the digest of everything it was made from. Digests, not times: a fresh clone or a
changed branch must never look up to date by accident, and a second `make run` must start at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PWA = ROOT / "pwa"
TUS = ROOT / "tests" / "tus"
LIGHTHOUSE = ROOT / "tests" / "lighthouse"


def digest(paths: Iterable[Path], *words: str) -> str:
    """One hash over the names and contents of files, folders taken whole."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            total.update(f"\0{file.relative_to(ROOT)}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def fresh(stamp: Path, mark: str) -> bool:
    """True when the step behind this stamp was made from exactly these inputs."""
    return stamp.is_file() and stamp.read_text() == mark


def child_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of every child: pip and npm cache below HOME, so one that cannot be written is replaced."""
    env = dict(os.environ)
    home = env.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        replacement = ROOT / ".cache" / "home"
        replacement.mkdir(parents=True, exist_ok=True)
        env["HOME"] = str(replacement)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return env | dict(extra or {})


def call(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a step in the open; a failure ends the setup with the step's own words above ours."""
    try:
        subprocess.run([str(word) for word in command], cwd=cwd, env=child_env(env), check=True)
    except subprocess.CalledProcessError as error:
        stop(f"This step failed: {' '.join(map(str, command[:6]))} (exit {error.returncode}).")


def may_install() -> bool:
    """True where the system's packages are this user's to add."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Add packages of the system."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call(["apt-get", "-qq", "update"], env=quiet)
    call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages], env=quiet)


def say(sentence: str) -> None:
    """Tell the person at the terminal what is going on."""
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    """End with one sentence for the person who typed make."""
    say(sentence)
    raise SystemExit(1)
