"""Forms of others at the desk: uploaded, checked at once, offered to the unit and all below it, removed."""

from __future__ import annotations

from pathlib import Path

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.decoding.limits import Unfit
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm, Line
from server.desk.words import error, t
from server.errors import status_of
from server.models import Unit
from server.services.reports import letterheads
from server.services.reports.documents import report_forms
from server.services.reports.documents.report_forms import HEAD_NAMES, TOTAL, UNIT_NAMES, word_of
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.figures import every_figure

bp = guarded("forms")


class TemplateForm(FileForm):
    """A form to fill, of a unit."""

    unit: str
    name: Line


@bp.get("/report/forms")
def show() -> str:
    """Show the forms of a unit and those above it, and what may stand in one."""
    return _page(TemplateForm.asked().unit)


def _page(unit_id: str, problem: str = "", place: str = "") -> str:
    with reading() as session:
        scope = Scope(session, officer_id())
        if not unit_id or not scope.may_see(unit_id):
            raise Problem("not_found")
        unit = session.get_one(Unit, unit_id)
        units = {each.unit_id for each in report_forms.offered(session, scope, unit_id)}
        return render_template(
            "desk/documents/forms.html",
            unit=unit,
            forms=report_forms.offered(session, scope, unit_id),
            names={id_: session.get_one(Unit, id_).name for id_ in units},
            may=letterheads.may_edit(scope, unit_id),
            tags=[(word_of(figure.label["vi"]), figure) for figure in every_figure()],
            head_tags=(*UNIT_NAMES, *HEAD_NAMES),
            total=TOTAL,
            problem=problem,
            place=place,
        )


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
        return make_response(_page(unit, error(fault.code), fault.place), status_of(fault.code))
    flash(t("done.form_added"))
    return redirect(url_for("forms.show", unit=unit), 303)


@bp.post("/report/forms/<id:form>/remove")
def remove(form: str) -> Response:
    """Offer a form no longer."""
    with writing() as session:
        row = report_forms.remove(session, Scope(session, officer_id()), form)
        unit = TemplateForm.sent().unit or row.unit_id
    flash(t("done.form_removed"))
    return redirect(url_for("forms.show", unit=unit), 303)
