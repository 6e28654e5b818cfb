"""The grades of the rules in a campaign, and how many people live in its units."""

from __future__ import annotations

from flask import make_response, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.desk.campaigns import amend
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, whole_form
from server.desk.shapes import Done, changes, lead_on
from server.desk.words import t
from server.services.hints import grades
from server.services.units.scope import Scope

bp = guarded("hint_grades")


class PopulationForm(Inputs):
    """How many people live in units: one line each."""

    people: str


@bp.post("/campaigns/<id:campaign>/hints")
@changes
def save(session: Session, scope: Scope, campaign: str) -> Done:
    """Set the grades."""
    grades.save(session, scope, campaign, whole_form())
    return Done(url_for("amend.show", campaign=campaign, _anchor="hints"), t("done.hints_graded"))


@bp.post("/campaigns/<id:campaign>/hints/people")
def people(campaign: str) -> Response:
    """Set how many people live in units: one line each, code and number. With one bad line nothing is set."""
    typed = PopulationForm.sent().people
    typed_in, unknown = grades.read_populations(typed), list[str]()
    if not typed_in.bad:
        with writing() as session:
            unknown = grades.save_populations(session, Scope(session, officer_id()), campaign, typed_in.people)
    if typed_in.bad or unknown:
        said = (
            t("hints.people_bad", line=typed_in.bad)
            if typed_in.bad
            else t("hints.people_unknown", codes=", ".join(unknown[:5]))
        )
        return make_response(amend.page(campaign, people=(typed, said)), 422)
    return lead_on(url_for("amend.show", campaign=campaign, _anchor="hints"), t("done.hints_people"))
