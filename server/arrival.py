"""A request before it has a thread: TLS handshake, head, and a small body are gathered by the worker's loop.

A thread begins when there is something to do. So whoever is silent or drips a head, a handshake or a form holds none,
and only bodies of more than BODY bytes, which nobody unknown may send, are read by threads.
"""

from __future__ import annotations

import re
import ssl
import time
from typing import Final

from server.line import SILENT_READ_S, Line
from server.pace import FLOOR, WINDOW_S

HEAD: Final = 32 * 1024
"""Most bytes of a head; a larger one is no client's of ours."""
BODY: Final = 64 * 1024
"""A body up to this size is gathered; it is the most that a stranger may send (body_limits.py)."""
STREAMED: Final = re.compile(rb"(?:PATCH|POST) /api/v1/uploads[/ ?]")
"""Of a photo what came before a cut is kept, so nothing of it waits here."""
_LENGTH: Final = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHUNKED: Final = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS: Final = re.compile(rb"^expect:[^\n]*\n", re.IGNORECASE | re.MULTILINE)
TAIL: Final = 256
"""The last chunk and its trailers are looked for in so many bytes: more would cost time at each byte that drips."""
_LAST_CHUNK: Final = re.compile(rb"(?:^|\r\n)0+[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Arrival:
    """What came of a request so far.

    `ready`: a thread may begin. `whole`: it will not have to wait for more. `ended`: nothing more comes.
    """

    def __init__(self, line: Line, before: bytes = b"") -> None:
        self.line = line
        self.data = bytearray(before)
        self.ready = self.whole = self.ended = False
        self._shaking = isinstance(line.raw, ssl.SSLSocket) and line.raw.version() is None
        self._began = self._heard = time.monotonic()
        self._counted = 0
        self._head = 0
        self._judge()

    @property
    def has_begun(self) -> bool:
        """Something came."""
        return bool(self.data)

    @property
    def has_head(self) -> bool:
        """The head is there: gunicorn can answer, be it only that the body was cut."""
        return self._head > 0

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
            self._judge()

    def is_late(self, now: float) -> bool:
        """Silent for 20 s, or below the floor. Called every second or so."""
        waited = now - self._began
        below = waited >= WINDOW_S and self._counted < FLOOR * waited
        if waited >= WINDOW_S:
            self._began, self._counted = now, 0
        return below or now - self._heard >= SILENT_READ_S

    def _judge(self) -> None:
        if self._head == 0:
            end = self.data.find(b"\r\n\r\n")
            self._head = end + 4 if end >= 0 else 0
            if self._head == 0:
                self.ready = len(self.data) > HEAD  # answered 431 by the worker
                return
            self._expect()
        head = bytes(self.data[: self._head])
        length = _LENGTH.search(head)
        body = len(self.data) - self._head
        if _CHUNKED.search(head):
            self.whole = bool(_LAST_CHUNK.search(bytes(self.data[self._head :][-TAIL:])))
            is_large = body > BODY
        else:
            self.whole = length is None or body >= int(length[1])
            is_large = length is not None and int(length[1]) > BODY
        self.ready = self.whole or is_large or bool(STREAMED.match(head))

    def _expect(self) -> None:
        """Answer `Expect: 100-continue` here where the body is waited for here."""
        head = bytes(self.data[: self._head])
        length = _LENGTH.search(head)
        waits = _CHUNKED.search(head) or (length and 0 < int(length[1]) <= BODY)
        if waits and not STREAMED.match(head) and _EXPECTS.search(head):
            self.line.raw.send(CONTINUE)
            self.data[: self._head] = plain = _EXPECTS.sub(b"", head)
            self._head = len(plain)
