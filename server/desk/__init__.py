"""The desk, `/desk/`: server-rendered pages for reviewers, and the start page `/` that leads to both front ends.

Plain forms that work without JavaScript, which only copies a text, opens the browser's printing and suggests units. An
accepted form redirects to a page; a refused one shows its page again with the reason and the typed values. README.md
has the rules and lists the routes.
"""

from __future__ import annotations

from flask import Blueprint, Flask

from server.desk import formats, guard, page, units
from server.desk.access import account, enrol_page, entry, handout, own_devices, second_factor, welcome
from server.desk.campaigns import files, home, letter
from server.desk.checklist import sheet
from server.desk.figures import giving, nil, seals, table
from server.desk.jobs import jobs
from server.desk.organisation import factors, handovers, people
from server.desk.recording import edits
from server.desk.recovery import rescue, restored
from server.desk.reports import report
from server.desk.review import decisions, queue, record, settling

base = Blueprint("desk", __name__, template_folder="templates", static_folder="static", url_prefix="/desk")


def init_app(app: Flask) -> None:
    """Register the blueprints, the templates' functions, and the check against forged forms."""
    guard.init_app(app)
    page.init_app(app)
    formats.init_app(app)
    app.register_blueprint(base)
    app.register_blueprint(home.bp)
    app.register_blueprint(enrol_page.bp)
    for module in (
        sheet,
        entry,
        account,
        second_factor,
        queue,
        record,
        decisions,
        edits,
        settling,
        table,
        files,
        giving,
        letter,
        nil,
        own_devices,
        people,
        factors,
        handovers,
        handout,
        jobs,
        report,
        rescue,
        restored,
        seals,
        units,
        welcome,
    ):
        app.register_blueprint(module.bp, url_prefix="/desk")
