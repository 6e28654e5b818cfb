"""Who acts in a request: its address from the beginning, the officer or device once recognised (core/actor.py).

Each request has an id, in a header of the answer, on the page of an error and in the log's line of it.
"""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, has_request_context, request

from server.core import actor

ID_HEADER = "X-Request-Id"


def init_app(app: Flask) -> None:
    """Begin and end each request as nobody."""
    app.before_request(_begin)
    app.after_request(_name)
    app.teardown_request(_end)


def request_id() -> str:
    """Return the id of the request that runs, by which a person finds its lines in the log; empty outside one."""
    return str(g.get("loa_request", "")) if has_request_context() else ""


def _begin() -> None:
    g.loa_request = secrets.token_hex(4)
    actor.begin(request.remote_addr)


def _name(response: Response) -> Response:
    response.headers[ID_HEADER] = request_id()
    return response


def _end(_error: BaseException | None) -> None:
    actor.end()
