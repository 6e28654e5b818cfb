"""Who sits at the desk: an opaque session token in the signed cookie, looked up on every request.

The token stands in a table, so signing out ends a session for every copy of its cookie, and disabling an account or
ending a role holds at once.
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
from server.services.units.scope import Scope
from server.serving import input_check
from server.serving.body_limits import admit

KEY = "desk"
ID_LENGTH = 16
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in officer, read once so that no row is held between transactions."""

    id: str
    name: str
    place: str
    writes: bool
    manages: bool


class IdConverter(BaseConverter):
    """`<id:record>`: what is not of the form of an id is no page of ours, and never reaches the database."""

    regex = f"[A-Za-z0-9_-]{{{ID_LENGTH}}}"


def init_app(app: Flask) -> None:
    """Register the check that forms are our own, and what ids in addresses look like."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)  # the guard asks: phones carry no cookie and no form
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form may be open all afternoon
    csrf.init_app(app)
    app.url_map.converters["id"] = IdConverter


def guarded(name: str, *between: Callable[[], None]) -> Blueprint:
    """A blueprint whose pages need a signed-in officer and whose forms must be our own; `between` runs between both.

    In this order: the token of a form dies with the session, and then the session is what has to be said.
    """
    bp = Blueprint(name, __name__)
    bp.before_request(need_sign_in)
    for check in between:
        bp.before_request(check)
    bp.before_request(check_form)
    return bp


def check_form() -> None:
    """Refuse a form that another site made the browser send, and text that no database can hold."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise Problem("csrf") from error
    if request.method == "POST":
        input_check.check_form()


def need_sign_in() -> Response | None:
    """Let a signed-in officer through; show others the way in, and come back to the page asked for.

    What was typed into a form stays: the way in carries it along (held.py).
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
    ended = KEY in session or request.method == "POST"  # who sends a form was in
    return redirect(url_for("entry.sign_in", next=here(), ended=int(ended) or None), 303)


def me() -> Me | None:
    """The officer of this request, if signed in."""
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
    """The officer's id, on pages that are guarded."""
    officer = me()
    if officer is None:
        raise Problem("unauthenticated")
    return officer.id


def _read(database: Session, id_: str, name: str) -> Me:
    scope = Scope(database, id_)
    tops = scope.tops()
    places = [database.get_one(Unit, unit).name for unit in tops]
    manages = any(scope.may_manage(unit) for unit in tops)
    return Me(id_, name, ", ".join(places), writes=bool(scope.own_units()), manages=manages)
