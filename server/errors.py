"""Every error of every route, in one form: JSON for programs, a page for people (problem_details.py has the table)."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, json, render_template, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from server.core.language import language
from server.core.problem_details import RETRY_AFTER, STATUS_CODES, Problem, body
from server.core.unavailable import is_unavailable
from sync.errors import Refused

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.after_request(_local)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Refused, lambda refused: _problem(Problem.of(refused)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, lambda _: _answer("malformed", 400, None, {}))  # a chunk that is none
    app.register_error_handler(Exception, _other)


def _problem(problem: Problem) -> BaseResponse:
    return _answer(problem.row.code, problem.row.status, problem.field, problem.headers)


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if status < 400:  # a redirect of the router
        return error.get_response()
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = STATUS_CODES.get(status, "internal" if status >= 500 else "bad_request")
    return _answer(code, status, None, headers)


def _local(response: BaseResponse) -> BaseResponse:
    """A redirect by its path alone: the router builds its own from the Host header, which anybody may write.

    With that, no answer depends on the header, and none need be refused for it: a health check by address, a second
    name and a phone on a cable go on working. Links are built from LOA_PUBLIC_URL.
    """
    parts = urlsplit(response.headers.get("Location", ""))
    if parts.netloc:
        response.headers["Location"] = f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
        response.set_data(b"")  # which names it again
    return response


def _other(error: Exception) -> BaseResponse:
    """Locked, full, read only, gone: nothing was stored, and it may be better in a moment. Any other is our fault."""
    return _unavailable(error) if is_unavailable(error) else _internal(error)


def _unavailable(error: Exception) -> BaseResponse:
    cause = getattr(error, "orig", None)
    log.error("unavailable: %s", type(cause or error).__name__)  # the message may hold values
    return _answer("unavailable", 503, None, {"Retry-After": RETRY_AFTER})


def _internal(error: Exception) -> BaseResponse:
    if current_app.testing:
        raise error
    log.error("unhandled %s", type(error).__name__, exc_info=error)
    return _answer("internal", 500, None, {})


def _answer(code: str, status: int, field: str | None, headers: dict[str, str]) -> BaseResponse:
    problem = body(code, language(), field) | {"status": status}
    if request.path.startswith("/api/"):
        response = Response(json.dumps(problem), status, content_type="application/problem+json")
    else:
        response = Response(render_template("error.html", problem=problem), status)
    response.headers.update(headers)
    if request.method not in ("GET", "HEAD") and status >= 400:
        response.headers["Connection"] = "close"  # the rest of an unread body must not be taken for the next request
    return response
