"""A unit beside the same period: its figures one below the other, and those of one figure for the units below."""

from __future__ import annotations

import tempfile
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import page
from server.desk.asked_place import asked_place
from server.desk.comparison import beside
from server.desk.guard import guarded, officer_id
from server.desk.words import error, t
from server.errors import status_of
from server.models import Campaign, Officer, Unit
from server.services.campaigns import choices
from server.services.comparison import bases, csv_table, drafts, earlier, grid, taking, workbook
from server.services.comparison.drafts import CSV, PASTE, XLSX, FaultyTableError
from server.services.comparison.reading import CellFault
from server.services.figures import asked, loading
from server.services.units.scope import Scope
from sync.values import is_date

bp = guarded("comparison")
bp.before_request(page.before)
LONGEST_PASTE = 800_000
"""Most characters of a pasted table; a form has a limit besides."""


@bp.get("/comparison")
def show() -> str:
    """Show a unit, by default one's own top unit, in a campaign."""
    return _page(request.args.get("unit", ""), request.args.get("campaign", ""))


def _page(unit_id: str, wanted: str, *, problem: str = "", faults: list[CellFault] | None = None) -> str:
    with reading() as session:
        scope = Scope(session, officer_id())
        place = asked_place(session, scope, wanted, unit_id)
        if place is None:
            return render_template("desk/no_campaign.html")
        campaign = place.campaign
        table = loading.load(session, scope, campaign, place.unit, deep=False)
        figures = asked.possible(campaign)
        holds = bases.holding(session, campaign.id, scope.chain(table.unit.id))
        code = request.args.get("figure", "")
        chosen = next((each for each in figures if each.code == code), figures[0] if figures else None)
        return render_template(
            "desk/comparison/comparison.html",
            unit=table.unit,
            table=table,
            campaign=campaign,
            campaigns=choices.campaigns(session, scope),
            beside=beside.read(session, scope, campaign, table, figures),
            figures=figures,
            chosen=chosen,
            holds=holds,
            holder=session.get_one(Unit, holds.unit_id) if holds and scope.may_see(holds.unit_id) else None,
            by=session.get_one(Officer, holds.officer_id).name if holds and scope.may_see(holds.unit_id) else "",
            takes=drafts.may_take(session, scope, campaign, table.unit.id),
            earlier=earlier.offered(session, scope, campaign),
            problem=problem,
            faults=faults or [],
            typed=request.form.get("text", "") if request.method == "POST" else "",
            as_of=request.form.get("as_of") or _year_before(campaign).isoformat(),
            latest=min(today(), campaign.ends_on - timedelta(days=1)).isoformat(),
            percent=beside.percent,
            signed=beside.signed,
            why=beside.why,
        )


def _year_before(campaign: Campaign) -> date:
    day = campaign.ends_on
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


@bp.post("/comparison/read")
def read() -> Response:
    """Read an Excel or CSV file, or a pasted table; what cannot be taken is answered with the cell's name."""
    unit, campaign = request.form.get("unit", ""), request.form.get("campaign", "")
    try:
        as_of = _day()
        with reading() as session:
            reader = drafts.reader(session, Scope(session, officer_id()), campaign, unit, as_of)
        found, kind, name = _grid()
        sheet = reader.read(found)  # in no transaction: nobody waits for it
        with writing() as session:
            scope = Scope(session, officer_id())
            made = drafts.from_sheet(session, scope, campaign, unit, sheet, (kind, name, as_of)).id
    except FaultyTableError as faulty:
        return make_response(_page(unit, campaign, faults=faulty.faults), 422)
    except Problem as refused:
        if not refused.code.startswith("prior_"):
            raise
        return make_response(_page(unit, campaign, problem=error(refused.code)), status_of(refused.code))
    return redirect(url_for("prior_drafts.show", draft=made), 303)


def _day() -> date:
    day = request.form.get("as_of", "")
    if not is_date(day):
        raise Problem("prior_day", "as_of")
    return date.fromisoformat(day)


def _grid() -> tuple[grid.CellGrid, str, str]:
    """Return the table with its kind and name: of the file if there is one, else what was pasted."""
    upload = request.files.get("file")
    if upload and upload.filename:
        with closing(upload), tempfile.NamedTemporaryFile() as file:
            upload.save(file)
            file.flush()
            path = Path(file.name)
            if csv_table.may_be(path):
                return csv_table.read(path), CSV, upload.filename
            return workbook.read(path), XLSX, upload.filename
    text = request.form.get("text", "")
    if len(text) > LONGEST_PASTE:
        raise Problem("prior_too_large")
    return grid.pasted(text), PASTE, ""


@bp.post("/comparison/earlier")
def from_campaign() -> Response:
    """Begin with the figures of an earlier campaign."""
    unit, campaign = request.form.get("unit", ""), request.form.get("campaign", "")
    with writing() as session:
        scope = Scope(session, officer_id())
        made = drafts.from_campaign(session, scope, campaign, unit, request.form.get("earlier", "")).id
    return redirect(url_for("prior_drafts.show", draft=made), 303)


@bp.post("/comparison/sets/<id:prior>/drop")
def drop(prior: str) -> Response:
    """Stop comparing with these figures."""
    with writing() as session:
        row = taking.drop(session, Scope(session, officer_id()), prior)
        unit, campaign = row.unit_id, row.campaign_id
    flash(t("done.prior_dropped"))
    return redirect(url_for("comparison.show", unit=unit, campaign=campaign), 303)
