"""The machine is busy with something else: what judges seconds, or wins a race because it is quick, falls here."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

EACH = 2
"""Processes that turn round and round, for each of the machine's processors."""
_TURN = "import os, sys\nwhile os.getppid() == int(sys.argv[1]): sum(range(100_000))"


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """Once for the whole run, not in each of its processes."""
    if not hasattr(session.config, "workerinput"):
        for _ in range(EACH * (os.cpu_count() or 1)):
            busy = subprocess.Popen([sys.executable, "-c", _TURN, str(os.getpid())])
            session.config.add_cleanup(busy.kill)
    return (yield)
