"""Gunicorn, configured for slow phones.

Measured with 400 phones sending 5 kB/s: two processes of 256 threads still answer others; small pools and
single-threaded workers starve. A silent or dripping phone would hold its thread for ever. So our worker ends both
(slow_lines.py): after 20 s without a byte, or below 1 kB/s over 30 s, but never for the length of a whole transfer. The
application sees TimeoutError and loses the piece that was being read. So uploads are read in pieces of 1 KiB, the least
that gunicorn reads at once.
"""

from __future__ import annotations

import errno
import os
import resource
import socket
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLog

from server.application import create_app
from server.processes import garbage, long_address
from server.processes.job_child import JobChild, TendingArbiter
from server.processes.shares import Shares
from server.processes.slow_lines import SlowLines

if TYPE_CHECKING:
    from flask import Flask

    from server.settings import Settings

SWITCH_S = 0.001
"""How long a thread computes before another may: a short answer waits for each of its statements' answers as often, and
each time for those who compute. Python's own is 5 ms."""
FILES = 8_192
"""Open files a process may have, if the system allows it. A common default is 1,024, which connections alone use up."""


CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: authenticated, with forward secrecy. Every browser that runs the phone app has them."""


class CannotListen(Exception):  # noqa: N818  # it reads as the sentence it prints
    """The address cannot be used; the message says what to change."""


class Log(GunicornLog):
    """Gunicorn's log without a traceback for each phone that fell silent or was too slow."""

    def exception(self, msg: str, *args: object, **kwargs: Any) -> None:
        """Called by the worker inside its handlers."""
        if isinstance(sys.exception(), TimeoutError):  # raised by a read when a client is too slow
            self.debug("A slow connection was closed.")
        else:
            super().exception(msg, *args, **kwargs)


class Served(BaseApplication):
    """Loa under gunicorn, configured by our settings alone: no gunicorn files, flags or variables."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.proxies = settings.trusted_proxies
        self.shares = Shares()
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn before it starts."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("child_exit", lambda _arbiter, worker: self.shares.drop(worker.age))

    def run(self) -> None:
        """Serve until stopped, with a child for jobs unless the settings say no."""
        TendingArbiter(self, JobChild() if self._settings.jobs else None).run()

    def load(self) -> Flask:
        """Called in each worker after the fork, so that no two share a database connection."""
        app = create_app(self._settings)
        garbage.keep()
        sys.setswitchinterval(SWITCH_S)
        return app


def options(settings: Settings) -> dict[str, Any]:
    """Our settings for gunicorn, under its own names."""
    certificate, key = settings.tls or (None, None)
    shared_memory = Path("/dev/shm")  # noqa: S108  # gunicorn's heartbeat; a slow disk must not look like a dead worker
    return {
        "bind": f"[{settings.host}]:{settings.port}" if ":" in settings.host else f"{settings.host}:{settings.port}",
        "certfile": str(certificate) if certificate else None,
        "keyfile": str(key) if key else None,
        "ssl_context": _tls,
        "worker_class": SlowLines,
        "workers": settings.workers,
        "threads": settings.threads,
        "worker_connections": max(
            settings.threads * 2, min(settings.threads * 8, (_files() - 512) // 2)
        ),  # each may read a file
        "limit_request_line": long_address.MOST,
        "sendfile": False,  # a thread would wait in it; our worker's loop sends
        "keepalive": 30,  # a sync is several requests, and a new connection costs a 2G phone two round trips
        "timeout": 60,
        "graceful_timeout": 30,
        "max_requests": 20_000,  # limits the effect of a leak; jitter keeps the workers from restarting together
        "max_requests_jitter": 5_000,
        "worker_tmp_dir": str(shared_memory) if shared_memory.is_dir() else None,
        "control_socket_disable": True,  # another entry point, which nobody needs
        "logger_class": Log,
        "proc_name": "loa",
        "user": os.geteuid(),  # gunicorn's own defaults are of the moment of its import, when root's command was root's
        "group": os.getegid(),
    }


def _tls(_config: object, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """TLS 1.2 or 1.3, said here because not every build of Python leaves older versions out by itself."""
    context = default()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    return context


def _files() -> int:
    """Raise the limit of open files as far as wanted and allowed. Returns the limit in force."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return FILES if soft == resource.RLIM_INFINITY else soft


def check_address(host: str, port: int) -> None:
    """Try to bind the address: gunicorn itself would retry and then end without a reason. Raises CannotListen."""
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
