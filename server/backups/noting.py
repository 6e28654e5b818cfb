"""Backups as acts: the log says how each ended, its size and its time, whoever asked for it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from server.backups.taking import Taken
from server.services.audit import log
from server.services.audit.acts import About, Act


def noted(target: Path, take: Callable[[], Taken]) -> Taken:
    """Take the backup, and log that it began and how it ended. A failure that cannot be logged is still raised."""
    began = time.monotonic()
    log.note(Act.BACKUP_BEGUN, _about(target))
    try:
        taken = take()
    except BaseException:
        with suppress(Exception):  # the database may be what failed
            log.note(Act.BACKUP_FAILED, _about(target), new={"seconds": int(time.monotonic() - began)})
        raise
    new = {"seconds": int(time.monotonic() - began), "size": _size(taken.folder)}
    if taken.missing:
        new["amount"] = len(taken.missing)
    log.note(Act.BACKUP_DONE, _about(taken.folder), new=new)
    return taken


def _about(target: Path) -> About:
    return "backup", re.sub(r"[^A-Za-z0-9_.:@/ -]", "_", str(target))[-64:]


def _size(folder: Path) -> int:
    """Return the bytes in the folder itself: of a repository's night, not of the pool."""
    return sum((Path(inner) / name).stat().st_size for inner, _, names in os.walk(folder) for name in names)
