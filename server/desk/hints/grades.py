"""The grades of the rules in a campaign, and how many people live in its units."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, whole_form
from server.desk.words import t
from server.services.campaigns import amending
from server.services.hints import grades
from server.services.hints.rules import GRADES
from server.services.units.scope import Scope

bp = guarded("hint_grades")


class PopulationForm(Inputs):
    """How many people live in units: one line each."""

    people: str


@bp.get("/campaigns/<id:campaign>/hints")
def show(campaign: str) -> str:
    """Show every rule with its grade."""
    with reading() as session:
        return _form(session, campaign)


@bp.post("/campaigns/<id:campaign>/hints")
def save(campaign: str) -> Response:
    """Set the grades."""
    with writing() as session:
        grades.save(session, Scope(session, officer_id()), campaign, whole_form())
    flash(t("done.hints_graded"))
    return redirect(url_for("hint_grades.show", campaign=campaign), 303)


@bp.post("/campaigns/<id:campaign>/hints/people")
def people(campaign: str) -> Response:
    """Set how many people live in units: one line each, code and number. With one bad line nothing is set."""
    typed = PopulationForm.sent().people
    told, unknown = grades.read_populations(typed), list[str]()
    if not told.bad:
        with writing() as session:
            unknown = grades.save_populations(session, Scope(session, officer_id()), campaign, told.people)
    if told.bad or unknown:
        said = (
            t("hints.people_bad", line=told.bad)
            if told.bad
            else t("hints.people_unknown", codes=", ".join(unknown[:5]))
        )
        with reading() as session:
            return make_response(_form(session, campaign, typed, said), 422)
    flash(t("done.hints_people"))
    return redirect(url_for("hint_grades.show", campaign=campaign), 303)


def _form(session: Session, campaign_id: str, typed: str | None = None, problem: str = "") -> str:
    campaign = amending.to_amend(session, Scope(session, officer_id()), campaign_id)
    known = grades.populations(session, campaign)
    return render_template(
        "desk/hints/grades.html",
        campaign=campaign,
        rules=grades.of_campaign(session, campaign_id),
        grades=GRADES,
        typed="\n".join(f"{unit.code} {count}" for unit, count in known) if typed is None else typed,
        problem=problem,
    )
