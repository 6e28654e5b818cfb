"""Helpers of every setup step: paths, skipping a finished step, running child processes.

A step is done when its stamp holds the digest of all its inputs. Digests, not times: a fresh clone or another branch
must never look up to date by accident, and a second `make run` must start at once.
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
    """Return one hash over the names and contents of files; folders are taken whole."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in paths:
        files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
        for file in files:
            total.update(f"\0{file.relative_to(ROOT)}\0".encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def fresh(stamp: Path, mark: str) -> bool:
    """Return True when the step with this stamp was made from exactly these inputs."""
    return stamp.is_file() and stamp.read_text() == mark


def child_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of child processes. pip and npm cache below HOME, so a read-only HOME is replaced."""
    env = dict(os.environ)
    home = env.get("HOME", "")
    if not home or not os.access(home, os.W_OK):
        replacement = ROOT / ".cache" / "home"
        replacement.mkdir(parents=True, exist_ok=True)
        env["HOME"] = str(replacement)
    env["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return env | dict(extra or {})


def call(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a step with its output visible; if it fails, stop, with the step's own message above ours."""
    try:
        subprocess.run([str(word) for word in command], cwd=cwd, env=child_env(env), check=True)
    except subprocess.CalledProcessError as error:
        stop(f"This step failed: {' '.join(map(str, command[:6]))} (exit {error.returncode}).")


def may_install() -> bool:
    """Return True if this user may install system packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str, where_offered: Iterable[str] = ()) -> None:
    """Install system packages, and of `where_offered` those that this system's lists have."""
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call(["apt-get", "-qq", "update"], env=quiet)
    call(
        ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *packages, *_offered(where_offered)],
        env=quiet,
    )


def _offered(packages: Iterable[str]) -> list[str]:
    """Return the packages that this system's lists have."""
    asked = {each: subprocess.run(["apt-cache", "show", each], capture_output=True, check=False) for each in packages}
    return [each for each, answer in asked.items() if answer.returncode == 0]


def say(sentence: str) -> None:
    """Tell the person at the terminal what is happening."""
    print(sentence, file=sys.stderr, flush=True)


def stop(sentence: str) -> NoReturn:
    """Stop with one sentence for the person who typed make."""
    say(sentence)
    raise SystemExit(1)
