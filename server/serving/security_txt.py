"""`/.well-known/security.txt`: where to report a vulnerability of this installation (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Flask, Response

from server.core.clock import today
from server.serving.installation import installed

bp = Blueprint("security_txt", __name__)
VALID = timedelta(days=180)
"""RFC 9116, 2.5.5 advises less than a year; in half a year the administrator is still the same."""


def init_app(app: Flask) -> None:
    """Serve the file."""
    app.register_blueprint(bp)


@bp.get("/.well-known/security.txt")
def show() -> Response:
    """The file."""
    settings = installed().settings
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {today() + VALID}T00:00:00Z",
        "Preferred-Languages: vi, en",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
