"""The dry run: what a table would bring, which names match no unit, and the act that takes it."""

from __future__ import annotations

import re
from typing import Annotated

from flask import render_template, url_for
from sqlalchemy.orm import Session

from server.desk.guard import guarded
from server.desk.inputs import Inputs, named
from server.desk.shapes import Done, changes, reads
from server.desk.units import unit_field
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.comparison import drafts, taking
from server.services.units.scope import Scope

bp = guarded("prior_drafts")
LISTED = 50
"""Rows of each list on the page."""
_ROW = re.compile(r"\d{1,9}")


class PriorDraftForm(Inputs):
    """The units that somebody names for rows, and figures with other rules; the yes."""

    at: Annotated[dict[str, str], named("at.")]
    part: Annotated[dict[str, str], named("part.")]
    other: list[str]
    yes: bool


@reads
def page(session: Session, scope: Scope, draft: str) -> str:
    """Return what would be taken."""
    row = drafts.get(session, scope, draft)
    run = drafts.dry_run(session, scope, row)
    return render_template(
        "desk/comparison/draft.html",
        run=run,
        unit=session.get_one(Unit, row.unit_id),
        campaign=session.get_one(Campaign, row.campaign_id),
        field=unit_field(session, scope, row.unit_id),
        most=LISTED,
        other={figure.code for figure in run.other_rules},
    )


@bp.post("/comparison/drafts/<id:draft>/place")
@changes
def place(session: Session, scope: Scope, draft: str) -> Done:
    """Take which units a person names for rows that match none."""
    sent = PriorDraftForm.sent()
    said = {row: (text, bool(sent.part.get(row))) for row, text in sent.at.items() if _ROW.fullmatch(row)}
    lost = drafts.place(session, drafts.get(session, scope, draft, lock=True), said)
    return Done(
        url_for("comparison.show", draft=draft),
        t("done.prior_not_placed", names="; ".join(lost[:5])) if lost else t("done.prior_placed"),
    )


@bp.post("/comparison/drafts/<id:draft>/take")
@changes
def take(session: Session, scope: Scope, draft: str) -> Done:
    """Take the figures."""
    sent = PriorDraftForm.sent()
    if not sent.yes:
        return Done(url_for("comparison.show", draft=draft))
    row = drafts.get(session, scope, draft, lock=True)
    unit, campaign = row.unit_id, row.campaign_id
    taking.take(session, scope, row, sent.other)
    return Done(url_for("comparison.show", unit=unit, campaign=campaign), t("done.prior_taken"))
