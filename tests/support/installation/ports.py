"""A free loopback port.

Tests' servers bind their port a moment after it was chosen; some release it and bind it again. So it must not be one
that the kernel gives to others: those begin at 32,768, for listeners and for every outgoing connection.
"""

from __future__ import annotations

import itertools
import os
import random
import socket

LOOPBACK = "127.0.0.1"
PORTS = range(11_000, 32_000)
"""Above the ports that browsers refuse, below the kernel's own."""

_turn = itertools.count(random.randrange(len(PORTS)))


def take_none() -> None:
    """Let commands of tests check no port of their own: a `make run` beside the tests holds the usual one."""
    os.environ["LOA_PORT"] = "0"


def free_port() -> int:
    """The next free port in turn; another process of the same tests began its turn elsewhere."""
    while True:
        port = PORTS[next(_turn) % len(PORTS)]
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
