"""An upload by hand on its own connection: the head, and as much of the body as wanted, when wanted."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPResponse
from typing import Self

from support.clients.client import OCTETS, TUS
from support.installation.ports import LOOPBACK

PATIENCE_S = 30


@dataclass
class Raw:
    """One connection to the server."""

    port: int
    line: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.line = socket.create_connection((LOOPBACK, self.port), timeout=PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    @property
    def own_port(self) -> int:
        """This side's port, by which the server's side can be found."""
        port: int = self.line.getsockname()[1]
        return port

    def ask(self, words: str, headers: dict[str, str], body: bytes = b"") -> None:
        """Send a request's head, with `body` as the beginning of its body."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.line.sendall(f"{words} HTTP/1.1\r\nHost: {LOOPBACK}\r\n{lines}\r\n".encode("latin-1") + body)

    def patch(self, token: str, sha256: str, offset: int, length: int, body: bytes) -> None:
        """Send a PATCH of `length` bytes, with only `body` now."""
        headers = {
            **TUS,
            "Authorization": f"Bearer {token}",
            "Content-Type": OCTETS,
            "Content-Length": str(length),
            "Upload-Offset": str(offset),
        }
        self.ask(f"PATCH /api/v1/uploads/{sha256}", headers, body)

    def send(self, data: bytes) -> None:
        """Send more of the body."""
        self.line.sendall(data)

    def status(self) -> int:
        """Wait for the answer. Returns its status."""
        with closing(HTTPResponse(self.line)) as answer:
            answer.begin()
            answer.read()
            return answer.status
