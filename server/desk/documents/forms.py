"""Forms of others, shown by letterhead.py: uploaded, checked at once, offered to the unit and all below, removed."""

from __future__ import annotations

from pathlib import Path

from flask import flash, make_response, redirect, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.documents import letterhead
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm, Line
from server.desk.words import error, t
from server.errors import status_of
from server.services.reports import letterheads
from server.services.reports.documents import report_forms
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("forms")


class TemplateForm(FileForm):
    """A form to fill, of a unit."""

    unit: str
    name: Line


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
            kind = report_forms.checked(path)
            name = sent.name or Path(sent.file_name).stem
            with writing() as session:
                scope = Scope(session, officer_id())
                report_forms.add(session, scope, installed().blobs, unit, name, path, kind)
    except Unfit as fault:
        return make_response(letterhead.page(unit, refused=(error(fault.code), fault.place)), status_of(fault.code))
    flash(t("done.form_added"))
    return redirect(url_for("letterhead.show", unit=unit, _anchor="forms"), 303)


@bp.post("/report/forms/<id:form>/remove")
def remove(form: str) -> Response:
    """Offer a form no longer."""
    with writing() as session:
        row = report_forms.remove(session, Scope(session, officer_id()), form)
        unit = TemplateForm.sent().unit or row.unit_id
    flash(t("done.form_removed"))
    return redirect(url_for("letterhead.show", unit=unit, _anchor="forms"), 303)
