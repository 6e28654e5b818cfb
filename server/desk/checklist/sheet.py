"""The checklist for a returned victim, on paper: a category and a date select its rows, and nothing is stored."""

from __future__ import annotations

from datetime import date

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from server.core.clock import today
from server.desk import page
from server.desk.guard import guarded
from server.desk.words import t
from server.services.checklist import regimes
from sync.values import is_date

bp = guarded("checklist")
bp.before_request(page.before)


@bp.get("/checklist")
def show() -> Response:
    """Show the form: no field of it is about a person."""
    return _page(today().isoformat(), "", "")


@bp.post("/checklist")
def choose() -> Response:
    """Show the checklist. It is a POST, so that date and category appear in no address, history or log."""
    day, category = request.form.get("received", ""), request.form.get("category", "")
    if not is_date(day):
        return _page(day, category, t("checklist.bad_date"))
    received = date.fromisoformat(day)
    if received > today():
        return _page(day, category, t("checklist.future"))
    return _page(day, category, "", regimes.sheet(category, received))


def _page(day: str, category: str, problem: str, sheet: regimes.Checklist | None = None) -> Response:
    if request.method == "POST" and sheet is None and not problem:
        problem = t("checklist.no_sheet")
    body = render_template(
        "desk/checklist/checklist.html",
        sheet=sheet,
        paper=regimes.words(),
        categories=regimes.categories(),
        received=day,
        category=category,
        problem=problem,
    )
    response = make_response(body, 422 if problem else 200)
    response.headers["Cache-Control"] = "no-store"
    return response
