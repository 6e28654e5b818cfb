"""The matrix: units by what the letter asks of them, done of expected. Every number opens to its records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for

from server.core.db import reading
from server.desk import list_filter, page
from server.desk.asked_place import asked_place
from server.desk.figures import heads
from server.desk.guard import guarded, officer_id
from server.desk.words import label, t
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.figures.sums import INCLUDED
from server.services.progress import planned
from server.services.progress.planned import PlanRow, PlanState, PlanTable
from server.services.review.queue import ALL, QueueFilter
from server.services.units.scope import Scope

bp = guarded("progress")
bp.before_request(page.before)


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the address asks for. `deep`: every unit, not sums of the parts; `behind`: furthest behind first."""

    campaign: str
    unit: str
    deep: bool = False
    behind: bool = False

    def args(self, **other: Any) -> dict[str, Any]:
        """Return the arguments of `url_for` with `other` changed; defaults are left out."""
        new = replace(self, **other)
        more = {"reach": "every" if new.deep else "", "order": "behind" if new.behind else ""}
        return {"campaign": new.campaign, "unit": new.unit} | {name: value for name, value in more.items() if value}


@bp.get("/progress")
def show() -> str:
    """Show the matrix of a unit, by default of one's own top unit."""
    with reading() as session:
        scope = Scope(session, officer_id())
        place = asked_place(session, scope)
        if place is None:
            return render_template("desk/no_campaign.html")
        unit, campaign = place.seen(session, scope), place.campaign
        view = _view(request.args, campaign, unit)
        table = planned.table(session, campaign, unit)
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
            records=_Records(campaign),
            labels={each.code: label(each.label) for each in table.figures},
            words={state.value: t(f"plan.{state}") for state in PlanState},
        )


def path(session: Any, scope: Scope, unit: Unit) -> list[Unit]:
    """Return the units above this one that the officer sees, from the top down."""
    seen = [above for above in reversed(scope.chain(unit.id)[1:]) if scope.may_see(above)]
    return [session.get_one(Unit, above) for above in seen]


def _view(args: Mapping[str, str], campaign: Campaign, unit: Unit) -> PlanView:
    return PlanView(campaign.id, unit.id, deep=args.get("reach") == "every", behind=args.get("order") == "behind")


def _ordered(table: PlanTable, view: PlanView) -> list[tuple[Unit | None, list[PlanRow]]]:
    """Return the parts with their rows, in the order asked for."""
    found = [(part.unit, list(part.rows)) for part in table.parts]
    if view.behind:
        found = [(unit, sorted(rows, key=lambda row: row.behind)) for unit, rows in found]
        found.sort(key=lambda part: _share(part[1]))
    return found


def _share(rows: list[PlanRow]) -> float:
    planned = sum(row.planned for row in rows)
    return sum(row.met for row in rows) / planned if planned else 2.0


class _Records:
    """Addresses of the records behind a number: of a unit and all below it, counted or waiting.

    A page has a thousand of them, so all but the unit is put together once for each figure.
    """

    def __init__(self, campaign: Campaign) -> None:
        self._campaign, self._queue = campaign.id, url_for("queue.show")
        self._begins: dict[str, str] = {}

    def __call__(self, unit: Unit, figure: str = "") -> str:
        if figure not in self._begins:
            bucket = INCLUDED if figure else ""
            asked = QueueFilter(campaign=self._campaign, state=ALL, figure=figure, bucket=bucket)
            self._begins[figure] = f"{self._queue}?{urlencode(list_filter.args(asked))}"
        return f"{self._begins[figure]}&unit={unit.id}"
