"""Somebody signed in at the desk, over a plain socket."""

from __future__ import annotations

import re
import ssl
from urllib.parse import urlencode

from bench import wire
from bench.wire import Answer
from support.world.world import PASSWORD


class Desk:
    """Pages of one person's session."""

    def __init__(self, port: int, username: str, trust: ssl.SSLContext | None = None) -> None:
        self._port, self._trust = port, trust
        self._cookies: dict[str, str] = {}
        form = self._ask("GET", "/desk/sign-in")
        token = re.search(rb'name="csrf_token" value="([^"]+)"', form.text())
        assert token is not None
        fields = {"csrf_token": token[1].decode(), "username": username, "password": PASSWORD}
        answer = self._ask("POST", "/desk/sign-in", urlencode(fields).encode())
        assert answer.status == 303, answer

    def get(self, path: str) -> Answer:
        """A page that must come."""
        answer = self._ask("GET", path)
        assert answer.status == 200, (answer.status, path)
        return answer

    def ask(self, path: str) -> int:
        """The status of a page, which may not be for this person."""
        return self._ask("GET", path).status

    @property
    def cookie(self) -> str:
        """The header of this session."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"Cookie": self.cookie}
        if self._trust:
            headers["Referer"] = f"https://loa{path}"  # a form over TLS says where it was; wire.py names this host
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = wire.ask(self._port, method, path, headers, body, trust=self._trust)
        for line in answer.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer
