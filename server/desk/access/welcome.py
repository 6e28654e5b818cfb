"""A one-time link from an administrator: choose a password, sign in. Opening it uses nothing up (chat previews)."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.passwords import Busy
from server.core.problem_details import Problem
from server.desk import guard, page
from server.desk.access import entry, known_browser
from server.desk.words import t
from server.errors import headers_of, status_of
from server.services.access import welcome
from server.services.access.welcome import PASSWORD_LENGTH

bp = Blueprint("welcome", __name__)
bp.before_request(guard.check_form)
bp.before_request(page.before)


@bp.get("/welcome/<token>")
def show(token: str) -> Response:
    """Show the form while the link is valid."""
    return _form(token)


@bp.post("/welcome/<token>")
def choose(token: str) -> Response:
    """Set the password and sign in."""
    password = entry.typed_password("password")
    if len(password) < PASSWORD_LENGTH:
        return _form(token, t("welcome.too_short", length=PASSWORD_LENGTH))
    if password != entry.typed_password("again"):
        return _form(token, t("welcome.differ"))
    with reading() as session:
        if welcome.find_welcome(session, token) is None:  # hash nothing for someone without a link
            raise Problem("not_found")
    try:
        password_hash = welcome.choose_password(password)
    except Busy as busy:
        return _form(token, t("sign_in.busy", seconds=busy.seconds), busy)
    with writing() as session:
        officer = welcome.use_welcome(session, token, password_hash)
        found = officer.id if officer else None
    if found is None:
        raise Problem("not_found")
    return known_browser.keep(entry.enter(found), found)


def _form(token: str, problem: str = "", busy: Busy | None = None) -> Response:
    with reading() as session:
        officer = welcome.find_welcome(session, token)
        username = officer.username if officer else ""
        body = render_template(
            "desk/access/welcome.html", username=username, problem=problem, length=PASSWORD_LENGTH, path=request.path
        )
    if busy is not None:
        return make_response(body, status_of(busy.code), headers_of(busy))
    return make_response(body, 422 if problem else 200 if officer else 404)
