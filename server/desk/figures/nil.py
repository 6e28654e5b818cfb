"""A unit reports that it has nothing of some figures, and takes that back: writes on its acts (SPEC F-6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Any

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.asked_place import SentPlace
from server.desk.drafting import Draft, create, new_form, read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.inputs import named
from server.desk.words import t
from server.models import Campaign
from server.services.figures import plan
from server.services.figures.table import FigureRow, FigureTable
from server.services.records.stored import Result
from server.services.units.scope import Scope
from sync.protocol import NIL_PREFIX
from sync.registry import KINDS
from sync.values import Value

bp = guarded("nil")
DRAFT = "draft."


NilForm = dict[str, Any]
"""The form: its `figures`, and a draft for each act of the unit, or for a new record if there is none yet."""


def sheet(session: Session, campaign: Campaign, table: FigureTable, own: FigureRow) -> NilForm | None:
    """Return a form drawn now; None if every figure has something."""
    items = plan.items(campaign, table.figures, own)
    standing = plan.acts(session, table.unit.id, campaign.id)
    drafts = {record: new_form(state) for record, state in standing.items()} or _first()
    return {"figures": items, "drafts": drafts} if items else None


def _first() -> dict[str, Draft]:
    draft = new_form()
    return {draft.id: draft}


class NilSaid(SentPlace):
    """What the page said and what is ticked now, each with the write that it makes."""

    said: list[str]
    nil: list[str]
    draft: Annotated[dict[str, str], named(DRAFT)]


@bp.post("/figures/nil")
def say() -> Response:
    """Write the ticks that changed, into each act alike; the same page sent twice counts once."""
    sent = NilSaid.sent()
    unit, campaign, values = sent.unit, sent.campaign, _changed(sent.said, sent.nil)
    drafts = {record: read_draft(text) for record, text in sent.draft.items()}
    if not values:
        flash(t("done.unchanged"))
        return _back(unit, campaign)
    with writing() as session:
        scope = Scope(session, officer_id())
        here = plan.acts(session, unit, campaign)
        head = {"kind": KINDS.acts()[0], "unit": unit, "campaign": campaign}
        results = []
        for record, draft in drafts.items():
            if record == draft.id:  # the page had no act
                results.append(create(session, scope, draft, head, {**values, "submitted": True}))
            elif record in here:
                results.append(write(session, scope, draft, record, values))
            else:
                raise Problem("not_found")
        _check(results)
    before = all(result.code == "id_reused" for result in results)
    flash(t("done.nil_before" if before else "done.nil"))
    return _back(unit, campaign)


def _changed(said: Collection[str], ticked: Collection[str]) -> dict[str, Value]:
    """Return the known figures whose tick was set or removed."""
    known = [figure.code for figure in KINDS.figures()]
    return {f"{NIL_PREFIX}{code}": code in ticked or None for code in known if (code in said) != (code in ticked)}


def _check(results: Collection[Result]) -> None:
    """Raise Problem for a refused write; a page that was sent before with other ticks is not refused."""
    for result in results:
        if result.code not in ("", "id_reused"):
            raise Problem("forbidden" if result.code == "foreign_unit" else result.code)


def _back(unit: str, campaign: str) -> Response:
    return redirect(url_for("giving.show", unit=unit or None, campaign=campaign or None), 303)
