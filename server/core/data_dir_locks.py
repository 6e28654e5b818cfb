"""Locks on the data folder. `backup.lock`: while a backup reads the files there, no sweep deletes any of them.

A backup holds the lock shared, so that two may run at once. A sweep holds it exclusively and skips if it is taken. A
backup that finds a sweep running waits; a sweep's work is bounded, so the wait is short. The kernel releases a lock
when its process ends, in whatever way. The lock files themselves stay; their presence means nothing.

`served.lock`: a server holds it shared among its processes, a restore or a change of keys exclusively, so never
both. An idle database is no sign that no server runs: a server opens it only at the first call.

    with data_dir_locks.held(data_dir):          # a backup, over database and photos
    with data_dir_locks.sweeping(data_dir) as may:
        if may: ...                           # a sweep
    with data_dir_locks.serving(data_dir) as may:    # `loa serve`
    with data_dir_locks.restoring(data_dir) as may:  # `loa restore`, `loa keys`
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
"""Seconds to wait for a server that is stopping: it may still answer its last request."""


@contextmanager
def held(data_dir: Path) -> Iterator[None]:
    """Hold the lock for a backup: no sweep begins before the end. Waits for a running sweep."""
    with (data_dir / NAME).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


@contextmanager
def sweeping(data_dir: Path) -> Iterator[bool]:
    """Hold the lock for a sweep. Yields True if the sweep may run, False while a backup or another sweep runs."""
    with _tried(data_dir / NAME, fcntl.LOCK_EX) as may:
        yield may


@contextmanager
def serving(data_dir: Path) -> Iterator[bool]:
    """Hold the lock for a server's whole life. Yields True if it may run, False while a restore runs.

    Workers forked inside share the lock, and keep it when the first process is gone.
    """
    with _tried(data_dir / SERVED, fcntl.LOCK_SH) as may:
        yield may


@contextmanager
def restoring(data_dir: Path) -> Iterator[bool]:
    """Hold the lock for a restore or new keys. Yields True if it may run, False beside a server or another of these."""
    with _tried(data_dir / SERVED, fcntl.LOCK_EX, LETTING_GO_S) as may:
        yield may


@contextmanager
def _tried(path: Path, how: int, patience_s: float = 0) -> Iterator[bool]:
    with path.open("ab") as file:  # closed, never unlocked: unlocking would release it for the others that share it
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
