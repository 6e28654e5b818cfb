"""One client's connection: a socket whose waits end, and whose pace can be seen and cut short from outside."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from server.serving.pace import SLOW, Pace

SILENT_READ_S = 20.0
SILENT_WRITE_S = 60.0
PIECE = 4 * 1024
"""Bytes of an answer that must go within SILENT_WRITE_S."""
NOT_SENT = 16 * 1024
"""Bytes that the kernel takes of an answer before the line does: more would hide how fast a client reads."""


class Line:
    """What gunicorn asks of a socket. A read ends after 20 s of silence or below the floor (pace.py): TimeoutError."""

    def __init__(self, raw: socket.socket, closed: Callable[[], None]) -> None:
        self.raw = raw
        self.is_cut = False
        self._patience_s = SILENT_READ_S
        self.begin()
        self._closed: Callable[[], None] | None = closed
        if raw.family in (socket.AF_INET, socket.AF_INET6):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, NOT_SENT)

    def begin(self) -> None:
        """A request begins: its pace is its own."""
        self.sending, self.taking = Pace(sure_s=2.0), Pace(sure_s=10.0)

    def recv(self, size: int) -> bytes:
        """Some bytes, none at the end. Raises TimeoutError."""
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
        """A thread waits for the client at this moment."""
        return self.sending.is_waiting or self.taking.is_waiting

    def slowness(self) -> float | None:
        """Its bytes a second where a thread waits for it and it is slow."""
        rates = [rate for rate in (self.sending.rate(), self.taking.rate()) if rate is not None and rate < SLOW]
        return min(rates, default=None)

    def settimeout(self, seconds: float | None) -> None:
        """Wait less for what is read: gunicorn asks for it where it drains a body."""
        self._patience_s = SILENT_READ_S if seconds is None else min(seconds, SILENT_READ_S)

    def cut(self) -> None:
        """End the wait of the thread that has this connection, from another thread.

        It may still answer who sends too slowly, and keeps what came.
        """
        self.is_cut = True
        how = socket.SHUT_RD if self.taking.rate() is None else socket.SHUT_RDWR
        with suppress(OSError):  # not SSLSocket's own: it would take the session from under the thread
            socket.socket.shutdown(self.raw, how)

    def close(self) -> None:
        """Close it, once."""
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()
        self.raw.close()

    def __getattr__(self, name: str) -> Any:
        """Everything else is the socket's: fileno, getsockname, settimeout."""
        return getattr(self.raw, name)
