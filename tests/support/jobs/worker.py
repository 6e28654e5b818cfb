"""Real workers with the tests' kinds: `python -m support.jobs.worker` forks one for each line on its input.

A line is the environment as JSON. This process has imported everything, so a worker starts in a fraction of a second.
It dies with the test, and its workers with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from server.application import create_app
from server.processes import job_worker
from server.serving.installation import installed
from server.settings import Settings
from support.jobs import kinds

EVERY_S = 0.2
"""Leases of the tests are short, so jobs are minded often."""


def main() -> None:
    """Fork a worker for each line, and print its process id."""
    job_worker.EVERY_S = EVERY_S
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    here = os.getpid()
    for line in sys.stdin:
        made = os.fork()
        if made == 0:
            _work(json.loads(line), here)
        print(made, flush=True)  # noqa: T201  # that is the answer


def _work(environment: dict[str, str], parent: int) -> None:
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        log = os.open(environment["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, sys.stderr.fileno())
        app = create_app(Settings.from_environment(environment))
        kinds.register(installed(app).jobs, Path(environment["BEGUN"]))
        job_worker.work(app, parent)
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
