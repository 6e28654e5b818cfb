"""A message pasted from a chat: shown beside the totals that were read in it, which a person confirms one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_form
from server.desk.numerals import made_number
from server.desk.shapes import reads
from server.desk.totals import typed
from server.desk.words import t
from server.errors import status_of
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.totals import entering, in_force, places
from server.services.totals.entering import Statement
from server.services.totals.in_force import TotalInForce, TotalSource
from server.services.totals.reading import MessageReading, ReadUnit, read
from server.services.units.scope import Scope
from sync.registry import KINDS

bp = guarded("pasted")
TAKE, UNIT, AMOUNT, FIGURE, SHOWN, SAID = "take.", "unit.", "amount.", "figure.", "shown.", "said."
MOST_UNITS = 200
"""More units than this are not offered for a line whose unit is not known: a province looks district by district."""


ProposedTotal = dict[str, Any]
"""A proposal as the page shows it. `unit`: read, or chosen before; `before`: what was said of the figure so far."""


class MessageForm(SentPlace):
    """A message from a chat."""

    text: str


@bp.post("/totals/read")
def propose() -> str:
    """Answer with what was read; nothing is stored."""
    return _page(whole_form(), MessageForm.sent().text, None)


@bp.post("/totals/take")
def take() -> Response | tuple[str, int]:
    """Store the totals that were ticked: all of them, or none if one cannot be."""
    sent = MessageForm.sent()
    unit, campaign = sent.unit, sent.campaign
    try:
        by_unit = _ticked(whole_form())
        with writing() as session:
            scope = Scope(session, officer_id())
            done = sum(entering.state(session, scope, each, campaign, said) for each, said in sorted(by_unit.items()))
    except Problem as problem:
        if problem.code not in {"reason_needed", "total_amount", "total_moved", "total_nil", "total_unit"}:
            raise
        return _page(whole_form(), MessageForm.sent().text, problem), status_of(problem.code)
    flash(t("done.totals", count=done) if done else t("done.unchanged"))
    if len(by_unit) == 1:
        unit = next(iter(by_unit))
    return redirect(url_for("totals.show", unit=unit, campaign=campaign), 303)


def _ticked(form: Mapping[str, str]) -> dict[str, list[Statement]]:
    found: dict[str, list[Statement]] = {}
    seen: set[tuple[str, str]] = set()
    for name in form:
        place = name.removeprefix(TAKE)
        if not name.startswith(TAKE):
            continue
        unit, code = form.get(UNIT + place, ""), form.get(FIGURE + place, "")
        if not unit or (unit, code) in seen:  # two lines of one figure: nobody knows which one is meant
            raise Problem("total_unit", place)
        seen.add((unit, code))
        amount = typed.amount(form.get(AMOUNT + place, "").strip(), code)
        found.setdefault(unit, []).append(
            Statement(
                figure=code,
                amount=amount,
                shown=made_number(form.get(SHOWN + place, "0"), SHOWN),
                reach=form.get("reach", "whole"),
                is_nil=amount == 0,
                source=form.get("source", TotalSource.ZALO),
                note=form.get(SAID + place, ""),
                reason=form.get("reason", ""),
            )
        )
    return found


@reads
def _page(session: Session, scope: Scope, where: Mapping[str, str], text: str, problem: Problem | None) -> str:
    campaign = choices.campaign(session, scope, where.get("campaign", ""))
    unit = session.get(Unit, where.get("unit", ""))
    if campaign is None or unit is None or not scope.may_see(unit.id):
        raise Problem("not_found")
    if not scope.may_write(unit.id) or campaign.status == "archived":
        raise Problem("archived" if campaign.status == "archived" else "forbidden")
    units = places.writable(session, scope, campaign.id, unit.id)
    found = _read(text, unit, units, campaign) if text.strip() else None
    return render_template(
        "desk/totals/read.html",
        unit=unit,
        campaign=campaign,
        units=[each for each in units if each.id != unit.id][:MOST_UNITS],
        text=text,
        found=found,
        proposed=list(_proposed(session, campaign, units, found)) if found else [],
        sources=typed.SOURCES,
        reaches=typed.REACHES,
        typed=whole_form(),
        problem=problem,
    )


def _read(text: str, unit: Unit, units: list[Unit], campaign: Campaign) -> MessageReading:
    alone = all(each.id == unit.id for each in units)
    known = [ReadUnit(each.id, each.name, each.short_name) for each in units]
    return read(text, known, entering.figures(campaign), unit.id if alone else "")


def _proposed(
    session: Session, campaign: Campaign, units: list[Unit], found: MessageReading
) -> Iterator[ProposedTotal]:
    by_id, figures = {each.id: each for each in units}, {figure.code: figure for figure in KINDS.figures()}
    said: dict[str, dict[str, TotalInForce]] = {}
    for place, each in enumerate(found.proposals, 1):
        unit = by_id.get(each.unit or whole_form().get(f"{UNIT}{place}", ""))
        if unit is not None and unit.id not in said:
            said[unit.id] = in_force.of_unit(session, unit.id, campaign.id)
        yield {
            "it": each,
            "figure": figures[each.figure],
            "unit": unit,
            "before": said[unit.id].get(each.figure) if unit else None,
        }
