"""The door, `/`: a plain page that leads to the phone app and the desk; in a demo, into each role in one click."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template, url_for
from werkzeug.wrappers import Response

from server.db import reading, writing
from server.desk import code, entry, guard, page
from server.services import codes, people

bp = Blueprint("home", __name__)
bp.before_request(guard.check_form)
bp.before_request(page.before)


@bp.get("/")
def door() -> str:
    """Where to?"""
    with reading() as database:
        roles = people.one_of_each_role(database) if g.demo else []
        return render_template("desk/home.html", roles=roles)


@bp.post("/demo/sign-in/<username>")
def demo(username: str) -> Response:
    """Sign in as one of the sample people."""
    return entry.enter(entry.demo_officer(username))


@bp.post("/demo/code/<username>")
def demo_code(username: str) -> Response:
    """A code for a sample person's phone, as the district would read it over the telephone."""
    officer = entry.demo_officer(username)
    with writing() as database:
        made = codes.make_code(database, officer, None, str(current_app.secret_key))
    return code.keep({officer: made}, url_for("home.demo_shown", officer=officer))


@bp.get("/demo/code/<id:officer>")
def demo_shown(officer: str) -> Response:  # noqa: ARG001  # the code is kept for this very address
    """That code, once, and the way to the app."""
    return code.show("desk/code.html", back=url_for("home.door"), app=True)
