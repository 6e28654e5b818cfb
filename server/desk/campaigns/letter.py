"""A campaign's letter: what it asks for, by when, with which slogans; the letters that order reports; its end."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk.campaigns import marked
from server.desk.guard import guarded
from server.desk.inputs import Inputs, whole_form
from server.desk.shapes import reads
from server.desk.words import t
from server.models import Campaign, Unit
from server.services.campaigns import choices, expected, lifecycle
from server.services.campaigns.lifecycle import kinds_of
from server.services.figures import loading
from server.services.letters import citing, extraction, originals, publishing
from server.services.letters.recognition import reading as recognition
from server.services.units.scope import Scope
from server.services.units.tree import has_below
from sync.figures import every_figure
from sync.registry import KINDS

bp = guarded("letter")


class LetterAsked(Inputs):
    """The unit whose orders are shown."""

    unit: str


@bp.get("/campaigns/<id:campaign>")
def show(campaign: str) -> str:
    """Show one campaign in which the officer's units take part, and which letters order its reports.

    `unit`: down to which unit, and what its report cites; by default the first one that may send a letter.
    """
    return page(campaign, LetterAsked.asked().unit)


@reads
def page(session: Session, scope: Scope, campaign: str, unit: str, problem: str = "") -> str:
    """Return that page. `problem`: why the letter that was typed is refused."""
    found = choices.campaign(session, scope, campaign)
    if found is None:
        raise Problem("not_found")
    known = {figure.code: figure for figure in every_figure()}
    paper = publishing.letter_of(session, found.id)
    may_run = scope.may_run(found)
    alike = {
        each["figure"]: KINDS.amount(each["figure"], int(each["amount"])) for each in found.expected if each["amount"]
    }
    return render_template(
        "desk/campaigns/letter.html",
        campaign=found,
        unit=session.get_one(Unit, found.unit_id),
        kinds=kinds_of(found),
        figures=loading.asked(found),
        expected=[(known[code], amount) for code, amount in alike.items() if code in known],
        expected_own=expected.lines(session, found.expected),
        may_run=may_run,
        may_amend=may_run and found.status != "archived",
        split=lifecycle.split_since(session, found) if may_run and found.status == "archived" else None,
        lacks=[t(f"ordering.lack_{name}") for name in citing.LACKS if not paper.facts.get(name)] if paper.facts else [],
        letter=paper,
        pieces=list(marked.pieces(recognition.read(paper.text))) if paper.text else [],
        orders=_orders(session, scope, found, unit, problem),
    )


def _orders(session: Session, scope: Scope, campaign: Campaign, unit_id: str, problem: str) -> dict[str, Any] | None:
    """Return the letters from the campaign's own down to a unit's, and what that unit's report cites."""
    senders = originals.senders(session, scope, campaign)
    unit = session.get(Unit, unit_id) if unit_id else next(iter(senders), None)
    if unit is None and not unit_id:
        return None
    if unit is None or not originals.takes_part(session, campaign, unit.id) or not scope.may_see(unit.id):
        raise Problem("not_found")
    answered = citing.cited(session, campaign, unit)
    may = scope.may_write(unit.id) and campaign.status != "archived"
    return {
        "unit": unit,
        "units": senders if len(senders) > 1 else [],
        "chain": originals.chain(session, campaign, unit.id),
        "cited": answered,
        "bases": citing.bases(session, campaign, unit),
        "may": may and has_below(session, unit.id),
        "limit": extraction.FILE_BYTES // 1024**2,
        "lacking": [t(f"ordering.lack_{each}") for each in answered.lacks] if answered else [],
        "problem": problem,
        "typed": whole_form(),
    }
