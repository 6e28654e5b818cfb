"""Units and people from a spreadsheet: the template, the upload, the dry run that names every bad cell, the yes."""

from __future__ import annotations

from datetime import date

from flask import make_response, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.core.sheets import XLSX
from server.desk.access import again
from server.desk.administration import adding
from server.desk.guard import guarded, officer_id
from server.desk.inputs import FileForm
from server.desk.shapes import Done, changes, reads, says
from server.desk.words import error, t
from server.services.administration import roster_sheet, rosters
from server.services.administration.roster_sheet import KINDS, PEOPLE, UNITS
from server.services.units.scope import Scope
from sync.values import is_date

bp = guarded("rosters")
FILE_NAMES = {UNITS: "mau-don-vi.xlsx", PEOPLE: "mau-can-bo.xlsx"}


class RosterForm(FileForm):
    """A list from Excel. `starts_on`: the day from which new units are there."""

    starts_on: str
    yes: bool


@bp.get("/people/import/template/<kind>")
def template(kind: str) -> Response:
    """Give the file to fill in."""
    _check(kind)
    head = {"Content-Type": XLSX, "Content-Disposition": f'attachment; filename="{FILE_NAMES[kind]}"'}
    return make_response(roster_sheet.template(kind), head)


def _read_again(refused: Problem, kind: str) -> str:
    return adding.page({}, refused=(kind, error(refused.code)), starts_on=RosterForm.sent().starts_on)


@bp.post("/people/import/<kind>")
@says(lambda refused: refused.code.startswith(("roster_", "sheet_")), _read_again)
def read(kind: str) -> Response:
    """Read an Excel file and keep it for the dry run; nothing else is written."""
    _check(kind)
    day, (found, name) = _day(kind), _read(kind)
    with writing() as session:
        made = rosters.keep(session, Scope(session, officer_id()), kind, name, found, day).id
    return redirect(url_for("adding.show", roster=made), 303)


@reads
def _check(_session: Session, scope: Scope, kind: str) -> None:
    rosters.check(scope)
    if kind not in KINDS:
        raise Problem("not_found")


def _day(kind: str) -> date | None:
    if kind != UNITS:
        return None
    day = RosterForm.sent().starts_on
    if not is_date(day):
        raise Problem("roster_day", "starts_on")
    return date.fromisoformat(day)


def _read(kind: str) -> tuple[roster_sheet.ReadRoster, str]:
    """Return the list with the file's name."""
    file = RosterForm.sent().file
    if file is None:
        raise Problem("roster_no_file")
    with file.kept() as path:
        return roster_sheet.read(path, kind), file.name


@bp.post("/people/import/<id:roster>/take")
@again.first
@changes
def take(session: Session, scope: Scope, roster: str) -> Done:
    """Make them all."""
    to = url_for("adding.show", roster=roster)
    if not RosterForm.sent().yes:
        return Done(to)
    row = rosters.get(session, scope, roster, lock=True)
    kind, count = row.kind, rosters.take(session, scope, row)
    said = "done.units_made" if kind == UNITS else "done.people_made"
    return Done(to, t(said, count=count) if count else "")
