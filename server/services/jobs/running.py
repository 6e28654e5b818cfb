"""Run one job: take it, renew its lease while the function works, end it."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Final

from server.core.acting import ActorKind, acting_as
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.core.unavailable import is_unavailable
from server.services.jobs import leases
from server.services.jobs.attempt import Attempt, Interrupted, Later, LeaseLost
from server.services.jobs.kinds import Jobs
from server.services.jobs.leases import BROKEN, LeasedJob

log = logging.getLogger(__name__)

TELL_S: Final = 2.0
"""How often progress is written, if it changed."""
PAUSE_MS: Final = 10_000
"""Pause after an attempt for which database or disk were not there; doubled each time."""
HUNG: Final = 70
"""Exit code of a worker whose job took too long."""
UNAVAILABLE: Final = "unavailable"
Enter = Callable[[], AbstractContextManager[object]]
"""Makes the context in which a thread may use the database."""


def run(jobs: Jobs, job_id: str, enter: Enter, stopping: Callable[[], bool]) -> None:
    """Run the job if it waits; return when it has ended or waits again. Never raises."""
    try:
        with enter():
            taken = _take(jobs, job_id)
            if taken is not None:
                with acting_as(ActorKind.JOB, taken.kind.name):
                    _attempt(jobs, taken, enter, stopping)
    except Exception as error:  # noqa: BLE001  # the lease runs out, and the job waits again
        log.error("job %s: %s", job_id, type(error).__name__)  # noqa: TRY400  # messages may hold values


def _take(jobs: Jobs, job_id: str) -> LeasedJob | None:
    with reading() as session:
        before = leases.last_lease(session, job_id)
    if before is not None:
        with suppress(OSError):  # the next attempt may need no store, and half a result is in nobody's way
            jobs.blobs.drop([leases.result_key(job_id, before)])
        shutil.rmtree(jobs.work_folder / before, ignore_errors=True)
    with writing() as session:
        return leases.take(session, job_id, jobs.kinds)


def _attempt(jobs: Jobs, taken: LeasedJob, enter: Enter, stopping: Callable[[], bool]) -> None:
    folder = jobs.work_folder / taken.lease
    try:
        attempt = Attempt(taken, folder, jobs.blobs, stopping)
        with _renewed(attempt, enter):
            try:
                folder.mkdir(parents=True)
                result = taken.kind.run(attempt, taken.ids)
                if not attempt.finished:
                    with attempt.finish(result):
                        pass
            except LeaseLost:
                log.warning("job %s (%s): another worker has it", taken.id, taken.kind.name)
            except Interrupted:
                _give_back(taken, 0, counted=False)
            except Later as later:
                _give_back(taken, int(later.after_s * 1000), counted=False)
            except Problem as problem:
                _fail(taken, problem.code)
            except Exception as error:  # noqa: BLE001  # any function's fault is the job's
                _failed(taken, error)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _failed(taken: LeasedJob, error: Exception) -> None:
    if not is_unavailable(error):
        log.error("job %s (%s): unhandled %s", taken.id, taken.kind.name, type(error).__name__, exc_info=error)
        _fail(taken, BROKEN)
    elif taken.attempts < taken.kind.attempts:
        log.warning("job %s (%s): %s, tried again", taken.id, taken.kind.name, type(error).__name__)
        _give_back(taken, PAUSE_MS * 2 ** (taken.attempts - 1), counted=True)
    else:
        _fail(taken, UNAVAILABLE)


def _give_back(taken: LeasedJob, after_ms: int, *, counted: bool) -> None:
    with writing() as session:
        leases.give_back(session, taken, after_ms, counted=counted)


def _fail(taken: LeasedJob, code: str) -> None:
    with writing() as session:
        leases.fail(session, taken, code)


@contextmanager
def _renewed(attempt: Attempt, enter: Enter) -> Iterator[None]:
    """Renew the lease in another thread until the block ends."""
    ended = threading.Event()
    thread = threading.Thread(target=_renew, args=(attempt, enter, ended), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _renew(attempt: Attempt, enter: Enter, ended: threading.Event) -> None:
    kind = attempt.taken.kind
    third_s = kind.lease_ms / 3000
    begun = renewed = time.monotonic()
    written = 0
    while not ended.wait(min(TELL_S, third_s)) and not attempt.finished:
        now, percent = time.monotonic(), attempt.percent
        if now - begun > kind.longest_s:  # a hung thread cannot be ended, and nothing else would run behind it
            log.error("job %s (%s) took too long: this worker ends", attempt.taken.id, kind.name)
            os._exit(HUNG)
        if percent == written and now - renewed < third_s:
            continue
        try:
            with enter(), writing() as session:
                attempt.lost = not leases.renew(session, attempt.taken, percent)
        except Exception as error:  # noqa: BLE001  # tried again; if it lasts, the lease runs out
            log.warning("job %s: lease not renewed: %s", attempt.taken.id, type(error).__name__)
        else:
            written, renewed = percent, now
