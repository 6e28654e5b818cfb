"""Forms of others and a unit's own Word templates of reports, shown by letterhead.py.

They are uploaded, checked at once, offered to the unit and all below, removed; templates are also looked at.
"""

from __future__ import annotations

from pathlib import Path

from flask import make_response, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.asked_place import SentPlace
from server.desk.documents import letterhead
from server.desk.documents.letterhead import Refusal
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm, Line
from server.desk.shapes import Done, changes, lead_on, to_keep
from server.desk.words import error, t
from server.errors import status_of
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import choices
from server.services.reports import letterheads, word
from server.services.reports.documents import report_forms
from server.services.reports.word import own_template
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("forms")


class TemplateForm(FileForm):
    """A form to fill, of a unit; `whole`: a template of its whole report."""

    unit: str
    name: Line
    whole: bool


@bp.post("/report/forms")
def add() -> Response:
    """Take a form, if it can be filled; else say why, and where."""
    sent = TemplateForm.sent()
    unit = sent.unit
    with reading() as session:  # whose it is, before a file is unpacked
        scope = Scope(session, officer_id())
        if not unit or not scope.may_see(unit):
            raise Problem("not_found")
        if not letterheads.may_edit(scope, unit):
            raise Problem("forbidden")
    try:
        with sent.kept(empty=True) as path:
            judged = report_forms.checked_template(path) if sent.whole else report_forms.checked(path)
            name = sent.name or Path(sent.file_name).stem
            with writing() as session:
                scope = Scope(session, officer_id())
                report_forms.add(session, scope, installed().blobs, unit, name, path, judged)
    except Unfit as fault:
        refused = Refusal(error(fault.code), fault.place, whole=sent.whole)
        return make_response(letterhead.page(unit, refused=refused), status_of(fault.code))
    return lead_on(
        url_for("letterhead.show", unit=unit, _anchor="templates" if sent.whole else "forms"),
        t("done.template_added" if sent.whole else "done.form_added"),
    )


@bp.post("/report/forms/<id:form>/remove")
@changes
def remove(session: Session, scope: Scope, form: str) -> Done:
    """Offer a form no longer."""
    row = report_forms.remove(session, scope, form)
    unit, whole = TemplateForm.sent().unit or row.unit_id, row.tags is not None
    return Done(
        url_for("letterhead.show", unit=unit, _anchor="templates" if whole else "forms"),
        t("done.template_removed" if whole else "done.form_removed"),
    )


@bp.get("/report/forms/starter")
def starter() -> Response:
    """Return our own report as a template to begin from."""
    return _word(own_template.starter(), t("templates.starter_file"))


@bp.get("/report/forms/<id:form>/preview")
def preview(form: str) -> Response:
    """Return a template filled with the draft of a unit's figures of today; a refusal shows the page again."""
    asked = SentPlace.asked()
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, asked.campaign)
        if campaign is None:
            raise Problem("not_found")
        found = report_forms.preview(session, scope, form, campaign, asked.unit)
    try:
        data = found.document(installed().blobs)
    except Unfit as fault:
        refused = Refusal(error(fault.code), fault.place, whole=True)
        return make_response(letterhead.page(asked.unit, refused=refused), status_of(fault.code))
    said = {"format": "docx", "table": "template", "unit": asked.unit}
    log.note(Act.EXPORTED, ("campaign", found.campaign), new=said)
    return _word(data, t("templates.preview_file", name=found.report.file_name))


def _word(data: bytes, name: str) -> Response:
    return to_keep(data, word.MEDIA_TYPE, name)
