"""What every request goes through, and what it is asked by all: one list before the view, one after it.

Each request has an id, in a header of the answer, on the page of an error and in the log's line of it. It begins and
ends as nobody (core/acting.py); the guards say who acts. Text that no database can hold is refused before any
view reads it: PostgreSQL accepts no NUL, not even in a query, and would cause a 500. JSON bodies are checked by their
schemas (api/schemas.py), and each write on its own (sync/write.py). Every answer has the security headers: a strict
Content-Security-Policy, no framing, no sniffing, HSTS under TLS. Headers that only documents need are left out of the
phone API, where 280 bytes are a third of an exchange.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, current_app, g, has_request_context, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from server.core import acting
from server.core.problem_details import Problem
from server.serving.installation import installed

log = logging.getLogger(__name__)
ID_HEADER: Final = "X-Request-Id"
LANGUAGE_COOKIE: Final = "loa_language"
NUL: Final = "\0"
POLICY: Final = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""If JSON or a photo is ever opened as a page, nothing in it may run."""
FORWARDED_WARNING: Final = (
    "X-Forwarded-For came in while LOA_TRUSTED_PROXIES is 0. If a proxy stands in front, all clients count as one "
    "address until LOA_TRUSTED_PROXIES says how many proxies there are; if none does, a client made it up. Said once."
)
_LANGUAGE: Final = "loa.language"


def init_app(app: Flask) -> None:
    """Begin, check and end every request of this application. To be called before other parts add their steps."""
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_end)


def trust_proxies(app: Flask, hops: int) -> None:
    """Believe the X-Forwarded headers of so many proxies. To be called after other parts wrapped the application."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def request_id() -> str:
    """Return the id of the request that runs, by which a person finds its lines in the log; empty outside one."""
    return str(g.get("loa_request", "")) if has_request_context() else ""


def language() -> str:
    """Return `vi` or `en`. The desk has a switch; only API clients ask by header.

    Browsers in Việt Nam often stay in English, so the header says nothing about the person at the desk.
    """
    if _LANGUAGE not in request.environ:  # a page of figures asks thousands of times
        request.environ[_LANGUAGE] = _asked()
    return str(request.environ[_LANGUAGE])


def cookie_name(plain: str, *, secure: bool | None = None) -> str:
    """The cookie's full name. The prefix needs Secure, Path=/ and no Domain. `secure`: the app's setting by default."""
    is_secure = current_app.config["SESSION_COOKIE_SECURE"] if secure is None else secure
    return f"__Host-{plain}" if is_secure else plain


def check_form() -> None:
    """Check the form of an authenticated request, and the names of its files. Raises Problem `bad_request`."""
    _check(request.form.items(multi=True))
    _check((name, file.filename or "") for name, file in request.files.items(multi=True))


def _begin() -> Response | None:
    g.loa_request = secrets.token_hex(4)
    acting.begin(request.remote_addr)
    if "X-Forwarded-For" in request.headers and not installed().settings.trusted_proxies:
        _warn_once(FORWARDED_WARNING)
    # The body is left alone: nothing is parsed before authentication.
    if NUL in request.path:
        raise Problem("not_found")
    _check(request.args.items(multi=True))
    return Response(status=503) if _is_ahead() else None


def _finish(response: Response) -> Response:
    response.headers[ID_HEADER] = request_id()
    _make_local(response)
    _secure(response)
    return response


def _end(_error: BaseException | None) -> None:
    acting.end()


def _warn_once(warning: str) -> None:
    if warning not in (said := installed().said):
        said.add(warning)
        log.warning(warning)


def _check(pairs: Iterable[tuple[str, str]]) -> None:
    if any(NUL in name or NUL in value for name, value in pairs):
        raise Problem("bad_request")


def _is_ahead() -> bool:
    """Return True if a browser loads a page of the desk before anybody asked for it: it is given nothing.

    Such a page would be logged as looked at, say the notice of an act to nobody, or be a download that nobody wanted.
    The browser drops the answer, and asks again when the link is pressed.
    """
    ours = request.path.startswith(("/desk/", "/demo/", "/class/")) and not request.path.startswith("/desk/static/")
    return ours and "prefetch" in request.headers.get("Sec-Purpose", "")


def _make_local(response: Response) -> None:
    """Reduce a redirect to its path, because the router builds its URL from the Host header, which anybody may write.

    No answer then depends on the Host header, so none need be refused because of it. A health check by address, a
    second name and a phone on a cable keep working. Links are built from LOA_PUBLIC_URL.
    """
    parts = urlsplit(response.headers.get("Location", ""))
    if parts.netloc:
        response.headers["Location"] = f"/{parts.path.lstrip('/')}" + (f"?{parts.query}" if parts.query else "")
        response.set_data(b"")  # the body names the URL again


def _secure(response: Response) -> None:
    data = request.path.startswith("/api/")
    response.headers.setdefault("Content-Security-Policy", DATA_POLICY if data else POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html":
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(self), geolocation=(self), microphone=()"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    is_file = response.headers.get("Content-Disposition", "").startswith("attachment")
    if is_file and "no-store" not in response.headers.get("Cache-Control", ""):
        response.headers["Cache-Control"] = "private, no-store"
    # No cache keeps the answer to a POST (RFC 9110, 9.3.3), so an exchange need not repeat that.
    if not (request.path.startswith("/app/") or (data and request.method == "POST")):
        response.headers.setdefault("Cache-Control", "no-store")


def _asked() -> str:
    chosen = request.cookies.get(cookie_name(LANGUAGE_COOKIE))
    if chosen in ("vi", "en"):
        return chosen
    return "en" if request.path.startswith("/api/") and request.accept_languages.best == "en" else "vi"
