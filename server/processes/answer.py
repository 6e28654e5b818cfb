"""An answer that is made as fast as its client takes it, without holding a thread meanwhile.

A thread runs the application and writes what it gives. When more than HELD bytes wait for the client, the thread is
free: the worker's loop sends them, and another thread goes on. All steps run in one context (contextvars), because
Flask keeps its request there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import copy_context
from datetime import datetime
from typing import Any, Final

from gunicorn.http import wsgi

HELD: Final = 64 * 1024
"""Bytes that wait for a client, above which no more are made for it."""
LOW: Final = 16 * 1024
"""Bytes that wait for it, below which more are made."""


class ShortHead(wsgi.Response):
    """gunicorn's answer, without its name and `keep-alive` in the head: 42 bytes of each.

    Nobody needs the name, and a connection of HTTP/1.1 is kept where nothing is said (RFC 9112, 9.3).
    """

    def default_headers(self) -> list[str]:
        """Return the lines that every answer begins with."""
        needless = {f"Server: {self.version}\r\n"}
        if self.req.version >= (1, 1):
            needless.add("Connection: keep-alive\r\n")
        return [line for line in super().default_headers() if line not in needless]


class PacedAnswer:
    """One answer. `response` is gunicorn's, `application` what gives the pieces."""

    def __init__(self, response: Any, request: Any, environ: dict[str, Any], line: Any) -> None:
        self.response = response
        response.__class__ = ShortHead
        self._request, self._environ, self._line = request, environ, line
        self._context = copy_context()
        self._begun = datetime.now()  # noqa: DTZ005  # gunicorn's access log subtracts such a one
        self._made: Any = None
        self._pieces: Iterator[bytes] = iter(())

    def begin(self, application: Callable[..., Any]) -> None:
        """Run the application; its pieces are written by write()."""
        self._made = self._context.run(application, self._environ, self.response.start_response)
        self._pieces = iter(self._made)

    def write(self) -> bool:
        """Write on. Returns True if the answer is whole, False if its client is behind. Raises what pieces raise."""
        return self._context.run(self._write)

    def _write(self) -> bool:
        response = self.response
        while response.response_length is None or response.sent < response.response_length:
            piece = next(self._pieces, None)
            if piece is None:
                break
            response.write(piece)
            if self._line.unsent > HELD and response.sent != response.response_length:
                return False
        response.close()
        return True

    def close(self) -> None:
        """End the application's part: its files and transactions are given back."""
        if hasattr(self._made, "close"):
            self._context.run(self._made.close)

    def log(self, log: Any) -> None:
        """Write the line of the access log, where there is one."""
        log.access(self.response, self._request, self._environ, datetime.now() - self._begun)  # noqa: DTZ005  # as above
