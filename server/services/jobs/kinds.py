"""The kinds of jobs that this process knows, and where their queue and their results are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from server.blobs import Blobs
from server.core.unit_of_work import keep, part_of

if TYPE_CHECKING:
    from server.services.jobs.attempt import Attempt

    Run = Callable[[Attempt, Sequence[str]], Path | None]
    """Do the job; `ids` are its arguments. Returns the file to keep as its result, if any."""

Due = Callable[[Session], bool | Collection[str]]
NAME_LENGTH: Final = 60


@dataclass(frozen=True, slots=True)
class JobKind:
    """A registered function. `nightly`: also run once a day, after this time in Việt Nam.

    `due`: asked every few seconds whether there is something to do; then one runs, a minute after the last at most. It
    may name parts instead: then one runs for each, with the part as its argument, so that several workers share them.
    `attempts`: most times that it is begun. `lease_ms`: how long a silent worker keeps a job; a living one renews it.
    `longest_s`: a run that takes longer hangs, and its worker is ended.
    """

    name: str
    run: Run
    nightly: time | None = None
    attempts: int = 5
    lease_ms: int = 60_000
    longest_s: float = 3600
    due: Due | None = None


def urgency(asked_by: str | None, ids: Sequence[str]) -> int:
    """Return the priority of a job: 2 if a person asked for it, 1 for the server's own jobs, 0 for a part of one."""
    return 2 if asked_by is not None else 0 if ids else 1


@dataclass(frozen=True, slots=True)
class Chore:
    """Nightly work on this host's own data folder. `run` returns False if it could not be done now; may raise."""

    run: Callable[[], bool]
    nightly: time


@dataclass(frozen=True, slots=True)
class Tick:
    """A short look around that each worker takes every so many seconds, in a thread of its own, without a row."""

    run: Callable[[], object]
    every_s: float


class Jobs:
    """The registry of one application, and what its jobs need."""

    def __init__(self, engine: Engine, data_dir: Path, blobs: Blobs, url: URL | None = None) -> None:
        """`engine`: the database of the job rows, by which `enqueue` finds this registry.

        `url`: of the same database for the queue, which listens and so needs sessions; None: that of the engine.
        """
        self.url = url or engine.url
        self.data_dir = data_dir
        self.blobs = blobs
        self.work_folder = data_dir / "jobs"
        """A folder for each running attempt, named after its lease: on the data's disk, which has room."""
        self.kinds: dict[str, JobKind] = {}
        self.chores: dict[str, Chore] = {}
        self.ticks: dict[str, Tick] = {}
        keep(engine, self)

    def register(  # all but two have a default
        self,
        name: str,
        run: Run,
        *,
        nightly: time | None = None,
        attempts: int = 5,
        lease_ms: int = 60_000,
        longest_s: float = 3600,
        due: Due | None = None,
    ) -> None:
        """Make a kind known; see JobKind. Raises ValueError for a name that is taken or too long."""
        if name in self.kinds or len(name) > NAME_LENGTH:
            raise ValueError(name)
        self.kinds[name] = JobKind(name, run, nightly, attempts, lease_ms, longest_s, due)

    def register_chore(self, name: str, run: Callable[[], bool], *, nightly: time) -> None:
        """Have each host do this on its own data folder, every night. Raises ValueError for a name that is taken."""
        if name in self.chores:
            raise ValueError(name)
        self.chores[name] = Chore(run, nightly)

    def register_tick(self, name: str, run: Callable[[], object], *, every_s: float) -> None:
        """Have each worker do this every so many seconds. Raises ValueError for a name that is taken."""
        if name in self.ticks:
            raise ValueError(name)
        self.ticks[name] = Tick(run, every_s)


def jobs_of(session: Session) -> Jobs:
    """Return the registry of this session's database."""
    found = part_of(session, Jobs)
    if found is None:
        raise LookupError("this database has no jobs")
    return found
