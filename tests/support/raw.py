"""An upload by hand on a connection of its own: its head, and of its body as much as one likes, when one likes."""

from __future__ import annotations

import socket
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPResponse
from typing import Self

from support.client import OCTETS, TUS
from support.ports import LOOPBACK

PATIENCE_S = 30


@dataclass
class Raw:
    """One connection to the hub."""

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
        """By which the hub's side can be found."""
        port: int = self.line.getsockname()[1]
        return port

    def ask(self, words: str, headers: dict[str, str], body: bytes = b"") -> None:
        """A request's head, and what of its body goes with it."""
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.line.sendall(f"{words} HTTP/1.1\r\nHost: {LOOPBACK}\r\n{lines}\r\n".encode("latin-1") + body)

    def patch(self, token: str, sha256: str, offset: int, length: int, body: bytes) -> None:
        """A PATCH of so many bytes, of which these are sent now."""
        headers = {
            **TUS,
            "Authorization": f"Bearer {token}",
            "Content-Type": OCTETS,
            "Content-Length": str(length),
            "Upload-Offset": str(offset),
        }
        self.ask(f"PATCH /api/v1/uploads/{sha256}", headers, body)

    def send(self, data: bytes) -> None:
        """More of the body."""
        self.line.sendall(data)

    def status(self) -> int:
        """Of the answer, which is waited for."""
        with closing(HTTPResponse(self.line)) as answer:
            answer.begin()
            answer.read()
            return answer.status
