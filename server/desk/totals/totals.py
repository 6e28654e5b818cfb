"""The totals of one unit: what was said of each figure and what records have replaced, and the forms to say more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_address, whole_form
from server.desk.shapes import lead_on, reads
from server.desk.totals import typed
from server.desk.words import t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.figures import loading
from server.services.figures.table import Cell
from server.services.totals import entering, in_force
from server.services.totals.in_force import TotalInForce
from server.services.units.scope import Scope
from sync.registry import Figure

bp = guarded("totals")
TYPED_WRONG = frozenset({"reason_needed", "total_amount", "total_moved", "total_nil", "too_long"})
"""Codes that are answered with the page as it was typed."""


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure of the page: what its records show, and what was said of it; `said` is None if nothing was."""

    figure: Figure
    cell: Cell
    said: TotalInForce | None

    @property
    def stands(self) -> bool:
        """True if something is said that was not withdrawn."""
        return self.said is not None and not self.said.is_withdrawn


class WithdrawForm(SentPlace):
    """The total that is withdrawn, with the number of its last step that the page showed."""

    figure: str
    number: int
    reason: str


@bp.get("/totals")
def show() -> str:
    """Show a unit's totals, by default of one's own top unit."""
    return _page(whole_address(), {}, None)


@bp.post("/totals")
def state() -> Response | tuple[str, int]:
    """Store what was typed; nothing of it if one figure is wrong."""
    return _acted(
        lambda session, scope, unit, campaign: entering.state(
            session, scope, unit, campaign, typed.statements(whole_form())
        ),
        "done.totals",
    )


@bp.post("/totals/confirm")
def confirm() -> Response | tuple[str, int]:
    """The unit confirms what the level above stated, as the page showed it."""
    return _acted(
        lambda session, scope, unit, campaign: entering.confirm(
            session, scope, unit, campaign, typed.shown(whole_form())
        ),
        "done.totals_confirmed",
    )


@bp.post("/totals/withdraw")
def withdraw() -> Response | tuple[str, int]:
    """Withdraw a total, with a reason."""
    sent = WithdrawForm.sent()
    return _acted(
        lambda session, scope, unit, campaign: int(
            entering.withdraw(session, scope, unit, campaign, sent.figure, sent.number, sent.reason)
        ),
        "done.total_withdrawn",
    )


def _acted(act: Callable[[Session, Scope, str, str], int], done: str) -> Response | tuple[str, int]:
    place = SentPlace.sent()
    unit, campaign = place.unit, place.campaign
    try:
        with writing() as session:
            count = act(session, Scope(session, officer_id()), unit, campaign)
    except Problem as problem:
        if problem.code not in TYPED_WRONG:
            raise
        return _page(whole_form(), whole_form(), problem), status_of(problem.code)
    return lead_on(
        url_for("totals.show", unit=unit, campaign=campaign), t(done, count=count) if count else t("done.unchanged")
    )


@reads
def _page(
    session: Session, scope: Scope, where: Mapping[str, str], form: Mapping[str, str], problem: Problem | None
) -> str:
    place = asked_place(session, scope, where.get("campaign", ""), where.get("unit", ""))
    if place is None:
        return render_template("desk/no_campaign.html")
    campaign, unit = place.campaign, place.seen(session, scope)
    lines = _lines(session, scope, campaign, unit)
    letter = {figure.code for figure in loading.asked(campaign)}
    writes = campaign.status != "archived" and scope.may_write(unit.id)
    return render_template(
        "desk/totals/totals.html",
        unit=unit,
        campaign=campaign,
        lines=lines,
        first=[line for line in lines if line.figure.code in letter or line.said],
        rest=[line for line in lines if not (line.figure.code in letter or line.said)],
        awaits=[line for line in lines if line.said and line.said.awaits],
        is_member=scope.is_member(unit.id),
        writes=writes,
        sources=typed.SOURCES,
        reaches=typed.REACHES,
        typed=form,
        problem=problem,
    )


def _lines(session: Session, scope: Scope, campaign: Campaign, unit: Unit) -> list[FigureLine]:
    table = loading.load(session, scope, campaign, unit.id, deep=False)
    said, possible = in_force.of_unit(session, unit.id, campaign.id), set(entering.figures(campaign))
    return [
        FigureLine(figure, table.own.cells[figure.code], said.get(figure.code))
        for figure in table.figures
        if figure.code in possible
    ]
