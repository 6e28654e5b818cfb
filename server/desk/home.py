"""The door, `/`: a plain page that leads to the phone app and the desk; in a demo, into each role in one click."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from server.db import reading
from server.desk import entry, guard, page
from server.services import people

bp = Blueprint("home", __name__)
bp.before_request(guard.check_form)
bp.before_request(page.before)


@bp.get("/")
def door() -> str:
    """Where to?"""
    with reading() as database:
        roles = people.one_of_each_role(database) if page.is_demo() else []
        return render_template("desk/home.html", roles=roles)


@bp.post("/demo/sign-in/<username>")
def demo(username: str) -> Response:
    """Sign in as one of the sample people."""
    return entry.enter_demo(username)
