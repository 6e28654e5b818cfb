"""An enrolment code on the screen: shown once, after a redirect, so that reloading neither shows nor makes one.

Between the two requests the digits travel in the session cookie of the browser that asked for them. The cookie is
signed, not encrypted: who can read that browser's cookies reads the code, as who sees its screen does. The page takes
it out again; of a copy made before, only the code's own limits hold (once, 72 hours, void when another is made).
"""

from __future__ import annotations

from flask import make_response, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from server.clock import now_ms
from server.db import reading
from server.models import Officer
from server.services.access import HOUR_MS
from sync.protocol import CODE_HOURS

KEY = "code"


def keep(officer: str, digits: str, endpoint: str) -> Response:
    """Keep a code that was just made in this browser's cookie for the page it is shown on, and go there."""
    session[KEY] = [officer, digits, now_ms() + CODE_HOURS * HOUR_MS]
    return redirect(url_for(endpoint, officer=officer), 303)


def show(officer: str, back: str, *, app: bool = False) -> Response:
    """The page; where there is no code to show, back to `back`. `app`: with the way to the phone app."""
    kept = session.pop(KEY, None)
    if not kept or kept[0] != officer:
        return redirect(url_for(back), 303)
    with reading() as database:
        name = database.get_one(Officer, officer).name
    return make_response(
        render_template("desk/code.html", name=name, digits=kept[1], until=kept[2], back=url_for(back), app=app)
    )
