"""One item of the fast review: the record, the ready reasons for its kind, and the unit's other records of that day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk.drafting import new_form
from server.desk.hints import sentences
from server.desk.review import adds
from server.desk.review.cards import cards
from server.models import Record
from server.services.records.readiness import Readiness
from server.services.review import dossier, return_templates, same_day
from server.services.review.dossier import Dossier
from server.services.units.scope import Scope

ReasonChoice = dict[str, Any]
"""A ready reason as shown: its number is the key that gives it; `fields` are those it marks here."""


def shown(session: Session, scope: Scope, record: str, came_from: str, *, problem: str = "") -> dict[str, Any]:
    """Return what the template of an item needs. `came_from`: the list's query. Raises Problem `not_found`."""
    found = dossier.read(session, scope, record)
    others = same_day.same_day(session, found.record)
    return {
        "it": found,
        "campaign": found.campaign,
        "came_from": came_from,
        "given": {file.id: file for file in found.campaign.files},
        "draft": lambda: new_form(found.state).text,
        "reasons": {verdict: _choices(session, scope, found, verdict) for verdict in ("returned", "not_counted")},
        "hints": sentences.lines(session, scope, found),
        "others": others,
        "cards": cards(session, scope, found.campaign, others),
        "adds": adds.of_records(session, scope, [(found.record, found.state)]).get(found.record.id, ""),
        "blocked": _blocked(found),
        "problem": problem,
    }


def line(session: Session, scope: Scope, record: str) -> str:
    """Return what approving an item would add by now; empty if it cannot be approved, or is not there any more."""
    try:
        found = dossier.read(session, scope, record)
    except Problem:
        return ""
    return adds.of_records(session, scope, [(found.record, found.state)]).get(record, "")


def item(session: Session, scope: Scope, record: str, came_from: str) -> str:
    """Return an item as HTML. Raises Problem `not_found`."""
    return render_template("desk/review/fast_item.html", **shown(session, scope, record, came_from))


def items(session: Session, scope: Scope, records: Sequence[Record], came_from: str) -> str:
    """Return several items as HTML; one that was purged meanwhile is left out."""
    made = []
    for record in records:
        try:
            made.append(item(session, scope, record.id, came_from))
        except Problem as problem:
            if problem.code != "not_found":
                raise
    return "".join(made)


def _choices(session: Session, scope: Scope, found: Dossier, verdict: str) -> list[ReasonChoice]:
    texts = return_templates.texts(session, scope.officer_id)
    fitting = return_templates.of_kind(found.kind, verdict, photos=bool(found.photos))
    return [
        {
            "number": number,
            "template": each,
            "text": texts[each.id],
            "fields": tuple(return_templates.marks(found.kind, each)),
        }
        for number, each in enumerate(fitting, 1)
    ]


def _blocked(found: Dossier) -> str:
    """Return the key of the sentence that says why this reader may not count it; empty if it may be counted."""
    reasons = (
        (not found.may_decide, "decide.not_mine"),
        (found.wrote, "fast.own"),
        (found.made_code, "fast.code_maker"),
        (found.state.hidden, "decide.deleted"),
        (found.state.edited_while_deleted, "decide.blocked_deleted"),
        (bool(found.state.conflicts), "decide.blocked"),
        (not found.state.submitted, "record.is_draft"),
        (found.readiness is not Readiness.READY, f"fast.not_ready.{found.readiness}"),
    )
    return next((sentence for holds, sentence in reasons if holds), "")
