"""Kinds of jobs that the tests register as a capability would, by calls on the application's registry."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.core.problem_details import Problem
from server.models import Meta
from server.services.jobs import Attempt, Jobs
from server.services.jobs.attempt import Later

PIECE = 20_000
SHORT_LEASE_MS = 900
LONG_LEASE_MS = 4_500


def expected(name: str, pieces: int) -> bytes:
    """The whole result of `Kinds.result`."""
    return b"".join(_piece(name, number) for number in range(pieces))


def _piece(name: str, number: int) -> bytes:
    line = f"{name}/{number}\n".encode()
    return line * (PIECE // len(line))


def register(jobs: Jobs, begun: Path) -> None:
    """Make the kinds known. `begun`: a file that gets a line for each run."""
    kinds = Kinds(begun)
    jobs.register("test.result", kinds.result, attempts=100, lease_ms=SHORT_LEASE_MS)
    jobs.register("test.patient", kinds.result, attempts=100, lease_ms=LONG_LEASE_MS)
    jobs.register("test.count", kinds.count, attempts=100, lease_ms=SHORT_LEASE_MS)
    jobs.register("test.deadly", kinds.deadly, attempts=3, lease_ms=300)
    jobs.register("test.hangs", kinds.hangs, attempts=2, lease_ms=300, longest_s=0.5)
    jobs.register("test.breaks", breaks, attempts=2)


@dataclass(frozen=True)
class Kinds:
    """Functions that note each run: the first id is the job's name there."""

    begun: Path

    def note(self, ids: Sequence[str]) -> None:
        with self.begun.open("a") as file:  # one write with O_APPEND: two workers do not mix their lines
            file.write(f"{ids[0]} {os.getpid()}\n")

    def result(self, attempt: Attempt, ids: Sequence[str]) -> Path:
        """Write a file piece by piece: name, pieces, pause after each in ms."""
        self.note(ids)
        name, pieces, pause = ids[0], int(ids[1]), int(ids[2])
        path = attempt.folder / "result"
        with path.open("wb", buffering=0) as file:
            for number in range(pieces):
                file.write(_piece(name, number))
                attempt.progress(number, pieces)
                time.sleep(pause / 1000)
        return path

    def count(self, attempt: Attempt, ids: Sequence[str]) -> None:
        """Add one to a row, together with the job's end: name, pause before in ms."""
        self.note(ids)
        time.sleep(int(ids[1]) / 1000)
        with attempt.finish() as session:
            row = session.get(Meta, ids[0])
            session.merge(Meta(key=ids[0], value=str(int(row.value if row else 0) + 1)))

    def deadly(self, _attempt: Attempt, ids: Sequence[str]) -> None:
        """End the worker at once."""
        self.note(ids)
        os.kill(os.getpid(), signal.SIGKILL)

    def hangs(self, _attempt: Attempt, ids: Sequence[str]) -> None:
        """Never end."""
        self.note(ids)
        time.sleep(600)


def breaks(_attempt: Attempt, ids: Sequence[str]) -> None:
    """Raise what the id says: `later`, `full`, `broken`, or an error code."""
    faults = {"later": Later(60), "full": OSError(28, "No space left on device"), "broken": ValueError()}
    raise faults[ids[0]] if ids[0] in faults else Problem(ids[0])
