"""Sign-in at the desk: an opaque session token in the signed cookie, looked up on every request.

The token is in a table, so signing out ends the session for every copy of its cookie. Disabling an account or ending a
role takes effect at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Flask, g, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk import held
from server.desk.where import here
from server.models import Unit
from server.services.access import devices
from server.services.units.scope import RUNNERS, Scope
from server.serving import input_check
from server.serving.body_limits import admit

KEY = "desk"
ID_LENGTH = 16
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in officer, copied so that no row is held between transactions."""

    id: str
    name: str
    place: str
    writes: bool
    manages: bool
    opens: bool
    """May open campaigns."""


class IdConverter(BaseConverter):
    """`<id:record>`: a value without the form of an id gets 404 and never reaches the database."""

    regex = f"[A-Za-z0-9_-]{{{ID_LENGTH}}}"


def init_app(app: Flask) -> None:
    """Register the check against forged forms, and the URL converter for ids."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)  # the guard checks it: phones have no cookie and no form
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form may be open all afternoon
    csrf.init_app(app)
    app.url_map.converters["id"] = IdConverter


def guarded(name: str, *between: Callable[[], None]) -> Blueprint:
    """Return a blueprint that needs a signed-in officer and checks forms; `between` runs between the two.

    Sign-in is checked first, because a form's token ends with the session, and the session's end is then the message.
    """
    bp = Blueprint(name, __name__)
    bp.before_request(need_sign_in)
    for check in between:
        bp.before_request(check)
    bp.before_request(check_form)
    return bp


def check_form() -> None:
    """Refuse a form that another site made the browser send, and text that no database can store."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise Problem("csrf") from error
    if request.method == "POST":
        input_check.check_form()


def need_sign_in() -> Response | None:
    """Let a signed-in officer through; redirect others to the sign-in, which returns to the page asked for.

    A form's typed values are kept: the sign-in page carries them along (held.py).
    """
    if me() is not None:
        admit()
        return None
    kept = held.hold(csrf)
    if kept:
        return make_response(
            render_template("desk/access/sign_in.html", username="", problem=None, ended=True, held=kept, next=here()),
            401,
        )
    ended = KEY in session or request.method == "POST"  # only a signed-in browser sends a form
    return redirect(url_for("entry.sign_in", next=here(), ended=int(ended) or None), 303)


def me() -> Me | None:
    """Return the signed-in officer of this request, or None."""
    if "me" not in g:
        token = session.get(KEY)
        g.me = None
        if token:
            with reading() as database:
                officer = devices.session_officer(database, token)
                g.me = _read(database, officer.id, officer.name) if officer else None
    found: Me | None = g.me
    return found


def officer_id() -> str:
    """Return the signed-in officer's id. Raises `unauthenticated`."""
    officer = me()
    if officer is None:
        raise Problem("unauthenticated")
    return officer.id


def _read(database: Session, id_: str, name: str) -> Me:
    scope = Scope(database, id_)
    tops = scope.tops()
    places = [database.get_one(Unit, unit).name for unit in tops]
    manages = any(scope.may_manage(unit) for unit in tops)
    return Me(
        id_, name, ", ".join(places), writes=bool(scope.own_units()), manages=manages, opens=scope.has_role(*RUNNERS)
    )
