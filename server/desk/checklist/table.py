"""Versions of the table of regimes, and the days on which offices rest or work: for the chief administrators."""

from __future__ import annotations

import hashlib
import io
from datetime import date

from flask import make_response, redirect, render_template, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.core.sheets import XLSX
from server.desk.access import again
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm, Inputs, Page
from server.desk.shapes import Done, changes, reads
from server.desk.words import error, t
from server.errors import status_of
from server.services.checklist import regimes, rest_days, uploading, versions
from server.services.checklist.uploading import VersionFault
from server.services.comparison import grid
from server.services.units.scope import Scope

bp = guarded("regimes")
_WORKS = {"rests": False, "works": True, "usual": None}


class VersionAsked(Inputs):
    """The version whose lines are shown; `page`: of the list of those that were taken over."""

    version: str
    page: Page


class TakeForm(Inputs):
    """The yes to a version."""

    yes: bool


class RestDayForm(Inputs):
    """A day of rest or of work."""

    day: date | None
    how: str


@bp.get("/regimes")
def show() -> str:
    """Show the versions that were taken over, the own days, and the form for a new version.

    With `version` what that one changes, line by line, before and after it was taken over.
    """
    return _page(asked=VersionAsked.asked())


@reads
def _page(
    session: Session,
    scope: Scope,
    problem: str = "",
    faults: list[VersionFault] | None = None,
    asked: VersionAsked | None = None,
) -> str:
    asked = asked or VersionAsked(version="", page=1)
    row = versions.get(session, scope, asked.version) if asked.version else None
    held = versions.in_force(session) if row and row.number is None else []
    lines = versions.lines_of(row) if row else []
    return render_template(
        "desk/checklist/table.html",
        taken=versions.listed(session, asked.page),
        taken_link=lambda page: url_for("regimes.show", **asked.args(page=page), _anchor="taken"),
        days=rest_days.listed(session),
        holiday=rest_days.holiday,
        today=today().isoformat(),
        problem=problem,
        faults=faults or [],
        row=row,
        lines=[(each, None if row and row.number else regimes.line_on(each, held)) for each in lines],
        said=regimes.row_text,
        far=date.max,
    )


@bp.get("/regimes/file")
def file() -> Response:
    """Return the table with all its versions as a workbook."""
    with reading() as session:
        data = uploading.made(versions.in_force(session))
    name = f"bang-che-do-{today():%Y%m%d}.xlsx"
    return send_file(io.BytesIO(data), XLSX, as_attachment=True, download_name=name)


@bp.post("/regimes/upload")
def upload() -> Response:
    """Read a workbook as a dry run; its faults are named by row and column."""
    file = FileForm.sent().file
    if file is None:
        return make_response(_page(t("regimes.no_file")), 422)
    try:
        with file.kept() as path:
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            lines, faults = uploading.read(grid.read(path))
    except Problem as refused:
        if not refused.code.startswith("sheet_"):
            raise
        return make_response(_page(error(refused.code)), status_of(refused.code))
    if faults:
        return make_response(_page(faults=faults), 422)
    with writing() as session:
        made = versions.draft(session, Scope(session, officer_id()), lines, sha256).id
    return redirect(url_for("regimes.show", version=made), 303)


@bp.post("/regimes/<id:version>/take")
@again.first
@changes
def take(session: Session, scope: Scope, version: str) -> Done:
    """Take a version over."""
    to = url_for("regimes.show", version=version)
    versions.get(session, scope, version)
    if not TakeForm.sent().yes:
        return Done(to)
    return Done(to, t("done.regimes_taken", number=versions.take(session, scope, version).number))


@bp.post("/regimes/days")
@changes
def change_day(session: Session, scope: Scope) -> Done:
    """Let a day rest or work, or be as the calendar says."""
    sent = RestDayForm.sent()
    if sent.day is None or sent.how not in _WORKS:
        raise Problem("rest_day")
    rest_days.change(session, scope, sent.day, works=_WORKS[sent.how])
    return Done(url_for("regimes.show"), t("done.rest_day"))
