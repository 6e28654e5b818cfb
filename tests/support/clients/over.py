"""The client of API tests over a real line: the few calls of Flask's test client that it makes, to a running server."""

from __future__ import annotations

import http.client
import json
from typing import Any, cast

from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from support.clients.client import Client
from support.installation.ports import LOOPBACK


class Over:
    """Each call is a connection of its own. Raises OSError or HTTPException when the server is gone.

    `source`: the address that it comes from.
    """

    def __init__(self, port: int, source: str = LOOPBACK) -> None:
        self._port, self.source = port, source

    def get(self, path: str, *, headers: dict[str, str], buffered: bool = True) -> Response:
        assert buffered
        return self._call("GET", path, headers)

    def head(self, path: str, *, headers: dict[str, str]) -> Response:
        return self._call("HEAD", path, headers)

    def post(self, path: str, *, headers: dict[str, str], **named: Any) -> Response:
        data = json.dumps(named["json"]).encode() if "json" in named else named.get("data", b"")
        return self._call("POST", path, headers, data, named["content_type"])

    def patch(self, path: str, *, headers: dict[str, str], data: bytes, content_type: str) -> Response:
        return self._call("PATCH", path, headers, data, content_type)

    def _call(
        self, method: str, path: str, headers: dict[str, str], data: bytes = b"", content_type: str | None = None
    ) -> Response:
        line = http.client.HTTPConnection(LOOPBACK, self._port, timeout=60, source_address=(self.source, 0))
        try:
            typed = {"Content-Type": content_type} if content_type else {}
            line.request(method, path, data, {**headers, **typed})
            answer = line.getresponse()
            return Response(answer.read(), answer.status, list(answer.getheaders()))
        finally:
            line.close()


def client(port: int, token: str, source: str = LOOPBACK) -> Client:
    """A device that speaks to the server on this port, from this address."""
    return Client(cast("FlaskClient", Over(port, source)), token)
