"""Search, and the results of one filter in four views: gallery, list, table, map. All of it is in the URL."""

from __future__ import annotations

from dataclasses import replace

from flask import jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.bulk import one_of
from server.desk.guard import guarded
from server.desk.inputs import whole_address
from server.desk.review import answering, results_url
from server.desk.review.cards import cards
from server.desk.review.results_url import PageAsked
from server.desk.shapes import reads
from server.desk.units import typed_unit, unit_field
from server.map_tiles import MapTiles
from server.models import Campaign, Unit
from server.services.campaigns import choices
from server.services.campaigns.lifecycle import kinds_of
from server.services.records.streams import number_text
from server.services.review import queue as lists
from server.services.review import writers
from server.services.review.answering import asked_field
from server.services.review.results import Results
from server.services.review.results_filter import HINTS, ResultCursor, ResultFilter, ResultPage
from server.services.units.scope import Scope
from server.serving.every_request import POLICY
from server.serving.installation import installed
from sync.text import is_id

bp = guarded("results")


@bp.get("/results")
@reads
def show(session: Session, scope: Scope) -> str | Response:
    """Show a page of records; from the search box, go to the record if there is exactly one."""
    asked, view = results_url.read(whole_address()), results_url.view(whole_address())
    results_url.check(session, whole_address(), "results.show")
    answer = typed_unit(session, scope, results_url.args(asked, view, unit="", only=False, officer=""))
    if answer is not None:
        return answer
    campaign = _campaign(session, scope, asked.cut.campaign)
    if campaign is None:
        return render_template("desk/no_campaign.html")
    asked = replace(asked, cut=replace(asked.cut, campaign=campaign.id))
    found = Results(session, scope, campaign, asked)
    only = found.only() if asked.text and PageAsked.asked().go else None
    if only is not None:
        return redirect(url_for("records.show", record=only.id), 303)
    return _with_tiles(_page(session, scope, campaign, asked, view, found), view)


@bp.get("/results/points")
@reads
def points(session: Session, scope: Scope) -> Response:
    """Return the places of the newest records of a filter, for the map.

    `{units: [name], points: [[latitude, longitude, record id, label, unit, state]], more}`; `unit` is a number in
    `units`.
    """
    asked = results_url.read(whole_address())
    results_url.check(session, whole_address(), "results.show")
    campaign = choices.campaign(session, scope, asked.cut.campaign)
    if campaign is None:
        return jsonify(units=[], points=[], more=False)
    found, more = Results(session, scope, campaign, asked).points()
    units = sorted({point.unit for point in found})
    named = session.execute(select(Unit.id, Unit.short_name).where(one_of(Unit.id, units)))
    names: dict[str, str] = {id_: name for id_, name in named}  # noqa: C416  # rows are no pairs for mypy
    at = {id_: nth for nth, id_ in enumerate(units)}
    rows = [
        [*point.place, point.record_id, number_text(point.kind, point.number), at[point.unit], point.state]
        for point in found
    ]
    return jsonify(units=[names[id_] for id_ in units], points=rows, more=more)


def _campaign(session: Session, scope: Scope, wanted: str) -> Campaign | None:
    """Return the campaign. The search box names that of its page, which may have no records for this person."""
    if PageAsked.asked().go and all(each.id != wanted for each in choices.campaigns(session, scope)):
        wanted = ""
    return choices.campaign(session, scope, wanted)


def _page(session: Session, scope: Scope, campaign: Campaign, asked: ResultFilter, view: str, found: Results) -> str:
    cursor, moved = _cursor(asked)
    shown = found.page(cursor)
    done = answering.shown(session, scope, request.query_string.decode("utf-8", "replace"))
    return render_template(
        "desk/review/results.html",
        page=shown,
        cards=cards(session, scope, campaign, [each.record for each in shown.results]),
        campaign=campaign,
        campaigns=choices.campaigns(session, scope),
        field=unit_field(session, scope, asked.cut.unit),
        asked=asked,
        view=view,
        at=_at(),
        views=results_url.VIEWS,
        states=lists.FILTERS,
        kinds=kinds_of(campaign),
        hints=[name for name, _ in HINTS.named()],
        officers=writers.writers(session, lists.units_of(session, scope, asked.cut)),
        trouble=results_url.trouble(asked, moved=moved),
        done=done,
        own_acts=[
            each for each in answering.of_today(session, scope, campaign) if not done or each[0].id != done[0].id
        ],
        answer=_answer_link(scope, campaign, asked, shown),
        answering=answering.offered(session, scope, campaign, asked) if PageAsked.asked().offer else None,
        tiles=_tiles(),
        came_from=_came_from(),
        link=lambda **other: url_for("results.show", **results_url.args(asked, view, **other)),
        export=url_for("exports.show", **results_url.args(asked, results_url.GALLERY)),
        points=url_for("results.points", **results_url.args(asked, results_url.GALLERY)),
        turn=lambda to: url_for(
            "results.show",
            **results_url.args(asked, view),
            **{"before" if to.back else "after": to.text(asked)},
        ),
    )


def _answer_link(
    scope: Scope, campaign: Campaign, asked: ResultFilter, shown: ResultPage
) -> tuple[str, int | None] | None:
    """Return where all of this list get one answer, and how many they are; None if the list has no such question."""
    has_question = asked.answer and asked_field(asked.cut.kind) is not None and campaign.status != "archived"
    if not has_question or not any(scope.may_write(each.unit.id) for each in shown.results):
        return None
    return url_for("results.show", **results_url.args(asked, results_url.GALLERY), offer=1), shown.total


def _at() -> str:
    """Return the record that the map is opened around, as the page of a record links to it; empty for none."""
    wanted = PageAsked.asked().at
    return wanted if is_id(wanted) else ""


def _came_from() -> str:
    """The list for the way back from a record: the query, marked as one of this page (record.py)."""
    return f"{results_url.HERE}{request.query_string.decode('utf-8', 'replace')}"


def _cursor(asked: ResultFilter) -> tuple[ResultCursor | None, bool]:
    """Return the cursor of the URL, and True if it names one that is none of this filter."""
    cursor = PageAsked.asked()
    back = cursor.before is not None
    text = (cursor.before if back else cursor.after) or ""
    found = ResultCursor.read(text, asked, back=back)
    return found, bool(text) and found is None


def _tiles() -> MapTiles | None:
    settings = installed().settings
    return settings.map_tiles


def _with_tiles(body: str, view: str) -> Response:
    """Return the page; that of the map may load pictures from the tiles' server, and no other page may."""
    response = make_response(body)
    tiles = _tiles()
    if view == "map" and tiles is not None:
        allowed = POLICY.replace("img-src 'self'", f"img-src 'self' {tiles.origin}")
        response.headers["Content-Security-Policy"] = allowed
    return response
