"""Names of cookies. Under https each begins with `__Host-`: no other host and no plain http can set or shadow it."""

from __future__ import annotations

from flask import current_app


def name_of(plain: str, *, secure: bool | None = None) -> str:
    """The cookie's full name. The prefix needs Secure, Path=/ and no Domain. `secure`: the app's setting by default."""
    is_secure = current_app.config["SESSION_COOKIE_SECURE"] if secure is None else secure
    return f"__Host-{plain}" if is_secure else plain
