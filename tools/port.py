"""Says that the port is taken before minutes go into setting things up for it; the server itself looks once more."""

from __future__ import annotations

import errno
import os
import socket

from house import stop


def check() -> None:
    """End with one sentence where another program listens. What else may be wrong, the server says better."""
    host, port = os.environ.get("LOA_HOST", "127.0.0.1"), os.environ.get("LOA_PORT", "8080")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            other = int(port) + 1
            stop(f"Port {port} is taken: stop the program that holds it, or choose another: LOA_PORT={other} make run")
