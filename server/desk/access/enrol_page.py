"""`/enrol`: where a card's picture leads, on the way to the phone app.

It lies outside the app's folder, so that no worker of an older app answers for it. Its script brings that app up to
date and goes on to the form with the code filled in; apps from before codes had 16 digits would cut the code. The code
is behind the # and comes to no server.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from server.desk import page

bp = Blueprint("enrol_page", __name__)
bp.before_request(page.before)


@bp.get("/enrol")
def show() -> str:
    """The page."""
    return render_template("desk/access/enrol.html")
