"""A published campaign is amended, and its files are; phones get both with their next exchange."""

from __future__ import annotations

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.campaigns import fields
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm, Line, whole_form
from server.desk.numerals import typed_whole
from server.desk.shapes import lead_on, reads
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.campaigns import amending
from server.services.campaigns import files as services
from server.services.campaigns.files import BadFile
from server.services.campaigns.lifecycle import kinds_of
from server.services.faces import marks
from server.services.hints import grades
from server.services.hints.rules import GRADES
from server.services.letters import drafts, publishing
from server.services.letters.facts import Values
from server.services.letters.understanding import CheckedLetter
from server.services.review import sampling
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("amend")


class AmendForm(FileForm):
    """Beside a campaign's own inputs: a mark of what the page showed, the rule of the sample, what is done to files."""

    seen: str
    percent: Line
    least: Line
    remove: str
    answer: str


@bp.get("/campaigns/<id:campaign>/amend")
def show(campaign: str) -> str:
    """Show the campaign as a form."""
    return page(campaign)


@reads
def page(
    session: Session, scope: Scope, campaign: str, problem: str = "", people: tuple[str, str] | None = None
) -> str:
    """Return that page as the campaign is. `people`: what was typed of its units and refused, and why."""
    row = amending.to_amend(session, scope, campaign)
    values = publishing.shown(session, row)
    return _form(session, row, values, publishing.mark(values), {}, problem, people)


@bp.post("/campaigns/<id:campaign>/amend")
def save(campaign: str) -> Response:
    """Amend the campaign. What somebody else amended meanwhile is not overwritten: the form then says so.

    It shows what they entered wherever this person changed nothing.
    """
    values, seen = fields.typed(whole_form()), AmendForm.sent().seen
    with writing() as session:
        scope = Scope(session, officer_id())
        made = publishing.amend(session, scope, campaign, values, seen)
        if isinstance(made, CheckedLetter):
            row = amending.to_amend(session, scope, campaign)
            now = publishing.shown(session, row)
            if "seen" in made.faults:
                values = publishing.merged(values, seen, now)
            return make_response(_form(session, row, values, publishing.mark(now), made.faults), 422)
    return lead_on(url_for("letter.show", campaign=campaign), t("done.campaign_amended"))


@bp.post("/campaigns/<id:campaign>/sample")
def sample(campaign: str) -> Response:
    """Set the rule of review by sample: the share and the least number of each unit; a share of 0 ends it."""
    sent = AmendForm.sent()
    typed = [typed_whole(text or "0") for text in (sent.percent, sent.least)]
    percent, least = (-1 if each is None else each for each in typed)
    try:
        with writing() as session:
            scope = Scope(session, officer_id())
            sampling.set_rule(session, scope, amending.to_amend(session, scope, campaign, lock=True), percent, least)
    except Problem as problem:
        if problem.code != "bad_request":
            raise
        said = t("sample.wrong", percent=sampling.PERCENT_MOST, least=sampling.LEAST_MOST)
        return make_response(page(campaign, said), 422)
    return lead_on(
        url_for("amend.show", campaign=campaign, _anchor="sample"),
        t("sample.saved", percent=percent, least=least) if percent else t("sample.ended"),
    )


@bp.post("/campaigns/<id:campaign>/files")
def add_file(campaign: str) -> Response:
    """Give a file to the campaign, answer for one, or offer one no more; records that name it stay."""
    sent = AmendForm.sent()
    with sent.kept() as path:
        with reading() as session:  # who may amend it, before a file is opened
            amending.to_amend(session, Scope(session, officer_id()), campaign)
        try:
            other = sent.remove or sent.answer
            new = None if other else fields.new_file(whole_form(), sent.file_name, path)
            with writing() as session:
                row = amending.to_amend(session, Scope(session, officer_id()), campaign, lock=True)
                if sent.remove:
                    services.remove_of(session, row, sent.remove)
                elif new is None:
                    services.answer(session, row, sent.answer, fields.hotline(whole_form()))
                else:
                    services.add(session, installed().blobs, row, new)
        except (BadFile, Unfit) as refused:
            code = refused.code if isinstance(refused, Unfit) else "campaign_file"
            return make_response(page(campaign, error(code)), status_of(code))
    return lead_on(url_for("amend.show", campaign=campaign, _anchor="files"), t("done.files_changed"))


def _form(
    session: Session,
    row: Campaign,
    values: Values,
    seen: str,
    faults: dict[str, str],
    problem: str = "",
    people: tuple[str, str] | None = None,
) -> str:
    known = grades.populations(session, row)
    return render_template(
        "desk/campaigns/amend.html",
        campaign=row,
        unit=session.get_one(Unit, row.unit_id),
        files=row.files,
        seen=seen,
        fixed_kinds=[kind.name for kind in kinds_of(row)],
        problem=problem,
        rule=sampling.rule_of(session, row.id),
        face_rules=marks.RULES,
        face_rule=marks.rule_of(session, row.id),
        hint_rules=grades.of_campaign(session, row.id),
        hint_grades=GRADES,
        people=people[0] if people else "\n".join(f"{unit.code} {count}" for unit, count in known),
        people_problem=people[1] if people else "",
        **fields.shown(values, faults, drafts.levels(session, row.unit_id)),
    )
