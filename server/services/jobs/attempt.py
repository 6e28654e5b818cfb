"""One attempt at a job, as its function sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.db import writing
from server.services.jobs import leases
from server.services.jobs.leases import LeasedJob


class Later(Exception):  # noqa: N818  # it reads as what it asks for
    """Raised by a function that cannot run now: try again after so many seconds. The attempt does not count."""

    def __init__(self, after_s: float) -> None:
        super().__init__(after_s)
        self.after_s = after_s


class LeaseLost(Exception):  # noqa: N818  # not a fault of the function
    """Another worker has the job now, or it was ended: stop."""


class Interrupted(Exception):  # noqa: N818  # not a fault of the function
    """The worker is being stopped: the job waits again."""


class Attempt:
    """One attempt. `folder`: an empty one for temporary files, removed afterwards."""

    def __init__(self, taken: LeasedJob, folder: Path, blobs: Blobs, stopping: Callable[[], bool]) -> None:
        """`stopping`: whether the worker is being stopped."""
        self.taken = taken
        self.folder = folder
        self.percent = 0
        self.lost = self.finished = False
        self._blobs, self._stopping = blobs, stopping

    def progress(self, done: int, of: int) -> None:
        """Report progress. Call it often: it is cheap, and only here a job can be interrupted.

        Raises LeaseLost or Interrupted; let both through.
        """
        self.percent = min(99, 100 * done // max(of, 1))
        if self.lost:
            raise LeaseLost
        if self._stopping():
            raise Interrupted

    @contextmanager
    def finish(self, result: Path | None = None) -> Iterator[Session]:
        """End the job; rows written in this transaction, its result and the state done appear together, once.

        Needed only by a function that writes rows; for others returning is enough. Raises LeaseLost.
        """
        key = None
        if result is not None:
            key = leases.result_key(self.taken.id, self.taken.lease)
            self._blobs.put(key, result)
        with writing() as session:
            ours = leases.end(session, self.taken, key)
            if ours:
                yield session
        # An error above may come after the commit, so the bytes stay: the next attempt or `clearing` drops them.
        if not ours:
            if key is not None:
                self._blobs.drop([key])
            raise LeaseLost
        self.finished = True
