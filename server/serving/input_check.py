"""Refuse text that no database can hold, before any view reads it: one check for paths, queries and forms.

PostgreSQL accepts no NUL, not even in a query, and would cause a 500. No keyboard types one. JSON bodies are checked by
their schemas (api/schemas.py), and each write on its own (sync/write.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, request

from server.core.problem_details import Problem

NUL = "\0"


def init_app(app: Flask) -> None:
    """Check the URL of every request. The body is left alone: nothing is parsed before authentication."""
    app.before_request(_check_address)


def _check_address() -> None:
    if NUL in request.path:
        raise Problem("not_found")
    _check(request.args.items(multi=True))


def check_form() -> None:
    """Check the form of an authenticated request, and the names of its files. Raises Problem `bad_request`."""
    _check(request.form.items(multi=True))
    _check((name, file.filename or "") for name, file in request.files.items(multi=True))


def _check(pairs: Iterable[tuple[str, str]]) -> None:
    if any(NUL in name or NUL in value for name, value in pairs):
        raise Problem("bad_request")
