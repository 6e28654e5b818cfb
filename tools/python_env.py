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


def ensure(*locks: str) -> None:
    """Install the packages of these locks (`run`, or `test`, which contains it), and Loa itself, editable."""
    _venv()
    test = _path("test")
    for lock in locks:
        _lock(_path(lock), skip_if_present=lock != "test" and fresh(_stamp(test), digest([test])))
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


def _path(lock: str) -> Path:
    return ROOT / "requirements" / f"{lock}.txt"


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
    _lock(_path("node"), skip_if_present=False)
