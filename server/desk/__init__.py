"""The desk, `/desk/`: server-rendered pages for reviewers, and the door `/` that leads to both front ends.

Plain forms, POST-redirect-GET, nothing that needs JavaScript. README.md states the law and lists the routes.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from server.desk import decisions, edits, entry, figures, formats, home, page, people, queue, records, settling, welcome
from server.desk.guard import csrf

base = Blueprint("desk", __name__, template_folder="templates", static_folder="static", url_prefix="/desk")


def init_app(app: Flask) -> None:
    """Register the blueprints, what templates may call, and the check that forms are our own."""
    app.config.setdefault("WTF_CSRF_CHECK_DEFAULT", False)  # the guard asks: phones carry no cookie and no form
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # as long as the session: a form may be open all afternoon
    csrf.init_app(app)
    page.init_app(app)
    formats.init_app(app)
    app.register_blueprint(base)
    app.register_blueprint(home.bp)
    for module in (entry, queue, records, decisions, edits, settling, figures, people, welcome):
        app.register_blueprint(module.bp, url_prefix="/desk")
