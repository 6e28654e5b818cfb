"""The queue: first what the reviewer must do; every other filter beside it, all of it in the URL."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import new_id
from server.desk import bad_filter, list_filter
from server.desk.guard import guarded
from server.desk.inputs import whole_address
from server.desk.review import adds, bulk, results_url
from server.desk.review.cards import cards
from server.desk.shapes import reads
from server.desk.units import typed_unit, unit_field
from server.models import Unit
from server.services.campaigns import choices
from server.services.campaigns.lifecycle import kinds_of
from server.services.hints.reading import FILTERS as HINT_FILTERS
from server.services.review import figure_amounts
from server.services.review import queue as lists
from server.services.review.bulk import offers as offered
from server.services.review.bulk import ticks
from server.services.review.results_filter import ResultFilter
from server.services.units.scope import Scope
from sync.figures import every_figure
from sync.late import LATE_MARKS

bp = guarded("queue")
_VALUES: Final = list_filter.VALUES | {"done": bad_filter.anything}


@bp.get("/queue")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show a page of records."""
    bad_filter.check(whole_address(), _VALUES, "queue.show")
    wanted = list_filter.read(whole_address())
    answer = typed_unit(session, scope, list_filter.args(wanted, unit="", only=False, page=1))
    if answer is not None:
        return answer
    campaign = choices.campaign(session, scope, wanted.campaign)
    if campaign is None:
        return render_template("desk/no_campaign.html")
    found = lists.page(session, scope, campaign, wanted)
    amounts = figure_amounts.amounts(session, scope, campaign, found.asked)
    amount = amounts.get(found.asked.bucket, 0)
    if found.asked.figure and not amount:  # the filter is not one of the table's numbers
        known = figure_amounts.amount(session, scope, campaign, found.asked)
        amount = lists.amount(session, scope, campaign, found.asked) if known is None else known
    on_page = {group.unit.id: group.count for group in found.groups}
    done = bulk.shown(session, scope, request.query_string.decode("utf-8", "replace"))
    return render_template(
        "desk/review/queue.html",
        page=found,
        offers=offered(session, scope, campaign, found.asked, found.total, on_page),
        ticks=ticks(session, scope, campaign, found.asked, [each.id for each in found.records]),
        new_act=new_id,
        adds_offer=adds.offer,
        done=done,
        own_acts=[each for each in bulk.of_today(session, scope, campaign) if not done or each[0].id != done[0].id],
        query=urlencode(list_filter.args(found.asked)),
        cards=cards(session, scope, campaign, found.records),
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        field=unit_field(session, scope, found.asked.unit),
        asked=found.asked,
        unit=session.get(Unit, found.asked.unit),
        filters=lists.FILTERS,
        late_marks=LATE_MARKS,
        hint_filters=HINT_FILTERS,
        kinds=kinds_of(campaign),
        figure=next((each for each in every_figure() if each.code == wanted.figure), None),
        amount=amount,
        amounts=amounts,
        to_go=lists.to_go(session, scope, campaign, found),
        fast=url_for("fast.show", **list_filter.args(found.asked, page=1)),
        export=url_for("exports.show", **list_filter.args(found.asked, page=1) | {"state": found.asked.state}),
        views=url_for("results.show", **results_url.args(ResultFilter(found.asked), results_url.GALLERY, page=1)),
        link=lambda **other: url_for("queue.show", **list_filter.args(replace(found.asked, page=1), **other)),
    )
