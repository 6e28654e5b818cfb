"""SQLite has one writer at a time: who wants to write waits in line, in this process and among all of them.

SQLite's own waiting polls with pauses of up to 100 ms, so that under load some never get a turn. A lock among threads
and then a lock on a file beside the database (released by the kernel even when a process is killed) hand the turn on
at once.
"""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import TimeoutError as TooLong

PATIENCE_S = 15
"""As long as a request waits for its database; then it says so, and its thread serves others again."""


class Turns:
    """The line before one database. `path` is the database's file; none for one in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn. Raises sqlalchemy.exc.TimeoutError when it takes too long to come."""
        if not self._threads.acquire(timeout=PATIENCE_S):
            raise TooLong("another writer did not end")
        try:
            if self._path is None:
                yield
                return
            file = self._open(self._path)
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _open(self, path: Path) -> int:
        """At the first turn, so behind any fork: a file opened before it would share one lock among the processes."""
        if self._file is None:
            self._file = os.open(f"{path}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            weakref.finalize(self, os.close, self._file)
        return self._file
