"""A campaign's letter: what it asks for, by when, with which slogans; and the campaign's end."""

from __future__ import annotations

from flask import render_template

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.campaigns import marked
from server.desk.guard import guarded, officer_id
from server.desk.words import t
from server.models import Unit
from server.services.campaigns import choices, expected, reopening
from server.services.campaigns.lifecycle import kinds_of
from server.services.figures import asked
from server.services.letters import citing, publishing
from server.services.letters.recognition import reading as recognition
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.registry import KINDS

bp = guarded("letter")


@bp.get("/campaigns/<id:campaign>")
def show(campaign: str) -> str:
    """Show one campaign in which the officer's units take part."""
    with reading() as session:
        scope = Scope(session, officer_id())
        found = choices.campaign(session, scope, campaign)
        if found is None:
            raise Problem("not_found")
        known = {figure.code: figure for figure in every_figure()}
        paper = publishing.letter_of(session, found.id)
        may_run = scope.may_run(found)
        alike = {
            each["figure"]: KINDS.amount(each["figure"], int(each["amount"]))
            for each in found.expected
            if each["amount"]
        }
        return render_template(
            "desk/campaigns/letter.html",
            campaign=found,
            unit=session.get_one(Unit, found.unit_id),
            kinds=kinds_of(found),
            figures=asked.asked(found),
            expected=[(known[code], amount) for code, amount in alike.items() if code in known],
            expected_own=expected.lines(session, found.expected),
            may_run=may_run,
            may_amend=may_run and found.status != "archived",
            split=reopening.split_since(session, found) if may_run and found.status == "archived" else None,
            lacks=[t(f"ordering.lack_{name}") for name in citing.LACKS if not paper.facts.get(name)]
            if paper.facts
            else [],
            letter=paper,
            pieces=list(marked.pieces(recognition.read(paper.text))) if paper.text else [],
        )
