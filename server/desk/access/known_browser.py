"""The cookie that tells an account's own browser from a stranger's (services/access/known_browser.py).

It is sent with every page but read only at sign-in; signing out keeps it. Under TLS its name binds it to this host.
"""

from __future__ import annotations

from flask import current_app, request
from werkzeug.wrappers import Response

from server.core.db import reading
from server.models import Officer
from server.services.access import known_browser
from server.serving.every_request import cookie_name
from server.serving.installation import installed

_AGE_S = known_browser.DAYS * 24 * 3600


def kept() -> str | None:
    """Return the cookie of earlier sign-ins, or None."""
    return request.cookies.get(_name())


def keep(response: Response, officer_id: str) -> Response:
    """Set the cookie that says that this account signed in here, under a new id."""
    with reading() as session:
        stored = session.get_one(Officer, officer_id).password_hash
    if stored is not None:
        text = known_browser.renewed(kept(), officer_id, stored, installed().keyring)
        response.set_cookie(_name(), text, _AGE_S, secure=_secure(), httponly=True, samesite="Lax")
    return response


def _name() -> str:
    return cookie_name("browser")


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
