"""The way in, the list of cases, a new one, a case by its code, the figures, the public version, and the log."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, Final

from flask import make_response, redirect, render_template, send_file, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.paging import slice_of
from server.core.problem_details import Problem
from server.desk import guard
from server.desk.access import again
from server.desk.annex.opened import app_vault
from server.desk.asked_place import SentPlace
from server.desk.cases.door import closed_to_others
from server.desk.guard import officer_id
from server.desk.inputs import Inputs, ListPageAsked
from server.desk.shapes import Done, changes, says
from server.desk.words import t
from server.errors import status_of
from server.models import Campaign, Officer, Unit
from server.services.campaigns import choices
from server.services.cases import (
    case_log,
    codes,
    counting,
    entering,
    finding,
    lists,
    making,
    public,
    rights,
    taking_over,
)
from server.services.cases import left as left_cases
from server.services.cases.making import NewCase
from server.services.checklist import regimes, versions
from server.services.confidential import totals
from server.services.reports import word
from server.services.units.scope import Scope

PAGE: Final = 50
bp = closed_to_others("cases")


class CaseCode(Inputs):
    """The code of a case, as it is on its paper."""

    code: str


class NewCaseForm(Inputs):
    """A new case: lists and a day."""

    unit: str
    category: str
    sex: str
    age: str
    source: str
    basis: str
    consent: str
    received: str


class HalfYearAsked(SentPlace):
    """What the page of figures shows. `half`: the last day of a half-year."""

    half: str
    yes: bool


@bp.post("/cases/enter")
def enter() -> Response:
    """Enter, with a second factor given within the last minute."""
    return again.ask(entering.FRESH_MS) or _begin()


@changes
def _begin(session: Session, scope: Scope) -> Done:
    entering.begin(session, app_vault(), guard.token(), scope.officer_id)
    return Done(url_for("cases.show"))


@bp.post("/cases/leave")
@changes
def leave(session: Session, scope: Scope) -> Done:
    """Leave: the next page asks for the second factor again."""
    entering.leave(session, app_vault(), guard.token(), scope.officer_id)
    return Done(url_for("cases.show"))


@bp.post("/cases/stay")
def stay() -> Response:
    """Say that somebody is at work in a form: being here is all of it (door.py)."""
    return Response(status=204)


@bp.get("/cases")
def show() -> str:
    """Show a page of the cases of the officer's units, what is due first, and the form of a new one."""
    return _list()


def _list(problem: str = "", chosen: Mapping[str, str] | None = None, refused: str = "") -> str:
    """Return the list. `chosen`: the form of a new case as it was refused, with why."""
    with reading() as session:
        found = finding.listed(session, app_vault(), officer_id())
        page = slice_of(found.cases, ListPageAsked.asked().page, PAGE)
        every = (*page.rows, *found.below)
        officers, units = ({getattr(one.held.data, name) for one in every} for name in ("officer", "unit"))
        mine = rights.units_of(session, officer_id())
        body = render_template(
            "desk/cases/cases.html",
            it=found,
            page=page,
            page_link=lambda **other: url_for("cases.show", **other),
            problem=problem,
            names=dict(session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(officers))).all()),
            many=len(mine) > 1,
            olds=left_cases.units(session, officer_id()),
            alone=rights.of_units(session, mine) == {officer_id()},
            written=codes.written,
            units=dict(session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(units))).all()),
            labels={each.id: each.label for each in regimes.categories()},
            mine=[(id_, session.get_one(Unit, id_).name) for id_ in mine],
            lists=lists,
            categories=regimes.categories(),
            chosen=chosen or {},
            refused=refused,
        )
    case_log.note(app_vault(), "listed", officer_id())
    return body


@bp.post("/cases/find")
def find() -> Response:
    """Find a case by the code on its paper. The code is in the form, never in an address."""
    try:
        with reading() as session:
            id_ = finding.by_code(session, app_vault(), officer_id(), CaseCode.sent().code)
    except Problem as refused:
        finding.note_wrong_code(app_vault(), officer_id())
        return make_response(_list(refused.code), status_of(refused.code))
    return redirect(url_for("case.show", case=id_), 303)


@bp.post("/cases/new")
@says(
    lambda refused: refused.code in ("case_day", "case_category"),
    lambda refused: _list(chosen=NewCaseForm.sent().values(), refused=refused.code),
)
@changes
def make(session: Session, scope: Scope) -> Done:
    """Make a case; its page shows the code to write on the paper file."""
    vault, me = app_vault(), scope.officer_id
    held = making.make(session, vault, me, NewCase(**NewCaseForm.sent().values()))
    entering.give_reason(session, vault, guard.token(), me, held.id, "record")
    return Done(url_for("case.show", case=held.id), t("done.case_made"))


@bp.get("/cases/figures")
def figures() -> str:
    """Show the exact totals of a campaign, what is due below as counts, and the public version."""
    with reading() as session:
        vault, me = app_vault(), officer_id()
        mine = rights.units_of(session, me)
        asked = HalfYearAsked.asked()
        unit_id = asked.unit or mine[0]
        if unit_id not in mine:
            raise Problem("not_found")
        scope = Scope(session, me)
        campaign = choices.campaign(session, scope, asked.campaign, [unit_id])
        if campaign is None:
            return render_template("desk/no_campaign.html")
        body = render_template(
            "desk/cases/figures.html",
            **_figures(session, unit_id, campaign),
            **_public(session, unit_id, asked.half),
            campaigns=choices.campaigns(session, scope, [unit_id]),
        )
    case_log.note(vault, "figures", me, unit=unit_id)
    return body


def _figures(session: Any, unit_id: str, campaign: Campaign) -> dict[str, Any]:
    vault = app_vault()
    by_hand = totals.entered(session, vault, campaign.id, unit_id)
    gone = by_hand is not None and by_hand.number <= taking_over.dropped(session, vault, campaign.id, unit_id)
    return {
        "unit": session.get_one(Unit, unit_id),
        "campaign": campaign,
        "exact": public.exact(session, vault, campaign, unit_id),
        "own": counting.of_campaign(session, vault, [unit_id], campaign),
        "hand": by_hand.totals if by_hand and not gone else None,
        "due": counting.due_below(session, vault, [unit_id]),
        "regimes": totals.offered(session, campaign),
    }


def _public(session: Any, unit_id: str, asked: str) -> dict[str, Any]:
    """What the page shows of a half-year, that of the newest unless another is asked for."""
    is_province = session.get_one(Unit, unit_id).level == public.PROVINCE
    halves = public.half_years(session) if is_province else []
    half = next((each for each in halves if each.last.isoformat() == asked), halves[0] if halves else None)
    if half is None:
        return {"halves": []}
    return {
        "halves": halves,
        "half": half,
        "published": public.published(session, unit_id, half),
        "hindrance": public.hindrance(session, unit_id, half),
        "small": public.SMALL,
        "lines": {line.id: line.what for line in regimes.benefits_on(half.last, versions.in_force(session))},
    }


@bp.post("/cases/hand")
@changes
def drop_hand(session: Session, scope: Scope) -> Done:
    """Say that the people entered by hand have cases by now."""
    sent = SentPlace.sent()
    taking_over.drop(session, app_vault(), scope.officer_id, sent.campaign, sent.unit)
    return Done(url_for("cases.figures", **sent.values()))


@bp.post("/cases/publish")
@changes
def publish(session: Session, scope: Scope) -> Done:
    """Publish the public version, once and for good."""
    sent, said = HalfYearAsked.sent(), ""
    if sent.yes:
        asked = next((each for each in public.half_years(session) if each.last.isoformat() == sent.half), None)
        if asked is None:
            raise Problem("not_found")
        public.publish(session, app_vault(), scope.officer_id, sent.unit, asked)
        said = t("done.case_published")
    return Done(url_for("cases.figures", **sent.args(yes=False), _anchor="public"), said)


@bp.get("/cases/left/<id:unit>")
def left(unit: str) -> Response:
    """Return the codes of the open cases that a merged unit left, as a Word file that both offices sign."""
    vault, me = app_vault(), officer_id()
    with reading() as session:
        name, data = left_cases.paper(session, vault, me, unit)
    left_cases.note(vault, me, unit)
    return send_file(io.BytesIO(data), word.MEDIA_TYPE, as_attachment=True, download_name=name)


@bp.get("/cases/log")
def log() -> str:
    """Show who did what: of the officer's units and those below, the newest first.

    Refused tries of minutes that are over become lines of the log first, so that none is missing here.
    """
    case_log.settle(app_vault())
    with reading() as session:
        vault, me = app_vault(), officer_id()
        mine = rights.units_of(session, me)
        inside = set(counting.below(session, mine))
        tops = any(session.get_one(Unit, id_).parent_id is None for id_ in mine)
        page = case_log.read(session, vault, ListPageAsked.asked().page)
        shown = [
            line
            for line in page.rows
            if line.said is None
            or line.said["by"] == me
            or line.said["unit"] in inside
            or (tops and not line.said["unit"])
        ]
        ids = {line.said["by"] for line in shown if line.said}
        names = {id_: row.name for id_ in ids if (row := session.get(Officer, id_)) is not None}
        body = render_template("desk/cases/log.html", lines=shown, names=names, page=page)
    case_log.note(vault, "log_read", me)
    return body
