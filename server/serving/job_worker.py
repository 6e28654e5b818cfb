"""The process that does the jobs: `loa worker`, and the child of `loa serve`. One job at a time.

huey's consumer takes ids from the queue in one thread; the main thread minds the jobs (services/jobs/minding.py) until
it is told to stop. Then the running job leaves at its next `progress` and waits again.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
from functools import partial

from flask import Flask

from server.services.jobs import Jobs, minding, queue, running
from server.services.jobs.chores import Chores
from server.services.jobs.queue import JobQueue

log = logging.getLogger(__name__)

EVERY_S = 5.0
"""How often jobs are minded."""
LEAVE_S = 5
"""How long a job may take to leave; then the process ends anyway, and the job's lease runs out."""
_PR_SET_PDEATHSIG = 1


def work(app: Flask, parent: int | None = None) -> None:
    """Do jobs until a signal says stop. `parent`: the process whose child this is; without it nothing goes on."""
    stopping = threading.Event()
    if parent is not None:
        _end_with(parent, stopping)
    jobs: Jobs = app.extensions["loa_jobs"]
    for name in ("Worker", "Scheduler"):  # without its queue each would log its traceback every second; `_mind` says it
        logging.getLogger(f"huey.consumer.{name}").setLevel(logging.CRITICAL)
    run = partial(running.run, jobs, enter=app.app_context, stopping=stopping.is_set)
    with queue.opened(jobs.url, jobs.data_dir, run) as opened:
        consumer = opened.consumer(LEAVE_S)
        consumer.start()
        for number in (signal.SIGTERM, signal.SIGINT):  # in place of huey's own, which would wait for a long job
            signal.signal(number, lambda *_: _leave(stopping))
        chores, minded = Chores(jobs), True
        while True:
            minded = _mind(app, jobs, opened, chores, before=minded)
            if stopping.wait(EVERY_S) or (parent is not None and os.getppid() != parent):
                break
            consumer.check_worker_health()
        _leave(stopping)
        consumer.stop(graceful=True)


def _leave(stopping: threading.Event) -> None:
    stopping.set()
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # which ends the process, whatever it waits for
    signal.alarm(2 * LEAVE_S)


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
