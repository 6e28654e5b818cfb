"""A unit's report on one page: the paper of today's state, or before there is one the draft of today's figures."""

from __future__ import annotations

from typing import Annotated

from flask import render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.guard import guarded
from server.desk.inputs import count
from server.desk.issuing import seen
from server.desk.shapes import reads
from server.desk.units import typed_unit
from server.services.reports.workflow import papers
from server.services.units.scope import Scope

bp = guarded("report")


class ReportAsked(SentPlace):
    """Of whom the report is. `now`: today's figures; `annex`: which one is shown; of a large tree with it alone."""

    now: bool
    annex: Annotated[int, count()]


@bp.get("/report")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show it, by default of one's own top unit; with `now` today's figures. A long annex once it is asked for."""
    asked = ReportAsked.asked()
    wanted = asked.campaign
    answer = typed_unit(session, scope, {"campaign": wanted} if wanted else {}, merged=False)
    if answer is not None:
        return answer
    place = asked_place(session, scope)
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign = place.campaign
    # A merged unit reports no more: its work is a row of its successor's report (SPEC L-6).
    unit = scope.today(place.unit)
    if not scope.may_see(unit):
        raise Problem("not_found")
    made = papers.of_unit(session, unit, campaign.id)
    paper = papers.leading(made)
    if paper is None or asked.now:
        found = seen.unit_page(session, scope, campaign, unit, made, whole=asked.annex > 0)
    else:
        found = seen.page_of(session, scope, paper.row)
    return render_template(
        "desk/reports/report.html",
        **found,
        at=asked.annex,
        problem="",
        unfit=(),
        typed={},
        today=today().isoformat(),
    )
