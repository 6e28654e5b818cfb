"""SQLite has one writer at a time: who wants to write waits in line, in this process and among all of them.

SQLite's own waiting polls with pauses of up to 100 ms, so that under load some never get a turn. A lock among threads
and then a lock on a file beside the database (file_turn.py) hand the turn on at once.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import TimeoutError as TooLong

from server.file_turn import FileTurn

PATIENCE_S = 15
"""As long as a request waits for its database; then it says so, and its thread serves others again."""


class Turns:
    """The line before one database. `path` is the database's file; none for one in memory."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._file: FileTurn | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the turn. Raises sqlalchemy.exc.TimeoutError when it takes too long to come."""
        until = time.monotonic() + PATIENCE_S
        if not self._threads.acquire(timeout=PATIENCE_S):
            raise TooLong("another writer did not end")
        try:
            if self._path is None:
                yield
                return
            file = self._open(self._path)
            if not file.take(until - time.monotonic()):
                raise TooLong("a writer of another process did not end")
            try:
                yield
            finally:
                file.let_go()
        finally:
            self._threads.release()

    def _open(self, path: Path) -> FileTurn:
        """At the first turn, so behind any fork."""
        if self._file is None:
            self._file = FileTurn(path.with_name(f"{path.name}-turn"))
        return self._file
