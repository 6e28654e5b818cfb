"""The matrix: units by what the letter asks of them, done of expected. Every number opens to its records."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from flask import render_template, url_for
from sqlalchemy.orm import Session

from server.desk import list_filter
from server.desk.asked_place import SentPlace, asked_place
from server.desk.figures import heads
from server.desk.guard import guarded
from server.desk.inputs import flag
from server.desk.shapes import reads
from server.desk.units import UnitLinks
from server.desk.words import label, t
from server.models import Unit
from server.services.campaigns import choices
from server.services.figures.plan_cells import PlanState
from server.services.figures.sums import INCLUDED
from server.services.progress import planned
from server.services.progress.planned import PlanPart, PlanTable
from server.services.review.queue import ALL, QueueFilter
from server.services.units.scope import Scope

bp = guarded("progress")


class PlanView(SentPlace):
    """What the address asks for. `deep`: every unit, not sums of the parts; `behind`: furthest behind first."""

    deep: Annotated[bool, flag("every", "reach")]
    behind: Annotated[bool, flag("behind", "order")]


@bp.get("/progress")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show the matrix of a unit, by default of one's own top unit."""
    place = asked_place(session, scope)
    if place is None:
        return render_template("desk/no_campaign.html")
    unit, campaign = place.seen(session, scope), place.campaign
    view = PlanView.asked().but(campaign=campaign.id, unit=unit.id)
    table = planned.table(session, campaign, unit, deep=view.deep)
    return render_template(
        "desk/progress/plan.html",
        unit=unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        path=path(session, scope, unit),
        table=table,
        parts=_ordered(table, view),
        deep=view.deep or not any(part.unit for part in table.parts),
        has_parts=any(part.unit for part in table.parts),
        view=view,
        due=heads.due(campaign, unit),
        link=lambda **other: url_for("progress.show", **view.args(**other)),
        records=UnitLinks("queue.show", **list_filter.args(QueueFilter(campaign=campaign.id, state=ALL))),
        bucket=INCLUDED,
        labels={each.code: label(each.label) for each in table.figures},
        words={state.value: t(f"plan.{state}") for state in PlanState},
    )


def path(session: Any, scope: Scope, unit: Unit) -> list[Unit]:
    """Return the units above this one that the officer sees, from the top down."""
    seen = [above for above in reversed(scope.chain(unit.id)[1:]) if scope.may_see(above)]
    return [session.get_one(Unit, above) for above in seen]


def _ordered(table: PlanTable, view: PlanView) -> list[PlanPart]:
    """Return the parts with their rows, in the order asked for."""
    if not view.behind:
        return table.parts
    found = [replace(part, rows=sorted(part.rows, key=lambda row: row.behind)) for part in table.parts]
    return sorted(found, key=lambda part: part.met / part.planned if part.planned else 2.0)
