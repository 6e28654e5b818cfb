"""Money spent and documents issued: stated by a unit, summed up for the level above."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace, asked_place
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_form
from server.desk.numerals import typed_whole
from server.desk.shapes import reads
from server.desk.words import error, t
from server.errors import status_of
from server.services.campaigns import choices
from server.services.records import streams
from server.services.reports.text import statements
from server.services.reports.text.statements import PaperInput
from server.services.units.scope import Scope
from sync.errors import Refused

bp = guarded("statements")
TYPED_WRONG = frozenset({"reason_needed", "too_long"})
"""Codes that are answered with the form of the money as it was typed."""
LISTED = 200
"""Documents of a page; all are in the report."""


class MoneyForm(SentPlace):
    """That nothing was spent, if it was so. `number`: of the last statement that the page showed.

    `reason`: why it is another than that.
    """

    nil: bool
    number: int
    reason: str


class ListedPaperForm(SentPlace):
    """A document."""

    type: str
    symbol: str
    issued_on: date | None
    subject: str


@bp.get("/statements")
def show() -> str:
    """Show a unit's statements and those below it, by default of one's own top unit."""
    return _page({}, "")


@reads
def _page(session: Session, scope: Scope, typed: Mapping[str, str], problem: str) -> str:
    """`typed`: the form of the money as it was sent, where it was refused, and `problem` says why."""
    asked = asked_place(session, scope, typed.get("campaign"), typed.get("unit"))
    if asked is None:
        return render_template("desk/no_campaign.html")
    campaign = asked.campaign
    unit = asked.seen(session, scope)
    listed = statements.listed_papers(session, campaign.id, unit.id)
    return render_template(
        "desk/statements/statements.html",
        unit=unit,
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        states=streams.may_record(session, scope, campaign, unit.id),
        stated=statements.latest_money(session, campaign.id, unit.id),
        table=statements.money_table(session, campaign.id, unit.id),
        sources=statements.SOURCES,
        types=statements.TYPES,
        own=[each for each in listed if each.unit.id == unit.id],
        below=[each for each in listed if each.unit.id != unit.id][:LISTED],
        all_below=sum(each.unit.id != unit.id for each in listed),
        recorded=statements.recorded_papers(session, campaign.id, unit.id, listed),
        today=today().isoformat(),
        reason_length=statements.REASON_LENGTH,
        symbol_length=statements.SYMBOL_LENGTH,
        subject_length=statements.SUBJECT_LENGTH,
        typed=typed,
        problem=problem,
    )


@bp.post("/statements/money")
def state() -> Response | tuple[str, int]:
    """State what was spent, or that nothing was."""
    sent, typed = MoneyForm.sent(), whole_form()
    given = {source: _amount(typed.get(source, "")) for source in statements.SOURCES}
    if sent.nil == any(given.values()):
        raise Problem("money_unclear")
    try:
        with writing() as session:
            scope, stated = Scope(session, officer_id()), None if sent.nil else given
            statements.state_money(session, scope, sent.campaign, sent.unit, sent.number, stated, sent.reason)
    except (Problem, Refused) as refused:
        if refused.code not in TYPED_WRONG:
            raise
        said = t("statements.why_needed") if refused.code == "reason_needed" else error(refused.code)
        return _page(typed, said), status_of(refused.code)
    flash(t("done.money_stated"))
    return _back(sent.unit, sent.campaign)


@bp.post("/statements/papers")
def add() -> Response:
    """List a document."""
    sent = ListedPaperForm.sent()
    if sent.issued_on is None:
        raise Problem("paper_incomplete")
    typed = PaperInput(sent.type, sent.symbol, sent.issued_on, sent.subject)
    with writing() as session:
        statements.add_paper(session, Scope(session, officer_id()), sent.campaign, sent.unit, typed)
    flash(t("done.paper_listed"))
    return _back(sent.unit, sent.campaign)


@bp.post("/statements/papers/<id:paper>/remove")
def remove(paper: str) -> Response:
    """Take a document off the list."""
    with writing() as session:
        row = statements.remove_paper(session, Scope(session, officer_id()), paper)
        unit, campaign = row.unit_id, row.campaign_id
    flash(t("done.paper_removed"))
    return _back(unit, campaign)


def _back(unit: str, campaign: str) -> Response:
    return redirect(url_for("statements.show", unit=unit or None, campaign=campaign or None), 303)


def _amount(text: str) -> int:
    """Return a typed amount: dots or blanks between thousands, nothing else. Raises Problem `bad_number`."""
    if not text.strip():
        return 0
    found = typed_whole(text.strip())
    if found is None:
        raise Problem("bad_number", "amount")
    return found
