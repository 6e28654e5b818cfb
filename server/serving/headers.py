"""Security headers on every answer: strict Content-Security-Policy, no framing, no sniffing, HSTS under TLS.

Headers that only documents need are left out of the phone API, where 280 bytes are a third of an exchange.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.wrappers import Response

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""If JSON or a photo is ever opened as a page, nothing in it may run."""


def init_app(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(_add)


def _add(response: Response) -> Response:
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
    return response
