"""Give one answer to many records of a list (SPEC F-36): the preview above it, the act, and taking it back.

A form carries the list's filter, the number that its buttons name, and the position of each stream when the page was
drawn; no ids of records.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs, parse_qsl

from flask import request, url_for
from sqlalchemy.orm import Session

from server.core.clock import new_id
from server.core.problem_details import Problem
from server.desk.guard import guarded
from server.desk.inputs import Inputs, cut
from server.desk.review import results_url
from server.desk.shapes import Done, changes
from server.desk.words import t
from server.models import BulkAct, Campaign, Unit
from server.services.campaigns import choices
from server.services.review import answering
from server.services.review.bulk import MOST, Wish, read_bounds, read_offered
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from sync.registry import KINDS

bp = guarded("answering")
_FROM = 1_000


class AnswerForm(Inputs):
    """One answer for the records of a list that the page offered, as of then. `act`: its id."""

    from_: Annotated[str, cut(_FROM)]
    answer: str
    act: str
    as_of: str
    offered: str


def offered(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter) -> dict[str, Any]:
    """Return how many records of which units of this list would get the answer, and which are left out."""
    offer = answering.offer(session, scope, campaign, asked)
    units = [(session.get_one(Unit, id_), counts) for id_, counts in offer.units.items()]
    return {
        "offer": offer,
        "most": MOST,
        "units": sorted(units, key=lambda each: each[0].sort_key),
        "kind": KINDS[asked.cut.kind],
        "query": request.query_string.decode("utf-8", "replace"),
        "act": new_id(),
    }


@bp.post("/results/answer")
@changes
def give(session: Session, scope: Scope) -> Done:
    """Write the answer; the list then says how many records got it, what was left, and offers to undo."""
    sent = AnswerForm.sent()
    if sent.answer not in answering.WHICH:
        raise Problem("bad_request", "answer")
    wish = Wish(sent.act, answering.WHICH[sent.answer], read_bounds(sent.as_of), read_offered(sent.offered))
    asked = _asked(session)
    made = answering.answer(session, scope, _campaign(session, scope, asked), asked, wish).id
    return Done(url_for("results.show", **results_url.args(asked, results_url.GALLERY), done=made))


@bp.post("/results/answer/<id:act>/undo")
@changes
def undo(session: Session, scope: Scope, act: str) -> Done:
    """Take the whole act back; records that were acted on since stay, and are counted."""
    asked = _asked(session)
    undone = answering.undo(session, scope, act)
    stayed = undone.done - undone.undone
    parts = [t("answering.undone", count=undone.undone)]
    parts += [t("bulk.stayed", count=stayed)] if stayed else []
    return Done(url_for("results.show", **results_url.args(asked, results_url.GALLERY)), "; ".join(parts) + ".")


def shown(session: Session, scope: Scope, query: str) -> tuple[BulkAct, str] | None:
    """Return the act that the list's address names as just done, and the sentence about it; None once undone."""
    name = parse_qs(query).get("done", [""])[0]
    act = answering.read(session, scope, name) if name else None
    return (act, _done(act)) if act is not None and act.undone_at is None else None


def of_today(session: Session, scope: Scope, campaign: Campaign) -> list[tuple[BulkAct, str]]:
    """Return this person's answers to many of today that can be taken back, each with its sentence."""
    return [(act, _done(act)) for act in answering.of_today(session, scope, campaign.id)]


def _done(act: BulkAct) -> str:
    parts = [t("answering.done_yes" if act.which == answering.YES else "answering.done_no", count=act.done)]
    parts += [t("bulk.changed", count=act.changed)] if act.changed else []
    parts += [t("bulk.arrived", count=act.arrived)] if act.arrived else []
    return "; ".join(parts) + "."


def _asked(session: Session) -> ResultFilter:
    """Return the list's filter as the form carries it. Raises BadFilter: another one would be a longer list."""
    args = dict(parse_qsl(AnswerForm.sent().from_))
    results_url.check(session, args, "results.show")
    return results_url.read(args)


def _campaign(session: Session, scope: Scope, asked: ResultFilter) -> Campaign:
    campaign = choices.campaign(session, scope, asked.cut.campaign)
    if campaign is None:
        raise Problem("not_found")
    return campaign
