"""`loa serve` forked from a process that has imported it: a start costs 0.3 s of the processor instead of 1.6.

    nursery asks      {"env": {"LOA_PORT": "8123", ...}, "log": "/dev/shm/.../served.log"}
    the process says  4711, and process 4711 is what `loa serve` would be in that environment

This file is both ends: `fork` for tests, and the program that they start once. It is for journeys. Tests of the door,
of crowds and of memory start the command itself (served.py).
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn


@dataclass
class Forked:
    """A server that was forked; what `Popen` offers and tests need."""

    pid: int
    _handle: int = field(init=False)

    def __post_init__(self) -> None:
        self._handle = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """0 once it has ended; how is in its log."""
        return 0 if self._ended_within(0) else None

    def wait(self, timeout: float) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        if not self._ended_within(timeout):
            raise subprocess.TimeoutExpired("loa serve", timeout)
        return 0

    def send_signal(self, number: int) -> None:
        if not self._ended_within(0):
            os.kill(self.pid, number)

    def _ended_within(self, seconds: float) -> bool:
        if self._handle >= 0:
            if not select.select([self._handle], [], [], seconds)[0]:
                return False
            os.close(self._handle)
            self._handle = -1
        return True


def fork(env: Mapping[str, str], log: Path) -> Forked:
    """A new server in its own process group; its output goes to the end of the log."""
    nursery = _nursery()
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    nursery.stdin.write(json.dumps({"env": dict(env), "log": str(log)}).encode() + b"\n")
    nursery.stdin.flush()
    return Forked(int(nursery.stdout.readline()))


@cache
def _nursery() -> subprocess.Popen[bytes]:
    started = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    atexit.register(started.communicate)  # it ends with its input
    return started


# --- the process that is started ------------------------------------------------------


def _work() -> None:
    """Fork a server for each line of input."""
    sys.path.insert(0, str(Path(__file__).parents[2]))  # for `support`
    sys.path.insert(0, str(Path(__file__).parents[3]))
    _warm()
    gc.collect()
    gc.freeze()  # else the first collection in each child copies all of this
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests, which close our input then
    signal.signal(signal.SIGCHLD, _bury)
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _serve(asked["env"], asked["log"])
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def _bury(*_: object) -> None:
    """Wait for the servers that have ended, which counts their processor time to the tests."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _warm() -> None:
    """Import what serves, and compile the templates."""
    import psycopg  # noqa: F401, PLC0415
    from flask import Flask  # noqa: PLC0415
    from sqlalchemy.orm import configure_mappers  # noqa: PLC0415

    import server.commands  # noqa: F401, PLC0415
    from server.application import create_app  # noqa: PLC0415
    from server.settings import Settings  # noqa: PLC0415
    from support import raised  # noqa: PLC0415
    from support.installation.templates import HELD  # noqa: PLC0415

    raised.note()
    Flask.jinja_options = {"bytecode_cache": HELD}
    configure_mappers()
    with TemporaryDirectory(prefix="loa-") as folder:
        app = create_app(Settings.from_environment({"LOA_DATA_DIR": folder}))
        for name in app.jinja_env.list_templates():
            app.jinja_env.get_template(name)


def _serve(env: dict[str, str], log: str) -> NoReturn:
    """Become `loa serve`."""
    from server.commands import main  # noqa: PLC0415

    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.environ.clear()
    os.environ.update(env)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number in (1, 2):
        os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), number)
    sys.argv = ["loa", "serve"]
    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    _work()
