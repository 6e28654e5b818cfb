"""Approve what a list offers in one act, and take the act back.

A form carries the list's filter, which records it offers, and the position of each stream when the page was drawn.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs, parse_qsl

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk import bad_filter, list_filter
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, cut
from server.desk.review import adds
from server.desk.words import t
from server.models import BulkAct, Campaign
from server.services.campaigns import choices
from server.services.review import bulk, bulk_undo, decisions, figure_amounts, sampling
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope

bp = guarded("bulk")
_FROM = 500


class BulkForm(Inputs):
    """Which records are approved: those `offered`, or each that was ticked. `act`: its id; `back`: the list's page."""

    act: str
    which: str
    from_: str
    as_of: str
    offered: str
    pick: list[str]
    back: Annotated[str, cut(_FROM)]


@bp.post("/queue/approve")
def approve() -> Response:
    """Approve; the list then says how many, what was left out, and offers to undo."""
    sent = BulkForm.sent()
    asked = _asked(sent.from_)
    if sent.which == bulk.PICKED and not sent.pick:
        flash(t("bulk.none_picked"))
        return _back()
    offered = ",".join(sent.pick) if sent.which == bulk.PICKED else sent.offered
    wish = bulk.Wish(sent.act, sent.which, bulk.read_bounds(sent.as_of), bulk.read_offered(offered))
    with writing() as session:
        scope = Scope(session, officer_id())
        campaign = choices.campaign(session, scope, asked.campaign)
        if campaign is None:
            raise Problem("not_found")
        acted = decisions.Acted()
        act = bulk.approve(session, scope, campaign, asked, wish, acted)
        made = act.id
        said = adds.done(acted.added(session, scope, figure_amounts.streams_of(session, scope, campaign, asked)))
    if said:
        flash(said)
    return _back(done=made)


def _asked(query: str) -> QueueFilter:
    """Return the list's filter. Raises BadFilter: what is not understood would be a longer list."""
    args = dict(parse_qsl(query))
    bad_filter.check(args, list_filter.VALUES, "queue.show")
    return list_filter.read(args)


@bp.post("/queue/approve/<id:act>/undo")
def undo(act: str) -> Response:
    """Take the whole act back; records with later acts stay as they are, and are counted."""
    with writing() as session:
        scope, acted = Scope(session, officer_id()), decisions.Acted()
        undone = bulk_undo.undo(session, scope, act, acted)
        asked = list_filter.read_text(BulkForm.sent().back)
        where = figure_amounts.streams_of(session, scope, session.get_one(Campaign, undone.campaign_id), asked)
        said = f"{_undone(undone)} {adds.done(acted.added(session, scope, where))}".strip()
    flash(said)
    return _back()


def shown(session: Session, scope: Scope, query: str) -> tuple[BulkAct, str] | None:
    """Return the act that the list's address names as just done, and the sentence about it; None once undone."""
    name = parse_qs(query).get("done", [""])[0]
    act = bulk.read(session, scope, name) if name else None
    return (act, _done(act)) if act is not None and act.undone_at is None else None


def of_today(session: Session, scope: Scope, campaign: Campaign) -> list[tuple[BulkAct, str]]:
    """Return this person's acts of today that can be taken back, each with its sentence."""
    return [(act, _done(act)) for act in bulk.of_today(session, scope, campaign.id)]


def _done(act: BulkAct) -> str:
    key = "bulk.done_sample" if act.which == sampling.SAMPLE else "bulk.done"
    parts = [t(key, count=act.done)]
    parts += [t("bulk.changed", count=act.changed)] if act.changed else []
    parts += [t("bulk.arrived", count=act.arrived)] if act.arrived else []
    return "; ".join(parts) + "."


def _undone(act: BulkAct) -> str:
    parts = [t("bulk.undone", count=act.undone)]
    stayed = act.done - act.undone
    parts += [t("bulk.stayed", count=stayed)] if stayed else []
    return "; ".join(parts) + "."


def _back(**more: Any) -> Response:
    """Redirect to the page of the list that the form was on."""
    asked = list_filter.read_text(BulkForm.sent().back)
    return redirect(url_for("queue.show", **list_filter.args(asked), **more), 303)
