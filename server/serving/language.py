"""The language of an answer: Vietnamese unless English is asked for."""

from __future__ import annotations

from flask import request

from server.serving.cookies import name_of

COOKIE = "loa_language"
_KEPT = "loa.language"


def language() -> str:
    """Return `vi` or `en`. The desk has a switch; only API clients ask by header.

    Browsers in Việt Nam often stay in English, so the header says nothing about the person at the desk.
    """
    if _KEPT not in request.environ:  # a page of figures asks thousands of times
        request.environ[_KEPT] = _asked()
    return str(request.environ[_KEPT])


def _asked() -> str:
    chosen = request.cookies.get(name_of(COOKIE))
    if chosen in ("vi", "en"):
        return chosen
    return "en" if request.path.startswith("/api/") and request.accept_languages.best == "en" else "vi"
