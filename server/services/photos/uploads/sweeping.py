"""Sweep leftovers of crashes and lost phones: now and then when an upload begins, and by `loa sweep` (P-10).

Files in use are never swept: a running upload holds its lock, and everything else must be older than any work on it. No
sweep runs during a backup (server/core/data_dir_locks.py) or another sweep.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from server.blobs import Blobs
from server.core import data_dir_locks
from server.core.clock import now_ms
from server.core.problem_details import Problem
from server.services.photos.uploads.partials import (
    EXPIRES_MS,
    FILE,
    SUFFIXES,
    Partials,
    alone,
    beside,
    locked_file,
    remove,
)

log = logging.getLogger(__name__)

EVERY_MS: Final = 3600 * 1000
AT_ONCE: Final = 200
"""Most files of each kind in one sweep during a request, whose client waits for it."""
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

    def now_and_then(self) -> bool:
        """Sweep if none did for an hour; True if it did. A failure here fails no upload."""
        try:
            return now_ms() - _modified_ms(self._stamp) >= EVERY_MS and self.sweep(AT_ONCE) is not None
        except OSError as error:
            log.warning("not swept: %s", type(error).__name__)
            return False

    def sweep(self, most: int | None = None) -> Swept | None:
        """Remove at most `most` of each kind. Returns None while a backup or another sweep runs. Raises OSError."""
        with data_dir_locks.sweeping(self.data_dir) as may:
            if not may:
                return None
            self._stamp.touch()
            old = islice(_expired(self.partials.folder), most)
            uploads = sum(_removed(path) for path in old)
            return Swept(uploads, self.blobs.sweep(now_ms() - STRAY_MS, most))

    @property
    def _stamp(self) -> Path:
        return self.partials.folder / ".swept"


def _expired(folder: Path) -> Iterator[Path]:
    """Expired uploads, each by the path of its bytes, whether those exist or not."""
    names = (FILE.fullmatch(path.name) for path in list(folder.iterdir()))
    for base in sorted({name[1] for name in names if name}):
        if _is_expired(folder / base):
            yield folder / base


def _is_expired(path: Path) -> bool:
    """True if its youngest file is too old. Uses the file system's clock, as the offset uses file lengths."""
    whole = path.exists() and beside(path, "-about").exists()
    youngest = max(_modified_ms(beside(path, suffix)) for suffix in SUFFIXES)
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
