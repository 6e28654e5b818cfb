"""A free loopback port.

Tests' servers bind their port a moment after it was chosen; some release it and bind it again. So it must not be one
that the kernel gives to others: those begin at 32,768, for listeners and for every outgoing connection. Nor one that
another process of tests chose: whoever chose one holds a lock on it until the process ends.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path

LOOPBACK = "127.0.0.1"
PORTS = range(11_000, 32_000)
"""Above the ports that browsers refuse, below the kernel's own."""

_turn = itertools.count(random.randrange(len(PORTS)))


def take_none() -> None:
    """Let commands of tests check no port of their own: a `make run` beside the tests holds the usual one."""
    os.environ["LOA_PORT"] = "0"


@cache
def _chosen() -> int:
    """A file with a byte for each port. Never closed: that would let go of all of this process's locks."""
    return os.open(Path(tempfile.gettempdir()) / f"loa-test-ports-{os.getuid()}", os.O_WRONLY | os.O_CREAT, 0o600)


def _take(port: int) -> bool:
    """Whether no other process of tests chose it; it is this one's from now on. A fork has to choose its own."""
    try:
        fcntl.lockf(_chosen(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def free_port() -> int:
    """The next free port in turn; another process of the same tests began its turn elsewhere."""
    while True:
        port = PORTS[next(_turn) % len(PORTS)]
        if not _take(port):
            continue
        with socket.socket() as asked:
            try:
                asked.bind((LOOPBACK, port))
            except OSError:
                continue
        return port


def can_listen(port: int, address: str = LOOPBACK) -> bool:
    """Whether nobody listens there any more; connections that have ended do not matter."""
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asked.bind((address, port))
        except OSError:
            return False
    return True
