"""The checklist for a returned victim, on paper: a category and a date select its rows, and nothing is stored."""

from __future__ import annotations

from datetime import date

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.words import t
from server.services.checklist import regimes, versions
from server.services.units.scope import Scope
from sync.values import is_date

bp = guarded("checklist")


class ChecklistForm(Inputs):
    """When a victim was received, and of which category."""

    received: str
    category: str


@bp.get("/checklist")
def show() -> Response:
    """Show the form: no field of it is about a person."""
    return _page(today().isoformat(), "", "")


@bp.post("/checklist")
def choose() -> Response:
    """Show the checklist. It is a POST, so that date and category appear in no address, history or log."""
    sent = ChecklistForm.sent()
    day, category = sent.received, sent.category
    if not is_date(day):
        return _page(day, category, t("checklist.bad_date"))
    received = date.fromisoformat(day)
    if received > today():
        return _page(day, category, t("checklist.future"))
    with reading() as session:
        found = regimes.sheet(category, received, versions.in_force(session))
    return _page(day, category, "", found)


def _page(day: str, category: str, problem: str, sheet: regimes.Checklist | None = None) -> Response:
    if request.method == "POST" and sheet is None and not problem:
        problem = t("checklist.no_sheet")
    with reading() as session:
        chief = Scope(session, officer_id()).is_chief()
    body = render_template(
        "desk/checklist/checklist.html",
        sheet=sheet,
        paper=regimes.words(),
        categories=regimes.categories(),
        received=day,
        category=category,
        problem=problem,
        chief=chief,
    )
    response = make_response(body, 422 if problem else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
