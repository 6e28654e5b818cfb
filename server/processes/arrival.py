"""A request before it has a thread: the worker's loop gathers TLS handshake, head and a small body.

A thread starts only when there is work to do. So a client that is silent, or drips a head, a handshake or a form, holds
none. Threads read only bodies of more than BODY bytes, which nobody may send before authentication.
"""

from __future__ import annotations

import re
import ssl
import time
from typing import Final

from server.processes.line import SILENT_READ_S, PacedSocket
from server.processes.pace import FLOOR, WINDOW_S

HEAD: Final = 32 * 1024
"""Most bytes of a head; none of our clients sends a larger one."""
BODY: Final = 64 * 1024
"""Largest body that is gathered here; also the most that an unauthenticated client may send (every_request.py)."""
STREAMED: Final = re.compile(rb"(?:PATCH|POST) /api/v1/uploads[/ ?]")
"""Photo uploads keep the bytes that came before a cut, so their bodies are streamed, not gathered here."""
_LENGTH: Final = re.compile(rb"^content-length:([^\n]*)$", re.IGNORECASE | re.MULTILINE)
_DIGITS: Final = re.compile(rb"[ \t]*0*(\d{1,15})[ \t]*\r?")
_CHUNKED: Final = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)
_EXPECTS: Final = re.compile(rb"^expect:[^\n]*\n", re.IGNORECASE | re.MULTILINE)
FRESH_S: Final = 1.0
TAIL: Final = 256
"""Bytes searched for the last chunk and its trailers: searching more would cost time at each byte that drips."""
_LAST_CHUNK: Final = re.compile(rb"(?:^|\r\n)0+[ \t]*(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class RequestHead:
    """What a request's head says of its body, parsed once: 32 kB are not searched again for each byte.

    `length`: bytes of the body; None if not given. An invalid number counts as large, so that a thread rejects it.
    """

    def __init__(self, head: bytes) -> None:
        self.text = head
        self.is_chunked = bool(_CHUNKED.search(head))
        self.is_streamed = bool(STREAMED.match(head))
        self.expects = bool(_EXPECTS.search(head))
        named = _LENGTH.search(head)
        digits = _DIGITS.fullmatch(named[1]) if named else None
        self.length = int(digits[1]) if digits else BODY + 1 if named else None

    @property
    def is_large(self) -> bool:
        """True if the body is too large to be gathered here."""
        return not self.is_chunked and self.length is not None and self.length > BODY

    @property
    def awaits_continue(self) -> bool:
        """True if the client sent `Expect: 100-continue` for a body that is gathered here."""
        small = self.is_chunked or (self.length is not None and 0 < self.length <= BODY)
        return self.expects and small and not self.is_streamed


class Arrival:
    """The part of a request that has come so far.

    `ready`: a thread may start. `whole`: it will not have to wait for more. `ended`: the client has closed.
    """

    def __init__(self, line: PacedSocket) -> None:
        self.line = line
        self.data = bytearray()
        self.ready = self.whole = self.ended = False
        self._shaking = isinstance(line.raw, ssl.SSLSocket) and line.raw.version() is None
        self._began = self._heard = time.monotonic()
        self._counted = 0
        self._end = 0
        self._head: RequestHead | None = None

    @property
    def has_begun(self) -> bool:
        """True if any byte came."""
        return bool(self.data)

    @property
    def has_head(self) -> bool:
        """True if the head is complete: gunicorn can answer, if only that the body was cut."""
        return self._head is not None

    @property
    def head(self) -> bytes:
        """The head, once it is complete."""
        return self._head.text if self._head else b""

    @property
    def is_streamed(self) -> bool:
        """True for an upload, whose bytes are kept as far as they came."""
        return self._head is not None and self._head.is_streamed

    def take(self, before: bytes) -> None:
        """Start with bytes that came behind the previous request. Raises OSError for a broken connection."""
        self.data += before
        self._judge(len(before))

    def gather(self) -> None:
        """Take what is there, without waiting. Raises OSError for a broken connection."""
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

    def is_fresh(self, now: float) -> bool:
        """True in its first second: what a proxy sends over a connection that was just made is still on its way."""
        return now - self._heard < FRESH_S

    def is_late(self, now: float) -> bool:
        """True after 20 s of silence, or below the floor. Called about every second."""
        waited = now - self._began
        below = waited >= WINDOW_S and self._counted < FLOOR * waited
        if waited >= WINDOW_S:
            self._began, self._counted = now, 0
        return below or now - self._heard >= SILENT_READ_S

    def _judge(self, new: int) -> None:
        """Update the flags; the last `new` bytes were not examined before."""
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

    def _read_head(self, new: int) -> RequestHead | None:
        end = self.data.find(b"\r\n\r\n", max(0, len(self.data) - new - 3))
        if end < 0:
            return None
        self._end = end + 4
        plain = bytes(self.data[: self._end])
        self._head = RequestHead(plain)
        if self._head.awaits_continue:
            self.line.raw.send(CONTINUE)
            self.data[: self._end] = plain = _EXPECTS.sub(b"", plain)
            self._end = len(plain)
        return self._head
