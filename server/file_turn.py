"""A lock on a file that is waited for with an end; the kernel lets go of it even when a process is killed.

The kernel's own waiting has no end: another process may be stopped, or stand before a disk that does not answer, while
it holds the lock. Asking again and again has one, but comes too late each time, and whoever asks more often goes first.
So where the lock is not to be had at once, a thread waits in the kernel, and who wants the lock waits for that thread.
"""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from pathlib import Path

IDLE_S = 1.0


class FileTurn:
    """For one at a time in this process; behind any fork, for who opened it before would share the lock."""

    def __init__(self, path: Path) -> None:
        """The file is made when missing."""
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        weakref.finalize(self, os.close, self._file)
        self._changed = threading.Condition()
        self._asked = self._wanted = self._given = self._thread = False

    def take(self, patience_s: float) -> bool:
        """True once it is ours; False when it takes too long."""
        with self._changed:
            # While the thread waits in the kernel nobody takes the lock beside it: it would be the same lock.
            if not self._asked and self._try():
                return True
            self._wanted = True
            if not self._asked:
                self._asked = True
                self._go()
            given = self._changed.wait_for(lambda: self._given, patience_s)
            self._wanted = self._given = False
            return given

    def let_go(self) -> None:
        """The next one's."""
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
        """Until nobody wanted anything for a while: beginning a thread each time would cost more than the waiting."""
        while True:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            with self._changed:
                self._asked = False
                if self._wanted:
                    self._given = True
                    self._changed.notify()
                else:  # whoever wanted it has given up
                    self.let_go()
                if not self._changed.wait_for(lambda: self._asked, IDLE_S):
                    self._thread = False
                    return
