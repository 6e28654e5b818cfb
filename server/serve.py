"""Gunicorn, set for slow phones.

Measured: at 400 phones sending 5 kB/s, two processes of 256 threads still answer beside them; small pools and
single-threaded workers starve. A phone that falls silent would hold its thread for ever, so the kernel ends a read
after 20 s without a byte and a write after 60 s without progress: silence is timed, never a whole transfer. The
application sees BlockingIOError; what it asked for and had half received is lost with it, so uploads are read in
pieces of 1 KiB, the least gunicorn reads at once.
"""

from __future__ import annotations

import errno
import socket
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLog

import server

if TYPE_CHECKING:
    from flask import Flask
    from gunicorn.arbiter import Arbiter

    from server.settings import Settings

SILENT_READ_S = 20
SILENT_WRITE_S = 60


class CannotListen(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The address cannot be had; the message says what to change."""


class Log(GunicornLog):
    """Gunicorn's log without a traceback for each phone that fell silent before its request was whole."""

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Called by the worker inside its handlers."""
        if isinstance(sys.exception(), BlockingIOError):  # what a read says when the time of silence is over
            self.debug("A silent connection was closed.")
        else:
            super().exception(msg, *args, **kwargs)


class Served(BaseApplication):
    """Loa under gunicorn, configured by our settings alone: no gunicorn files, flags or variables."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn before it starts."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each worker after the fork, so that no two share a database connection."""
        return server.create_app(self._settings)


def options(settings: Settings) -> dict[str, Any]:
    """What we ask of gunicorn, by its own names."""
    certificate, key = settings.tls or (None, None)
    shared_memory = Path("/dev/shm")  # noqa: S108  # gunicorn's heartbeat; a slow disk must not look like a dead worker
    return {
        "bind": f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}",
        "certfile": str(certificate) if certificate else None,
        "keyfile": str(key) if key else None,
        "worker_class": "gthread",
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_connections": settings.threads * 4,  # the rest wait for a thread, kept alive
        "keepalive": 30,  # a sync is several requests, and a new connection costs a 2G phone two round trips
        "timeout": 60,
        "graceful_timeout": 30,
        "max_requests": 20_000,  # whatever leaks, leaks a bounded time; jitter keeps the workers apart
        "max_requests_jitter": 5_000,
        "worker_tmp_dir": str(shared_memory) if shared_memory.is_dir() else None,
        "control_socket_disable": True,  # another way in that nobody needs
        "logger_class": Log,
        "proc_name": "loa",
        "when_ready": time_silence,
    }


def time_silence(arbiter: Arbiter) -> None:
    """Set on the listeners before any worker is forked: accepted connections inherit it."""
    for listener in arbiter.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_READ_S, 0))
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", SILENT_WRITE_S, 0))


def check_address(host: str, port: int) -> None:
    """Try the address once, because gunicorn would retry and then end without a reason. Raises CannotListen."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"Port {port} on {host} is taken; stop the other program or choose another: LOA_PORT={port + 1}."
        else:
            message = f"Cannot listen on {host}, port {port} ({error.strerror}); see LOA_HOST and LOA_PORT."
        raise CannotListen(message) from error
