"""What every request goes through, and what it is asked by all: one list before the view, one after it.

Each request has an id, in a header of the answer, on the page of an error and in the log's line of it. It begins and
ends as nobody (core/acting.py); the guards say who acts. Text that no database can hold is refused before any
view reads it: PostgreSQL accepts no NUL, not even in a query, and would cause a 500. JSON bodies are checked by their
schemas (api/schemas.py), and each write on its own (sync/write.py). Every answer has the security headers: a strict
Content-Security-Policy, no framing, no sniffing, HSTS under TLS. Headers that only documents need are left out of the
phone API, where 280 bytes are a third of an exchange.

Bodies have limits: one table by route, counted on the bytes that are really read. Until the caller is authenticated a
body has at most STRANGER_BYTES on every route, and an unknown route reads none. `admit()` then raises the limit to the
route's row; the two guards call it (server/api/caller.py, server/desk/guard.py). `admit_kept()` raises it a little for
a form of somebody whose session at the desk ended, which the sign-in carries on. A larger body is answered 413, chunked
or not. A Content-Length that is too large is refused before anything is read. Werkzeug's MAX_CONTENT_LENGTH is not
used: it takes the start of a chunked form for the whole. A capability that takes larger bodies adds a row. File parts
of a form are written straight to where the view wants them (`place_in`), instead of a temporary file that is copied
later.
"""

from __future__ import annotations

import io
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import IO, Any, Final, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, has_request_context, request
from flask.wrappers import Request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response

from server.core import acting
from server.core.clock import new_id
from server.core.problem_details import Problem
from server.services.access.kept_files import FILE_BYTES as KEPT_FILE_BYTES
from server.services.campaigns.files import MOST_BYTES as GIVEN_BYTES
from server.services.comparison.grid import FILE_BYTES as TABLE_BYTES
from server.services.letters.extraction import FILE_BYTES as LETTER_BYTES
from server.services.reports.documents.report_forms import MOST_BYTES as FORM_FILE_BYTES
from server.services.reports.workflow.paper_documents import PDF_BYTES
from server.serving.installation import installed
from sync.protocol import BODY_BYTES, PHOTO_BYTES
from sync.rescue import FILE_BYTES

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
    app.request_class = PlacedRequest
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES
    app.wsgi_app = BodyLimits(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_begin)
    app.after_request(_finish)
    app.teardown_request(_end)


_PASSED_ON: Final = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via")
"""What proxies say of a call that they pass on. Those that are known (`trust_proxies`) say it, too."""


def trust_proxies(app: Flask, hops: int) -> None:
    """Believe the X-Forwarded headers of so many proxies. To be called after other parts wrapped the application."""
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def request_id() -> str:
    """Return the id of the request that runs, by which a person finds its lines in the log; empty outside one."""
    return str(g.get("loa_request", "")) if has_request_context() else ""


def is_of_this_machine() -> bool:
    """Return True if a program of this machine asks, and no proxy passed its call on.

    A proxy of which the settings do not know may say nothing of itself, so behind an https address without a known
    proxy or a certificate of our own nobody is of this machine; and nobody is who calls this machine by another name.
    What a proxy of this machine passes on by http, by this machine's name and without a word of itself, looks like its
    own: such an address is for trying Loa.
    """
    settings = installed().settings
    if settings.secure_cookies and not (settings.trusted_proxies or settings.tls):
        return False
    if any(name in request.headers for name in _PASSED_ON):
        return False
    try:
        called = urlsplit(f"//{request.host}").hostname or ""
        ours = called in {"localhost", urlsplit(settings.public_url).hostname} or ip_address(called).is_loopback
        return ours and ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


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
    if _is_ahead():
        return Response(status=503)
    _check_length()
    return None


def _finish(response: Response) -> Response:
    # By it the log names what failed. An exchange that is well needs no name, which is 24 bytes of some 900.
    if response.status_code >= 400 or not request.path.startswith("/api/"):
        response.headers[ID_HEADER] = request_id()
    _close_unread(response)
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


# Bodies: how large each may be, and where the files of a form are written.


class PlacedRequest(Request):
    """A request that writes file parts into `parts_in`, if a guard set it; `parts` lists the files."""

    parts_in: Path | None = None

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        _override_method(environ)
        super().__init__(environ, *args, **kwargs)
        self.parts: list[Path] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        """Werkzeug's hook that opens the file for a part."""
        if self.parts_in is None:
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        path = self.parts_in / f"{new_id()}.part"
        self.parts.append(path)
        return path.open("x+b")


def _override_method(environ: dict[str, Any]) -> None:
    """Make an upload's POST the method that it names, for clients that can only POST (tus 1.0)."""
    named, path = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE"), str(environ.get("PATH_INFO", ""))
    if named in ("PATCH", "DELETE") and environ["REQUEST_METHOD"] == "POST" and path.startswith(UPLOADS):
        environ["REQUEST_METHOD"] = named


def place_in(folder: Path) -> None:
    """Write the file parts of this request into the folder from now on."""
    _current().parts_in = folder


def drop_parts() -> None:
    """Remove this request's remaining parts; a file that was kept has been renamed."""
    for path in _current().parts:
        path.unlink(missing_ok=True)


def _current() -> PlacedRequest:
    return cast("PlacedRequest", request)


STRANGER_BYTES: Final = 64 * 1024
"""Enough for a password, an enrolment code, or the form that was open when a session ended."""
FORM_BYTES: Final = 64 * 1024
"""Most bytes of a form besides its file."""
KEPT_BYTES: Final = 256 * 1024
"""Most bytes of a form that is sent after its session ended: the longest letter that may be pasted, and its fields."""
PHOTO_FILES: Final = 20
"""Most photos in one form from a computer."""
PHOTO_FORM_BYTES: Final = 160 * 1024 * 1024
"""Twenty photos of today's cameras; one file of 50 MB among them is refused by its name, not the whole form."""
MULTIPART: Final = "multipart/form-data"
UPLOADS: Final = "/api/v1/uploads"
TUS_VERSION: Final = "1.0.0"
"""Each answer below UPLOADS names it, those of no view too."""


@dataclass(frozen=True, slots=True)
class Limit:
    """Most bytes of a body; `code`: the error beyond that. `only`: the type it is for; others get DEFAULT."""

    size: int
    code: str = "too_large"
    only: str = ""


DEFAULT: Final = Limit(BODY_BYTES)
NO_ROUTE: Final = Limit(STRANGER_BYTES)
LIMITS: Final = {
    # One byte more than a photo may have, so that the upload's own rule answers `photo_too_large`.
    "uploads.Uploads": Limit(PHOTO_BYTES + 1),
    "uploads.OneUpload": Limit(PHOTO_BYTES + 1),
    "campaigns.begin": Limit(LETTER_BYTES + BODY_BYTES, "letter_too_large", only=MULTIPART),  # a text pasted beside it
    "ordering.save": Limit(LETTER_BYTES + FORM_BYTES, "letter_too_large", only=MULTIPART),
    "drafts.add_file": Limit(GIVEN_BYTES + FORM_BYTES, "campaign_file_too_large", only=MULTIPART),
    "drafts.outline": Limit(LETTER_BYTES + FORM_BYTES, "letter_too_large", only=MULTIPART),
    "amend.add_file": Limit(GIVEN_BYTES + FORM_BYTES, "campaign_file_too_large", only=MULTIPART),
    "comparison.read": Limit(
        TABLE_BYTES + BODY_BYTES, "sheet_too_large", only=MULTIPART
    ),  # or a table pasted beside it
    "papers.step": Limit(PDF_BYTES + FORM_BYTES, "pdf_too_large", only=MULTIPART),
    "rosters.read": Limit(TABLE_BYTES + FORM_BYTES, "sheet_too_large", only=MULTIPART),
    "forms.add": Limit(FORM_FILE_BYTES + FORM_BYTES, "form_too_large", only=MULTIPART),
    "computer_photos.add": Limit(PHOTO_FORM_BYTES, "photos_too_large", only=MULTIPART),
    "computer_photos.make": Limit(PHOTO_FORM_BYTES, "photos_too_large", only=MULTIPART),
    "rescue.hand_in": Limit(FILE_BYTES + FORM_BYTES, "rescue_too_large", only=MULTIPART),
}
"""Limits by endpoint. A type that is parsed in memory never gets a large limit: hence `only`."""


class LimitedBody(io.RawIOBase):
    """A request's body that gives at most `limit` bytes. `declared`: its Content-Length, if any."""

    def __init__(self, source: Any, declared: int | None) -> None:
        super().__init__()
        self._source, self._declared = source, declared
        self._count, self._ended = 0, declared == 0
        self.is_cut = False
        self.limit, self.code = STRANGER_BYTES, NO_ROUTE.code

    @property
    def is_read(self) -> bool:
        """True if nothing is left to read."""
        return self._ended or self._count == self._declared

    def readable(self) -> bool:
        """Required by io."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """Read some bytes, or all. Raises Problem 413 for more than `limit` bytes, OSError once if it was cut."""
        if self.is_cut:
            return b""  # the page that says so looks at the form again
        left = self.limit - self._count
        if (self._declared or 0) > self.limit:
            raise Problem(self.code)
        most = left + 1 if size is None or size < 0 else min(size, left + 1)
        try:
            data: bytes = self._source.read(most)
        except OSError:
            self.is_cut = True
            raise
        self._count += len(data)
        self._ended = self._ended or len(data) < most
        if self._count > self.limit:
            raise Problem(self.code)
        return data

    readall = read

    def readinto(self, into: Any, /) -> int:
        """Read into a buffer; limits as in `read`."""
        data = self.read(len(into))
        into[: len(data)] = data
        return len(data)


class BodyLimits:
    """WSGI middleware: wrap the request's input in a Body."""

    def __init__(self, inner: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """One request."""
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        length = environ.get("CONTENT_LENGTH") or "0"
        declared = None if chunked else int(length) if length.isdecimal() else 0
        environ["loa.body"] = environ["wsgi.input"] = LimitedBody(environ["wsgi.input"], declared)
        return self._inner(environ, _closing(start_response))


def _closing(start_response: Any) -> Any:
    """Apply a `Connection: close` header by gunicorn's own method, because gunicorn drops the header."""
    response: Any = getattr(start_response, "__self__", None)

    def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        if ("Connection", "close") in headers and hasattr(response, "force_close"):
            response.force_close()
        return start_response(status, headers, exc_info)

    return begin


def admit() -> None:
    """Raise the limit to the route's own: the caller is authenticated."""
    row, body = limit(), _body()
    body.limit, body.code = row.size, row.code


def admit_kept() -> None:
    """Raise the limit for a form that came too late: its browser has the signed cookie of a session that ended.

    A form with a file has its route's limit, if such files are kept (services/access/kept_files.py).
    """
    row, body = limit(), _body()
    most = row.size if row.only and row.size <= KEPT_FILE_BYTES + BODY_BYTES else KEPT_BYTES
    body.limit, body.code = max(body.limit, most), row.code


def limit() -> Limit:
    """The table row of this request."""
    if request.url_rule is None:
        return NO_ROUTE
    row = LIMITS.get(request.endpoint or "", DEFAULT)
    return row if row.only in ("", request.mimetype) else DEFAULT


def is_cut() -> bool:
    """True if reading this request's body failed: the client is gone, or too slow."""
    body = request.environ.get("loa.body")
    return isinstance(body, LimitedBody) and body.is_cut


def _body() -> LimitedBody:
    body: LimitedBody = request.environ["loa.body"]
    return body


def _check_length() -> None:
    """Refuse a body whose declared length is too large. Raises Problem 413."""
    row = limit()
    if (request.content_length or 0) > row.size:
        raise Problem(row.code)


def _close_unread(response: Response) -> None:
    """Close the connection if the body was not fully read: its rest must not be taken for the next request."""
    if not _body().is_read:
        response.headers["Connection"] = "close"
