"""The child of `loa serve` that does the jobs: started, started again when it ends, ended with the server.

It is a process of its own: gunicorn's workers would each be a consumer, and are replaced after so many requests. It is
started anew rather than forked, so that it holds none of the server's sockets.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from typing import Any, Final

from gunicorn.arbiter import Arbiter

from server.processes import closing_door

log = logging.getLogger(__name__)

PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
LIVED_S: Final = 60.0
"""A child that lived so long is started again at once."""
LEAVE_S: Final = 12.0
"""Longer than the worker gives itself (job_worker.LEAVE_S, twice): killed sooner, a job would count an attempt."""


class JobChild:
    """The child, watched from the server's main loop."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._begun = self._next = 0.0
        self._pause = PAUSE_S

    def tend(self) -> None:
        """Start the child if it is not there and its pause is over. Call it every second."""
        now = time.monotonic()
        if self._process is not None:
            if self._process.poll() is None:
                return
            lived = now - self._begun
            self._process = None
            self._pause_after(lived)
            log.warning("The process for jobs ended after %d s; it is started again in %d s.", lived, self._pause)
        if now >= self._next:
            self._begun = now
            try:
                self._start()
            except OSError as error:  # no memory, too many processes: phones are served all the same
                self._pause_after(0)
                log.warning("The process for jobs cannot be started (%s); next in %d s.", error.strerror, self._pause)

    def _start(self) -> None:
        words = ("-P", "-m", "server.commands", "worker", "--parent", str(os.getpid()))
        self._process = subprocess.Popen([sys.executable, *words], stdin=subprocess.DEVNULL)  # noqa: S603  # our own

    def _pause_after(self, lived_s: float) -> None:
        self._pause = PAUSE_S if lived_s >= LIVED_S else min(self._pause * 2, LONGEST_PAUSE_S)
        self._next = time.monotonic() + self._pause

    def ask_to_end(self) -> None:
        """Tell the child to stop, without waiting."""
        if self._process is not None:
            self._process.terminate()

    def end(self) -> None:
        """Wait a moment for the child to stop, then kill it."""
        if self._process is None:
            return
        try:
            self._process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class TendingArbiter(Arbiter):
    """gunicorn's arbiter, with one more child to look after if the settings want it, and an orderly end.

    Its main loop calls `manage_workers` every second.
    """

    def __init__(self, app: Any, child: JobChild | None) -> None:
        self._child = child
        super().__init__(app)

    def manage_workers(self) -> None:
        """Called by the main loop; a forked worker does not come back from it."""
        super().manage_workers()
        if self._child:
            self._child.tend()

    def stop(self, graceful: bool = True) -> None:  # noqa: FBT001, FBT002  # gunicorn's own form
        """Called at the end, maybe twice. A listener that another process goes on with stays open."""
        if self._child:
            self._child.ask_to_end()
        if graceful and self.reexec_pid == self.master_pid == 0 and not self.systemd:
            closing_door.begin_no_more(self.LISTENERS)
            self.app.shares.leave()
        super().stop(graceful)
        if self._child:
            self._child.end()
