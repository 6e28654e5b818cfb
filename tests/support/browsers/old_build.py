"""The phone app of an earlier release, built from its commit by a real `npm ci`, once per checkout."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEPT = ROOT / ".cache" / "builds"


def old_build(commit: str, folder: Path) -> Path:
    """Build the app of `commit` in `folder`, unless it is kept; return its dist.

    Skips the test in a clone that lacks the commit.
    """
    if (KEPT / commit).is_dir():
        return KEPT / commit
    if subprocess.run(["git", "cat-file", "-e", commit], cwd=ROOT, capture_output=True, check=False).returncode:
        pytest.skip(f"this clone has no commit {commit[:7]}")
    asked = ["git", "archive", commit, "pwa", "sync"]
    files = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(folder, filter="data")
    sys.path.append(str(ROOT / "tools"))
    from node_env import npm  # noqa: PLC0415  # tools are scripts beside the tests, on no path of theirs

    npm("ci", "--no-progress", "--loglevel=error", folder=folder / "pwa")
    npm("run", "--silent", "build", folder=folder / "pwa")
    KEPT.mkdir(parents=True, exist_ok=True)
    unfinished = shutil.copytree(folder / "pwa" / "dist", KEPT / f"{commit}.unfinished", dirs_exist_ok=True)
    return unfinished.rename(KEPT / commit)
