"""One client's connection: a socket with timeouts, whose pace can be measured and which another thread can cut."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from server.serving.pace import SLOW, Pace

SILENT_READ_S = 20.0
SILENT_WRITE_S = 60.0
PIECE = 4 * 1024
"""Bytes of an answer that must be sent within SILENT_WRITE_S."""
NOT_SENT = 16 * 1024
"""Unsent bytes that the kernel may buffer: more would hide how fast a client reads."""


class PacedSocket:
    """A socket for gunicorn. A read raises TimeoutError after 20 s of silence or below the floor (pace.py)."""

    def __init__(self, raw: socket.socket, closed: Callable[[], None]) -> None:
        self.raw = raw
        self.is_cut = False
        self._patience_s = SILENT_READ_S
        self.begin()
        self._closed: Callable[[], None] | None = closed
        if raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT)

    def begin(self) -> None:
        """Start measuring the pace of a new request."""
        self.sending, self.taking = Pace(sure_s=2.0), Pace(sure_s=10.0)

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
        """Send all of it, piece by piece. Raises TimeoutError when a piece is not taken."""
        self.raw.settimeout(SILENT_WRITE_S)
        view = memoryview(data)
        for at in range(0, len(view), PIECE):
            piece = view[at : at + PIECE]
            self.taking.wait()
            try:
                self.raw.sendall(piece)
            finally:
                self.taking.moved(len(piece))

    send = sendall

    @property
    def is_waiting(self) -> bool:
        """True while a thread waits for the client."""
        return self.sending.is_waiting or self.taking.is_waiting

    def slowness(self) -> float | None:
        """The client's bytes per second if a thread waits for it and it is slow; else None."""
        rates = [rate for rate in (self.sending.rate(), self.taking.rate()) if rate is not None and rate < SLOW]
        return min(rates, default=None)

    def settimeout(self, seconds: float | None) -> None:
        """Shorten the timeout of reads: gunicorn does so while it drains a body."""
        self._patience_s = SILENT_READ_S if seconds is None else min(seconds, SILENT_READ_S)

    def cut(self) -> None:
        """End the wait of the thread that serves this connection. Called from another thread.

        A client that sends too slowly can still be answered, and the bytes that came are kept.
        """
        self.is_cut = True
        how = socket.SHUT_RD if self.taking.rate() is None else socket.SHUT_RDWR
        with suppress(OSError):  # not SSLSocket's own shutdown: it drops the TLS session that the thread still uses
            socket.socket.shutdown(self.raw, how)

    def close(self) -> None:
        """Close it, once."""
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()
        self.raw.close()

    def __getattr__(self, name: str) -> Any:
        """Delegate everything else to the socket: fileno, getsockname, settimeout."""
        return getattr(self.raw, name)
