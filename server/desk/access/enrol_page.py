"""`/enrol`: the page a card's QR code opens, on the way to the phone app.

It is outside the app's folder, so that no worker of an older app answers for it. Its script updates that app and opens
the form with the code filled in, so that a phone enrols with the app of today. The code is behind the # and reaches no
server.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from server.desk import page

bp = Blueprint("enrol_page", __name__)
bp.before_request(page.before)


@bp.get("/enrol")
def show() -> str:
    """Return the page."""
    return render_template("desk/access/enrol.html")
