"""Sweep leftovers of crashes and lost phones: a nightly chore of each host, and `loa sweep` (P-5).

Where no worker runs, the folder of uploads stays bounded all the same: `Partials.create` drops an officer's expired
uploads before it refuses another one. Half copied photos need a crash each.

Files in use are never swept: a running upload holds its lock, and everything else must be older than any work on it. No
sweep runs during a backup (server/core/data_dir_locks.py) or another sweep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Final

from server.blobs import Blobs
from server.core import data_dir_locks
from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.services.jobs import Jobs
from server.services.photos.uploads.partials import (
    EXPIRES_MS,
    FILE,
    SUFFIXES,
    Partials,
    alone,
    locked_file,
    remove,
    sibling,
)

NIGHTLY: Final = time(1, 10)
STRAY_MS: Final = 24 * 3600 * 1000
"""Age for sweeping files of no complete upload and half copied blobs: a day is longer than any work on them."""


@dataclass(frozen=True, slots=True)
class Swept:
    """Numbers of partial uploads and half copied blobs that were removed."""

    uploads: int
    blobs: int


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Sweeps one data folder."""

    data_dir: Path
    partials: Partials
    blobs: Blobs

    def sweep(self) -> Swept | None:
        """Remove what expired. Returns None while a backup or another sweep runs. Raises OSError."""
        with data_dir_locks.sweeping(self.data_dir) as may:
            if not may:
                return None
            uploads = sum(_removed(path) for path in _expired(self.partials.folder))
            return Swept(uploads, self.blobs.sweep(now_ms() - STRAY_MS))


def register(jobs: Jobs, sweeper: Sweeper) -> None:
    """Make the nightly chore known: each host has uploads of its own."""
    jobs.register_chore("uploads.sweep", lambda: sweeper.sweep() is not None, nightly=NIGHTLY)


def _expired(folder: Path) -> Iterator[Path]:
    """Expired uploads, each by the path of its bytes, whether those exist or not."""
    names = (FILE.fullmatch(path.name) for path in list(folder.iterdir()))
    for base in sorted({name[1] for name in names if name}):
        if _is_expired(folder / base):
            yield folder / base


def _is_expired(path: Path) -> bool:
    """True if its youngest file is too old. Uses the file system's clock, as the offset uses file lengths."""
    whole = path.exists() and sibling(path, "-about").exists()
    youngest = max(_modified_ms(sibling(path, suffix)) for suffix in SUFFIXES)
    return 0 < youngest <= now_ms() - (EXPIRES_MS if whole else STRAY_MS)


def _removed(path: Path) -> bool:
    with alone(path.parent):
        if not _is_expired(path):  # begun anew since it was checked
            return False
        try:
            with locked_file(path):
                remove(path)
        except Problem as problem:
            if problem.code == "upload_locked":
                return False
            remove(path)  # there are no bytes
    return True


def _modified_ms(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns // 1_000_000
    except FileNotFoundError:
        return 0
