"""The lock that admits one writer at a time to an SQLite database, among threads and among processes.

SQLite's own busy timeout polls with pauses of up to 100 ms, so that under load some writers never get in. Here writers
take a turn among threads (fair_turns.py), and then a lock on a file beside the database; both are handed on at once.
The kernel releases the file lock when a process is killed.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import TimeoutError as TooLong

from server.core.fair_turns import FairTurns

PATIENCE_S = 15
"""Timeout of a request that waits for its database. It then fails, and its thread serves others again."""
IDLE_S = 1.0


class SqliteWriteLock:
    """The lock of one database. `path` is the database's file; None for one in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._threads = FairTurns(1)
        self._file: FileLock | None = None

    @contextmanager
    def held(self, who: str | None = None) -> Iterator[None]:
        """Hold the lock. `who`: the device that writes. Raises sqlalchemy.exc.TimeoutError after PATIENCE_S seconds."""
        until = time.monotonic() + PATIENCE_S
        with self._threads.turn(who, PATIENCE_S):
            if self._path is None:
                yield
                return
            file = self._open(self._path)
            if not file.acquire(until - time.monotonic()):
                raise TooLong("a writer of another process did not end")
            try:
                yield
            finally:
                file.release()

    def _open(self, path: Path) -> FileLock:
        """Open the file at first use: a file opened before a fork would share its lock."""
        if self._file is None:
            self._file = FileLock(path.with_name(f"{path.name}-turn"))
        return self._file


class FileLock:
    """A lock on a file with a timeout, for one caller at a time in this process.

    flock() has no timeout, and another process may be stopped while it holds the lock. Polling has one, but always
    wakes late, and the most frequent poller wins. So a thread waits in flock(), and the caller waits for that thread.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; make it if missing."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._changed = threading.Condition()
        self._asked = self._wanted = self._given = self._thread = False

    def acquire(self, patience_s: float) -> bool:
        """Return True once we hold the lock, False after `patience_s` seconds."""
        with self._changed:
            # While the thread waits in the kernel, nobody else may take the lock: it would be the same lock.
            if not self._asked and self._try():
                return True
            self._wanted = True
            if not self._asked:
                self._asked = True
                self._go()
            given = self._changed.wait_for(lambda: self._given, patience_s)
            self._wanted = self._given = False
            return given

    def release(self) -> None:
        """Release the lock."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def _try(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _go(self) -> None:
        if self._thread:
            self._changed.notify()
        else:
            self._thread = True
            threading.Thread(target=self._ask, daemon=True).start()

    def _ask(self) -> None:
        """Serve callers until none has asked for IDLE_S: a new thread each time would cost more than the wait."""
        while True:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            with self._changed:
                self._asked = False
                if self._wanted:
                    self._given = True
                    self._changed.notify()
                else:  # the caller has given up
                    self.release()
                if not self._changed.wait_for(lambda: self._asked, IDLE_S):
                    self._thread = False
                    return
