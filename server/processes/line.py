"""One client's connection: its reads have a floor, its writes never wait.

A thread reads a long body from it and waits meanwhile, not below the floor. What a thread writes goes out at once as
far as the client takes it; the rest waits here, and the worker's loop sends it (slow_lines.py).
"""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from server.processes.pace import SLOW, Pace

SILENT_READ_S = 20.0
SILENT_WRITE_S = 60.0
PIECE = 16 * 1024
"""Most bytes of an answer that are sent at once."""
NOT_SENT = 16 * 1024
"""Unsent bytes that the kernel may buffer: more would hide how fast a client reads."""


class PacedSocket:
    """A socket for gunicorn. A read raises TimeoutError after 20 s of silence or below the floor (pace.py)."""

    def __init__(self, raw: socket.socket, asker: str, closed: Callable[[], None]) -> None:
        self.raw = raw
        self.asker = asker
        """The address block that its request counts for."""
        self.is_cut = False
        self.unsent = 0
        """Bytes of an answer that the client has not taken yet."""
        self._parts: deque[memoryview] = deque()
        self._patience_s = SILENT_READ_S
        self.thread, self.held_since = 0, 0.0
        """The thread that has its request, and since when (monotonic)."""
        self.begin()
        self._closed: Callable[[], None] | None = closed
        if raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT)

    def begin(self) -> None:
        """Start measuring the pace of a new request."""
        self.sending, self.taking = Pace(sure_s=2.0), Pace(window_s=SILENT_WRITE_S)

    def recv(self, size: int) -> bytes:
        """Receive some bytes; none at the end. Raises TimeoutError."""
        if self.is_cut:
            return b""
        if self.sending.is_too_slow:
            raise TimeoutError("below the floor")
        self.raw.settimeout(self._patience_s)
        self.sending.wait()
        data = b""
        try:
            data = self.raw.recv(size)
        finally:
            self.sending.moved(len(data))
        return data

    def sendall(self, data: bytes) -> None:
        """Send what the client takes at once, and keep the rest for flush(). Raises OSError for a broken connection."""
        self._parts.append(memoryview(data))
        self.unsent += len(data)
        self.flush()

    send = sendall

    def flush(self) -> int:
        """Send what the client takes, without waiting; return how many bytes. Raises OSError for a broken one."""
        sent = 0
        self.raw.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            while self._parts:
                part = self._parts[0]
                moved = self.raw.send(part[:PIECE]) if part else 0
                sent += moved
                self.unsent -= moved
                if moved == len(part):
                    self._parts.popleft()
                else:
                    self._parts[0] = part[moved:]
        return sent

    @property
    def is_waiting(self) -> bool:
        """True while a thread waits for the client."""
        return self.sending.is_waiting

    def slowness(self) -> float | None:
        """The client's bytes per second if a thread waits for it and it is slow; else None."""
        rate = self.sending.rate()
        return rate if rate is not None and rate < SLOW else None

    def settimeout(self, seconds: float | None) -> None:
        """Shorten the timeout of reads: gunicorn does so while it drains a body."""
        self._patience_s = SILENT_READ_S if seconds is None else min(seconds, SILENT_READ_S)

    def gettimeout(self) -> float:
        """The timeout of reads, which gunicorn puts back; that of the socket itself is 0 after a write."""
        return self._patience_s

    def cut(self) -> None:
        """End the wait of the thread that reads from this connection. Called from another thread.

        The client can still be answered, and the bytes that came are kept.
        """
        self.is_cut = True
        with suppress(OSError):  # not SSLSocket's own shutdown: it drops the TLS session that the thread still uses
            socket.socket.shutdown(self.raw, socket.SHUT_RD)

    def close(self) -> None:
        """Close it, once."""
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()
        self._parts.clear()
        self.unsent = 0
        self.raw.close()

    def __getattr__(self, name: str) -> Any:
        """Delegate everything else to the socket: fileno, getsockname, setblocking."""
        return getattr(self.raw, name)
