"""A unit and the same period: its figures one below the other, and those of one figure for the units below."""

from __future__ import annotations

from datetime import date, timedelta

from flask import make_response, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.comparison import prior_columns, prior_drafts
from server.desk.guard import guarded, officer_id
from server.desk.inputs import ChosenFile
from server.desk.shapes import Done, changes, reads
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Officer, Unit
from server.services.campaigns import choices
from server.services.comparison import bases, csv_table, drafts, earlier, grid, taking
from server.services.comparison.drafts import CSV, PASTE, XLSX, FaultyTableError
from server.services.comparison.reading import CellFault
from server.services.figures import loading
from server.services.records import streams
from server.services.units.scope import Scope
from sync.values import is_date

bp = guarded("comparison")
LONGEST_PASTE = 800_000
"""Most characters of a pasted table; a form has a limit besides."""


class PriorForm(SentPlace):
    """Figures to compare with: a file, a pasted table, or an earlier campaign. `as_of`: their day."""

    as_of: str
    text: str
    earlier: str
    file: ChosenFile | None


class ComparisonAsked(SentPlace):
    """Whose figures are compared, and one figure of the units below; the table whose dry run is shown."""

    figure: str
    draft: str


@bp.get("/comparison")
def show() -> str:
    """Show a unit, by default one's own top unit, in a campaign; with `draft` what that table would bring."""
    asked = ComparisonAsked.asked()
    if asked.draft:
        return prior_drafts.page(asked.draft)
    return _page(*SentPlace.asked().values().values())


@reads
def _page(
    session: Session,
    scope: Scope,
    unit_id: str,
    wanted: str,
    *,
    problem: str = "",
    faults: list[CellFault] | None = None,
) -> str:
    place = asked_place(session, scope, wanted, unit_id)
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign = place.campaign
    table = loading.load(session, scope, campaign, place.unit, deep=False)
    figures = loading.possible(campaign)
    holds = bases.holding(session, campaign.id, scope.chain(table.unit.id))
    code = ComparisonAsked.asked().figure
    chosen = next((each for each in figures if each.code == code), figures[0] if figures else None)
    return render_template(
        "desk/comparison/comparison.html",
        unit=table.unit,
        table=table,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        prior_columns=prior_columns.read(session, scope, campaign, table, figures),
        figures=figures,
        chosen=chosen,
        holds=holds,
        holder=session.get_one(Unit, holds.unit_id) if holds and scope.may_see(holds.unit_id) else None,
        by=session.get_one(Officer, holds.officer_id).name if holds and scope.may_see(holds.unit_id) else "",
        takes=streams.may_record(session, scope, campaign, table.unit.id),
        earlier=earlier.offered(session, scope, campaign),
        problem=problem,
        faults=faults or [],
        typed=PriorForm.sent().text,
        as_of=PriorForm.sent().as_of or _year_before(campaign).isoformat(),
        latest=min(today(), campaign.ends_on - timedelta(days=1)).isoformat(),
        percent=prior_columns.percent,
        signed=prior_columns.signed,
        why=prior_columns.why,
    )


def _year_before(campaign: Campaign) -> date:
    day = campaign.ends_on
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


@bp.post("/comparison/read")
def read() -> Response:
    """Read an Excel or CSV file, or a pasted table; what cannot be taken is answered with the cell's name."""
    sent = PriorForm.sent()
    unit, campaign = sent.unit, sent.campaign
    try:
        as_of = _day(sent.as_of)
        with reading() as session:
            reader = drafts.reader(session, Scope(session, officer_id()), campaign, unit, as_of)
        found, kind, name = _grid(sent)
        sheet = reader.read(found)  # in no transaction: nobody waits for it
        with writing() as session:
            scope = Scope(session, officer_id())
            made = drafts.from_sheet(session, scope, campaign, unit, sheet, (kind, name, as_of)).id
    except FaultyTableError as faulty:
        return make_response(_page(unit, campaign, faults=faulty.faults), 422)
    except Problem as refused:
        if not refused.code.startswith(("prior_", "sheet_")):
            raise
        return make_response(_page(unit, campaign, problem=error(refused.code)), status_of(refused.code))
    return redirect(url_for("comparison.show", draft=made), 303)


def _day(day: str) -> date:
    if not is_date(day):
        raise Problem("prior_day", "as_of")
    return date.fromisoformat(day)


def _grid(sent: PriorForm) -> tuple[grid.CellGrid, str, str]:
    """Return the table with its kind and name: of the file if there is one, else what was pasted."""
    if sent.file:
        with sent.file.kept() as path:
            if csv_table.may_be(path):
                return csv_table.read(path), CSV, sent.file.name
            return grid.read(path), XLSX, sent.file.name
    if len(sent.text) > LONGEST_PASTE:
        raise Problem("sheet_too_large")
    return grid.pasted(sent.text), PASTE, ""


@bp.post("/comparison/earlier")
@changes
def from_campaign(session: Session, scope: Scope) -> Done:
    """Begin with the figures of an earlier campaign."""
    sent = PriorForm.sent()
    made = drafts.from_campaign(session, scope, sent.campaign, sent.unit, sent.earlier).id
    return Done(url_for("comparison.show", draft=made))


@bp.post("/comparison/sets/<id:prior>/drop")
@changes
def drop(session: Session, scope: Scope, prior: str) -> Done:
    """Stop comparing with these figures."""
    row = taking.drop(session, scope, prior)
    unit, campaign = row.unit_id, row.campaign_id
    return Done(url_for("comparison.show", unit=unit, campaign=campaign), t("done.prior_dropped"))
