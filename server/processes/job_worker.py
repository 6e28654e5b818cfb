"""The process that does the jobs: `loa worker`, and the child of `loa serve`. One job at a time.

huey's consumer takes ids from the queue in one thread; the main thread minds the jobs (services/jobs/minding.py) until
a signal stops it. Then the running job leaves at its next `progress` and waits again.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sqlite3
import sys
import threading
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import psycopg
from flask import Flask

from server.core.shell_words import t
from server.processes import garbage
from server.services.jobs import Jobs, minding, queue, running
from server.services.jobs.minding import Chores, Ticks
from server.services.jobs.queue import JobQueue
from server.serving.installation import installed

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""How often jobs are minded."""
LEAVE_S = 5
"""How long a job may take to leave; then the process ends anyway, and the job's lease runs out."""
NICE = 10
"""Requests go before jobs on a machine that has both."""
AUTOGROUP = Path("/proc/self/autogroup")
"""Linux shares the processor among sessions first, then among the processes of each (sched(7)), so a service's own
`nice` counts for nothing beside other services. This is the nice value of its session."""
_PR_SET_PDEATHSIG = 1
_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class NoQueue(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The queue cannot be opened; the message says why, in one sentence."""


def work(app: Flask, parent: int | None = None) -> None:
    """Do jobs until a signal says stop. `parent`: the process whose child this is; without it nothing goes on.

    Raises NoQueue.
    """
    garbage.keep_for_documents()
    stopping = threading.Event()
    if parent is not None:
        _end_with(parent, stopping)
    jobs = installed(app).jobs
    for name in ("Worker", "Scheduler"):  # without its queue each would log its traceback every second; `_mind` says it
        logging.getLogger(f"huey.consumer.{name}").setLevel(logging.CRITICAL)
    run = partial(running.run, jobs, enter=app.app_context, stopping=stopping.is_set)
    with ExitStack() as stack:
        try:
            opened = stack.enter_context(queue.opened(jobs.url, jobs.data_dir, run))
        except (OSError, sqlite3.Error, psycopg.Error) as error:
            raise NoQueue(_why(error)) from error
        _give_way()
        consumer = opened.consumer(LEAVE_S)
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)  # until the handlers are ours: huey's wait for a long job
        consumer.start()
        for number in _STOP:
            signal.signal(number, lambda *_: _leave(stopping))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
        chores, minded = Chores(jobs), True
        ticks = Ticks(jobs, app.app_context)
        while True:
            ticks.mind()
            minded = _mind(app, jobs, opened, chores, before=minded)
            if stopping.wait(EVERY_S) or (parent is not None and os.getppid() != parent):
                break
            consumer.check_worker_health()
        _leave(stopping)
        consumer.stop(graceful=True)


def _give_way() -> None:
    """Lower the priority; where it may not be, jobs are done at full priority."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))  # threads inherit it
    if os.getsid(0) == os.getpid():  # `loa worker` as a service; a child's session is that of the server
        with suppress(OSError):
            *_, now = AUTOGROUP.read_text().split() or [str(NICE)]  # "/autogroup-7 nice 0"; empty where there is none
            AUTOGROUP.write_text(str(max(NICE, int(now))))


def _why(error: Exception) -> str:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return t(
            "The database's user may not make the schema {schema}, where the queue of jobs is: let it own the "
            "database, or GRANT CREATE ON DATABASE to it. Until then no jobs are done.",
            schema=queue.SCHEMA,
        )
    # No message: it may hold what was typed as the address.
    return t("The queue of jobs cannot be opened ({error}); no jobs are done.", error=type(error).__name__)


def _leave(stopping: threading.Event) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends the process, whatever it waits for
    signal.alarm(2 * LEAVE_S)
    stopping.set()


def _mind(app: Flask, jobs: Jobs, opened: JobQueue, chores: Chores, *, before: bool) -> bool:
    """Return whether it could be done; logs only a change."""
    try:
        opened.make_again()
        with app.app_context():
            minding.mind(jobs, opened)
            chores.mind()
    except Exception as error:  # noqa: BLE001  # database or queue are not there: next time
        if before:
            log.warning("jobs cannot be minded: %s", type(error).__name__)
        return False
    if not before:
        log.warning("jobs can be minded again")
    return True


def _end_with(parent: int, stopping: threading.Event) -> None:
    """Have the kernel tell us when the parent dies, however that is; elsewhere than on Linux `work` asks."""
    signal.signal(signal.SIGTERM, lambda *_: _leave(stopping))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit()
