"""Locks on the data folder. `backup.lock`: while a backup reads the files there, nothing sweeps any of them away.

A backup holds the lock shared, so that two may run at once; a sweep holds it alone, and does not wait for it. A backup
that finds a sweep running waits, which is short: a sweep's work is bounded. The kernel lets go when a process ends, in
whatever way; the files themselves stay and say nothing.

`served.lock`: a hub is served, shared by all its processes, or restored, alone, never both. That nobody has the
database open does not say so: a hub that nobody called yet has not opened it.

    with backup_lock.held(data_dir):          # a backup, over database and photos
    with backup_lock.sweeping(data_dir) as may:
        if may: ...                           # a sweep
    with backup_lock.serving(data_dir) as may:    # `loa serve`
    with backup_lock.restoring(data_dir) as may:  # `loa restore`
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "backup.lock"
SERVED = "served.lock"
LETTING_GO_S = 2.0
"""A server that was told to stop may still be at its last request."""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """For a backup: no sweep begins before the end, and one that runs is waited for."""
    with (data_dir / NAME).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def sweeping(data_dir: Path) -> Iterator[bool]:
    """For a sweep: True when it may; False while a backup, or another sweep, runs."""
    with _tried(data_dir / NAME, fcntl.LOCK_EX) as may:
        yield may


@contextmanager
def serving(data_dir: Path) -> Iterator[bool]:
    """For a server, all its life: True when it may; False while a restore runs.

    Workers that are forked inside share the lock, and hold it when the first process is gone.
    """
    with _tried(data_dir / SERVED, fcntl.LOCK_SH) as may:
        yield may


@contextmanager
def restoring(data_dir: Path) -> Iterator[bool]:
    """For a restore: True when it may; False while the hub is served, or another restore runs, and goes on."""
    with _tried(data_dir / SERVED, fcntl.LOCK_EX, LETTING_GO_S) as may:
        yield may


@contextmanager
def _tried(path: Path, how: int, patience_s: float = 0) -> Iterator[bool]:
    with path.open("ab") as file:  # closed and never unlocked: that would let go for the others that share it
        yield _got(file.fileno(), how, time.monotonic() + patience_s)


def _got(file: int, how: int, until: float) -> bool:
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.1)
        else:
            return True
