"""Every error of every route, in one form: JSON for programs, a page for people (problems.py has the table)."""

from __future__ import annotations

import logging
from errno import EDQUOT, EIO, ENOSPC, EROFS
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, json, render_template, request
from gunicorn.http.errors import ParseException
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from server.language import language
from server.problems import STATUS_CODES, Problem, body
from sync.errors import Refused

log = logging.getLogger(__name__)
RETRY_AFTER = "30"


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.after_request(_local)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(Refused, lambda refused: _problem(Problem.of(refused)))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(SQLAlchemyError, _database)
    app.register_error_handler(OSError, _file)
    app.register_error_handler(ParseException, lambda _: _answer("malformed", 400, None, {}))  # a chunk that is none
    app.register_error_handler(Exception, _internal)


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


def _database(error: SQLAlchemyError) -> BaseResponse:
    """Locked, full, gone, or no connection free: nothing was stored, and it may be better in a moment."""
    gone = isinstance(error, DBAPIError) and error.connection_invalidated
    if gone or isinstance(error, OperationalError | PoolTimeout | PendingRollbackError):
        return _unavailable(error)
    return _internal(error)


def _file(error: OSError) -> BaseResponse:
    """A full or failing disk passes; any other is a fault of ours."""
    return _unavailable(error) if error.errno in (ENOSPC, EDQUOT, EIO, EROFS) else _internal(error)


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
