"""A loopback port nobody listens on.

Servers of tests take theirs a moment after it was asked for, some let it go and take it again. So it is none that the
kernel would give to somebody else meanwhile: it gives from 32,768 on, to listeners and to every outgoing connection.
"""

from __future__ import annotations

import itertools
import random
import socket

LOOPBACK = "127.0.0.1"
PORTS = range(11_000, 32_000)
"""Above those that browsers do not open, below the kernel's own."""

_turn = itertools.count(random.randrange(len(PORTS)))


def free_port() -> int:
    """The next in turn that is free; another process of the same tests began its turn elsewhere."""
    while True:
        port = PORTS[next(_turn) % len(PORTS)]
        with socket.socket() as asked:
            try:
                asked.bind((LOOPBACK, port))
            except OSError:
                continue
        return port
