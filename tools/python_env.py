"""Makes .venv and fills it from a lock; every file's hash is checked before it is installed."""

from __future__ import annotations

import platform
import shutil
import sys
from typing import TYPE_CHECKING

from house import PYTHON, ROOT, VENV, call, digest, fresh, say

if TYPE_CHECKING:
    from pathlib import Path

PIP = (PYTHON, "-m", "pip", "install", "--quiet", "--no-input")
PYPROJECT = ROOT / "pyproject.toml"


def ensure(*, test: bool) -> None:
    """Install runtime packages, with `test` also the tools, and Loa itself as an editable install."""
    _venv()
    # The test lock contains the run lock, so with it `make run` needs nothing more.
    _lock(ROOT / "requirements" / "test.txt", skip_if_present=False) if test else _run_lock()
    stamp, mark = VENV / "loa-editable.stamp", digest([PYPROJECT])
    if not fresh(stamp, mark):
        call([*PIP, "--no-deps", "--no-build-isolation", "--no-index", "--editable", "."])
        stamp.write_text(mark)


def _venv() -> None:
    stamp, mark = VENV / "loa-venv.stamp", f"{platform.python_version()} {ROOT}"
    if PYTHON.exists() and fresh(stamp, mark):
        return
    say(f"Making .venv with Python {platform.python_version()}.")
    shutil.rmtree(VENV, ignore_errors=True)  # an environment of another Python, or moved, only half works
    call([sys.executable, "-m", "venv", VENV])
    stamp.write_text(mark)


def _run_lock() -> None:
    test = ROOT / "requirements" / "test.txt"
    _lock(ROOT / "requirements" / "run.txt", skip_if_present=fresh(_stamp(test), digest([test])))


def _lock(lock: Path, *, skip_if_present: bool) -> None:
    mark = digest([lock])
    if skip_if_present or fresh(_stamp(lock), mark):
        return
    say(f"Installing {lock.relative_to(ROOT)} into .venv.")
    call([*PIP, "--require-hashes", "--only-binary", ":all:", "--requirement", lock])
    _stamp(lock).write_text(mark)


def _stamp(lock: Path) -> Path:
    return VENV / f"loa-{lock.stem}.stamp"


def node_wheel() -> None:
    """Install Node from its own lock, for machines without Node."""
    _lock(ROOT / "requirements" / "node.txt", skip_if_present=False)
