"""One form for every error of every route, RFC 9457 problem details: JSON for programs, a page for people.

Here alone a code becomes a status, headers and a sentence (sync/errors.json); services know no HTTP.
"""

from __future__ import annotations

import logging
from typing import Final

from flask import Flask, Response, current_app, json, render_template, request
from flask.globals import request_ctx
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from server.core.problem_details import RETRY_AFTER_S, Problem
from server.core.unavailable import is_unavailable
from server.serving import every_request
from server.serving.every_request import TUS_VERSION, UPLOADS, language
from sync.errors import CODES, Refused

log = logging.getLogger(__name__)
STATUS_CODES: Final = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "bad_request",
    429: "rate_limited",
    503: "unavailable",
}
"""The code for an error that the framework raises by status alone."""


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Refused, lambda refused: _problem(Problem.of(refused)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(ParseException, lambda _: _answer("malformed", 400, None, {}))  # a malformed chunk
    app.register_error_handler(Exception, _other)


def status_of(code: str) -> int:
    """Return the HTTP status of an error code."""
    return CODES[code].status


def headers_of(problem: Problem) -> dict[str, str]:
    """Return the headers of an error's answer: `Retry-After`, where waiting helps."""
    return {} if problem.retry_after_s is None else {"Retry-After": str(problem.retry_after_s)}


def _problem(problem: Problem) -> BaseResponse:
    return _answer(problem.code, status_of(problem.code), problem.field, headers_of(problem))


def _http(error: HTTPException) -> BaseResponse:
    status = error.code or 500
    if status < 400:  # a redirect made by the router
        return error.get_response()
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    code = STATUS_CODES.get(status, "internal" if status >= 500 else "bad_request")
    if request.path.startswith(UPLOADS):  # no view had it, and tus wants its version in every answer
        headers["Tus-Resumable"] = TUS_VERSION
    return _answer(code, status, None, headers)


def _other(error: Exception) -> BaseResponse:
    """Answer 503 if the database or disk is locked, full, read-only or gone: nothing was stored. Otherwise 500.

    A body that was cut is its client's fault, whatever came of it, and no line in the log.
    """
    if isinstance(error, OSError) and every_request.is_cut():
        return _answer("malformed", 400, None, {})
    return _unavailable(error) if is_unavailable(error) else _internal(error)


def _unavailable(error: Exception) -> BaseResponse:
    cause = getattr(error, "orig", None)
    log.error("unavailable: %s, %s, request %s", type(cause or error).__name__, _where(), every_request.request_id())
    return _problem(Problem("unavailable", retry_after_s=RETRY_AFTER_S))


def _internal(error: Exception) -> BaseResponse:
    if current_app.testing:
        raise error
    log.error(
        "unhandled %s, %s, request %s", type(error).__name__, _where(), every_request.request_id(), exc_info=error
    )
    return _answer("internal", 500, None, {})


def _where() -> str:
    """Return method and rule of the route, never the address itself: it may hold a token."""
    return f"{request.method} {request.url_rule.rule if request.url_rule else '(no route)'}"


def _answer(code: str, status: int, field: str | None, headers: dict[str, str]) -> BaseResponse:
    problem = _body(code, status, field)
    if request.path.startswith("/api/"):
        response = Response(json.dumps(problem), status, content_type="application/problem+json")
    elif request_ctx.url_adapter is None:  # the Host header is no host: a page could make no link
        response = Response(str(problem["detail"]), status, mimetype="text/plain")
    else:
        response = Response(
            render_template("error.html", problem=problem, request_id=every_request.request_id()), status
        )
    response.headers.update(headers)
    if request.method not in ("GET", "HEAD") and status >= 400:
        response.headers["Connection"] = "close"  # a later request must not read the rest of an unread body
    return response


def _body(code: str, status: int, field: str | None) -> dict[str, object]:
    problem: dict[str, object] = {
        "type": f"urn:loa:error:{code}",
        "title": CODES[code].en,
        "status": status,
        "code": code,
        "detail": CODES[code].sentence(language()),
    }
    return problem if field is None else problem | {"field": field}
