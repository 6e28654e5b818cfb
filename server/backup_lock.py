"""`backup.lock` in the data folder: while a backup reads the files there, nothing sweeps any of them away.

A backup holds the lock shared, so that two may run at once; a sweep holds it alone, and does not wait for it. A backup
that finds a sweep running waits, which is short: a sweep's work is bounded. The kernel lets go when a process ends, in
whatever way; the file itself stays and says nothing.

    with backup_lock.held(data_dir):          # a backup, over database and photos
    with backup_lock.sweeping(data_dir) as may:
        if may: ...                           # a sweep
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "backup.lock"


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """For a backup: no sweep begins before the end, and one that runs is waited for."""
    with (data_dir / NAME).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def sweeping(data_dir: Path) -> Iterator[bool]:
    """For a sweep: True when it may; False while a backup, or another sweep, runs."""
    with (data_dir / NAME).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
