"""One form for every error of every route: JSON for programs, a page for people (table in problem_details.py)."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, json, render_template, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from server.core.problem_details import RETRY_AFTER, STATUS_CODES, Problem, body
from server.core.unavailable import is_unavailable
from server.serving.language import language
from sync.errors import Refused

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.after_request(_local)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Refused, lambda refused: _problem(Problem.of(refused)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, lambda _: _answer("malformed", 400, None, {}))  # a malformed chunk
    app.register_error_handler(Exception, _other)


def _problem(problem: Problem) -> BaseResponse:
    return _answer(problem.row.code, problem.row.status, problem.field, problem.headers)


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if status < 400:  # a redirect made by the router
        return error.get_response()
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = STATUS_CODES.get(status, "internal" if status >= 500 else "bad_request")
    return _answer(code, status, None, headers)


def _local(response: BaseResponse) -> BaseResponse:
    """Reduce a redirect to its path, because the router builds its URL from the Host header, which anybody may write.

    No answer then depends on the Host header, so none need be refused because of it. A health check by address, a
    second name and a phone on a cable keep working. Links are built from LOA_PUBLIC_URL.
    """
    parts = urlsplit(response.headers.get("Location", ""))
    if parts.netloc:
        response.headers["Location"] = f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
        response.set_data(b"")  # the body names the URL again
    return response


def _other(error: Exception) -> BaseResponse:
    """Answer 503 if the database or disk is locked, full, read-only or gone: nothing was stored. Otherwise 500."""
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
        response.headers["Connection"] = "close"  # a later request must not read the rest of an unread body
    return response
