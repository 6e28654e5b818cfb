"""A request before it has a thread: TLS handshake, head, and a small body are gathered by the worker's loop.

A thread begins when there is something to do. So whoever is silent or drips a head, a handshake or a form holds none,
and only bodies of more than BODY bytes, which nobody unknown may send, are read by threads.
"""

from __future__ import annotations

import re
import ssl
import time
from typing import Final

from server.serving.line import SILENT_READ_S, Line
from server.serving.pace import FLOOR, WINDOW_S

HEAD: Final = 32 * 1024
"""Most bytes of a head; a larger one is no client's of ours."""
BODY: Final = 64 * 1024
"""A body up to this size is gathered; it is the most that a stranger may send (body_limits.py)."""
STREAMED: Final = re.compile(rb"(?:PATCH|POST) /api/v1/uploads[/ ?]")
"""Of a photo what came before a cut is kept, so nothing of it waits here."""
_LENGTH: Final = re.compile(rb"^content-length:([^\n]*)$", re.IGNORECASE | re.MULTILINE)
_DIGITS: Final = re.compile(rb"[ \t]*0*(\d{1,15})[ \t]*\r?")
_CHUNKED: Final = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS: Final = re.compile(rb"^expect:[^\n]*\n", re.IGNORECASE | re.MULTILINE)
TAIL: Final = 256
"""The last chunk and its trailers are looked for in so many bytes: more would cost time at each byte that drips."""
_LAST_CHUNK: Final = re.compile(rb"(?:^|\r\n)0+[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Head:
    """What the head of a request says of its body, read once: a head of 32 kB is not searched again for each byte.

    `length`: bytes of the body; None where none is named. One that is no number counts as large, so a thread judges it.
    """

    def __init__(self, head: bytes) -> None:
        self.is_chunked = bool(_CHUNKED.search(head))
        self.is_streamed = bool(STREAMED.match(head))
        self.expects = bool(_EXPECTS.search(head))
        named = _LENGTH.search(head)
        digits = _DIGITS.fullmatch(named[1]) if named else None
        self.length = int(digits[1]) if digits else BODY + 1 if named else None

    @property
    def is_large(self) -> bool:
        """A body that is not gathered here."""
        return not self.is_chunked and self.length is not None and self.length > BODY

    @property
    def awaits_continue(self) -> bool:
        """The client waits to be asked for a body that is gathered here."""
        small = self.is_chunked or (self.length is not None and 0 < self.length <= BODY)
        return self.expects and small and not self.is_streamed


class Arrival:
    """What came of a request so far.

    `ready`: a thread may begin. `whole`: it will not have to wait for more. `ended`: nothing more comes.
    """

    def __init__(self, line: Line) -> None:
        self.line = line
        self.data = bytearray()
        self.ready = self.whole = self.ended = False
        self._shaking = isinstance(line.raw, ssl.SSLSocket) and line.raw.version() is None
        self._began = self._heard = time.monotonic()
        self._counted = 0
        self._end = 0
        self._head: Head | None = None

    @property
    def has_begun(self) -> bool:
        """Something came."""
        return bool(self.data)

    @property
    def has_head(self) -> bool:
        """The head is there: gunicorn can answer, be it only that the body was cut."""
        return self._head is not None

    def take(self, before: bytes) -> None:
        """Begin with bytes that came behind the request before. Raises OSError for a line that is broken."""
        self.data += before
        self._judge(len(before))

    def gather(self) -> None:
        """Take what is there, without waiting. Raises OSError for a line that is broken."""
        while not (self.ready or self.ended):
            try:
                if self._shaking:
                    self.line.raw.do_handshake()  # type: ignore[attr-defined]
                    self._shaking = False
                    self._heard = time.monotonic()
                piece = self.line.raw.recv(HEAD)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            self._heard = time.monotonic()
            self.ended = not piece
            self._counted += len(piece)
            self.data += piece
            self._judge(len(piece))

    def is_late(self, now: float) -> bool:
        """Silent for 20 s, or below the floor. Called every second or so."""
        waited = now - self._began
        below = waited >= WINDOW_S and self._counted < FLOOR * waited
        if waited >= WINDOW_S:
            self._began, self._counted = now, 0
        return below or now - self._heard >= SILENT_READ_S

    def _judge(self, new: int) -> None:
        """Look at what came, of which `new` bytes were not looked at before."""
        head = self._head or self._read_head(new)
        if head is None:
            self.ready = len(self.data) > HEAD  # answered 431 by the worker
            return
        body = len(self.data) - self._end
        if head.is_chunked:
            self.whole = bool(_LAST_CHUNK.search(bytes(self.data[self._end :][-TAIL:])))
        else:
            self.whole = head.length is None or body >= head.length
        self.ready = self.whole or head.is_large or body > BODY or head.is_streamed

    def _read_head(self, new: int) -> Head | None:
        end = self.data.find(b"\r\n\r\n", max(0, len(self.data) - new - 3))
        if end < 0:
            return None
        self._end = end + 4
        plain = bytes(self.data[: self._end])
        self._head = Head(plain)
        if self._head.awaits_continue:
            self.line.raw.send(CONTINUE)
            self.data[: self._end] = plain = _EXPECTS.sub(b"", plain)
            self._end = len(plain)
        return self._head
