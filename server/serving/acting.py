"""Who acts in a request: its address from the beginning, the officer or device once recognised (core/actor.py)."""

from __future__ import annotations

from flask import Flask, request

from server.core import actor


def init_app(app: Flask) -> None:
    """Begin and end each request as nobody."""
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    actor.begin(request.remote_addr)


def _end(_error: BaseException | None) -> None:
    actor.end()
