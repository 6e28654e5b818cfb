"""Who sits at the desk: an opaque session token in the signed cookie, looked up on every request.

The token stands in a table, so signing out, disabling an account and ending a role hold at once and everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.db import reading
from server.models import Unit
from server.problems import Problem
from server.services import access
from server.services.scope import Scope

KEY = "desk"
csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Me:
    """The signed-in officer, read once so that no row is held between transactions."""

    id: str
    name: str
    place: str
    writes: bool
    manages: bool


def guarded(name: str) -> Blueprint:
    """A blueprint whose pages need a signed-in officer and whose forms must be our own."""
    bp = Blueprint(name, __name__)
    bp.before_request(check_form)
    bp.before_request(need_sign_in)
    return bp


def check_form() -> None:
    """Refuse a form that another site made the browser send."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise Problem("csrf") from error


def need_sign_in() -> Response | None:
    """Let a signed-in officer through; show others the way in, and come back to the page asked for."""
    if me() is not None:
        return None
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("entry.sign_in", next=back, ended=int(KEY in session) or None), 303)


def me() -> Me | None:
    """The officer of this request, if signed in."""
    if "me" not in g:
        token = session.get(KEY)
        with reading() as database:
            officer = access.session_officer(database, token) if token else None
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
