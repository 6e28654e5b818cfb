"""Where a unit confirms and sends its figures, reports that it has nothing, and is asked again."""

from __future__ import annotations

from flask import render_template
from sqlalchemy.orm import Session

from server.desk.asked_place import asked_place
from server.desk.figures import nil
from server.desk.guard import guarded
from server.desk.review import flagged
from server.desk.shapes import reads
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures import loading, seals, unconfirmed
from server.services.figures.table import Cell, FigureRow, FigureTable
from server.services.totals import in_force
from server.services.units import tree
from server.services.units.scope import Scope
from sync.registry import Figure

bp = guarded("giving")


@bp.get("/figures/give")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show one unit, by default the officer's own top unit, with what it would confirm and whose figures they are."""
    place = asked_place(session, scope)
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign = place.campaign
    table = loading.load(session, scope, campaign, place.unit, deep=False)
    unit = session.get_one(Unit, place.unit)
    line = tree.line(session, unit)
    sheet = seals.sheet(session, scope, unit, campaign)
    fresh = sheet is not None and sheet.fresh
    merged = sheet.gained if sheet else ()
    taken = loading.taken(session, campaign, unit) if merged else None
    figures = _said(table, taken.total if taken else table.given) if fresh else []
    gained = {
        each.unit.id: _said(taken, row)
        for each in merged
        if taken is not None and (row := taken.of_itself(each.unit.id)) is not None
    }
    return render_template(
        "desk/figures/give.html",
        unit=unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        alone=table.is_lowest,
        standing=table.own.standing,
        sheet=sheet,
        figures=figures,
        gained=gained,
        flagged=flagged.read(session, scope, campaign, unit.id) if fresh else None,
        basis=seals.basis(session, sheet.shown) if sheet else "",
        unconfirmed=unconfirmed.airings(session, sheet.shown) if sheet else 0,
        nil=nil.sheet(session, campaign, table, table.own) if sheet else None,
        successor=line[-1] if line[1:] else None,
        since=tree.since(line),
        awaits=sum(each.awaits for each in in_force.of_unit(session, unit.id, campaign.id).values()),
        may_take_back=campaign.status != "archived" and scope.may_take_back(unit.id),
    )


def _said(table: FigureTable, row: FigureRow) -> list[tuple[Figure, Cell]]:
    """Return the figures of which anybody said something."""
    cells = ((figure, row.cells[figure.code]) for figure in table.figures)
    return [(figure, cell) for figure, cell in cells if not cell.is_unreported or cell.has_total]
