"""Add people and units on one page: one account by a form, or many from an Excel file with a dry run."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template
from sqlalchemy.orm import Session

from server.core.clock import today
from server.desk.access import code
from server.desk.administration import unit_asked
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.organisation.people import CARD_DAYS
from server.desk.shapes import reads
from server.desk.units import unit_field
from server.services.administration import roster_sheet, rosters
from server.services.administration.roster_sheet import PEOPLE, ROLE_WORDS, UNITS
from server.services.units.scope import ADMIN, OFFICER, Scope

bp = guarded("adding")
LISTED = 200
"""Rows of each list on the page."""
ADMINS = (ADMIN,)


class AddingAsked(Inputs):
    """The unit of a new account; the list from Excel whose dry run is shown."""

    unit: str
    roster: str


@bp.get("/people/new")
def show() -> str:
    """Show the forms; with `roster` what that list would make and every fault, or what it made."""
    asked = AddingAsked.asked()
    return _roster(asked.roster) if asked.roster else page({"unit": asked.unit})


@reads
def page(
    session: Session,
    scope: Scope,
    typed: Mapping[str, str],
    problem: str = "",
    refused: tuple[str, str] = ("", ""),
    starts_on: str = "",
) -> str:
    """Return the forms. `problem`: why the account is refused. `refused`: which kind of list is, and why.

    `typed`: of the new account; its unit by its id or as somebody typed it.
    """
    rosters.check(scope)
    unit = typed.get("unit") or unit_asked.named(session, scope, typed.get("unit_name", ""), ADMINS)
    return render_template(
        "desk/administration/adding.html",
        typed={"role": OFFICER, **typed},
        field=unit_field(session, scope, unit if unit and scope.may_administer(unit) else "", ADMINS, merged=False),
        roles=list(ROLE_WORDS),
        problem=problem,
        refused=refused,
        starts_on=starts_on or today().isoformat(),
        most=roster_sheet.MOST_ROWS,
    )


@reads
def _roster(session: Session, scope: Scope, roster: str) -> str:
    """Show what would be made and every fault; after the yes, what was made, with codes for the people."""
    row = rosters.get(session, scope, roster)
    if row.taken_at is None:
        run = rosters.dry_run(session, scope, row)
        return render_template("desk/administration/import_run.html", run=run, most=LISTED)
    people = rosters.made_people(session, row) if row.kind == PEOPLE else []
    return render_template(
        "desk/administration/import_done.html",
        row=row,
        units=rosters.made_units(session, row) if row.kind == UNITS else [],
        people=people,
        batches=[people[at : at + code.MOST] for at in range(0, len(people), code.MOST)],
        valid=CARD_DAYS,
    )
