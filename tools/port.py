"""Checks that the port is free before a setup of minutes; the server itself checks again."""

from __future__ import annotations

import errno
import os
import socket

from house import stop


def check() -> None:
    """Stop with one sentence if another program listens. The server reports other errors better."""
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
