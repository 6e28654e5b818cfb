"""Fast review: one item after the other of a list, by keys; each act leads on to the next item, and can be undone.

Without a script every act is a form and a page. With `static/review.js` the next items are loaded ahead, and an act
is sent behind what is shown next: then the answers here are JSON, asked for by `Accept: application/json`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from flask import jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import bad_filter, list_filter
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, named, whole_address
from server.desk.review import fast_item
from server.desk.review.decisions import added_text, read_basis
from server.desk.shapes import reads
from server.desk.words import error, t, word
from server.errors import status_of
from server.models import DecisionRow, Record
from server.services.campaigns import choices
from server.services.review import decisions, dossier, queue, return_templates, undoing
from server.services.review.queue import QueueFilter
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.record import WITHDRAWN

bp = guarded("fast")
AHEAD = 3
"""Items that a page asks for at once."""
_VALUES: Final = list_filter.VALUES | dict.fromkeys(("at", "after", "last"), bad_filter.anything)


class FastForm(Inputs):
    """What is decided on an item: by a verdict with its reason, or by a ready reason. `next`: the item behind it."""

    verdict: str
    template: str
    fields: list[str]
    fields_of: Annotated[dict[str, list[str]], named("fields.", several=True)]
    reason: Annotated[dict[str, str], named("reason.")]
    text: Annotated[dict[str, str], named("text.")]
    basis: str
    shown: str | None
    decision: str
    next: str
    from_: str


class FastAsked(Inputs):
    """Which item is shown: `at`, or the one behind `after`. `last`: the one just decided; `line`: what one adds."""

    from_: str
    at: str
    after: str
    last: str
    line: str


@bp.get("/review")
def show() -> str | Response:
    """Show an item of a list: `at`, or the one behind `after`, or the first. `last`: the item just decided."""
    bad_filter.check(whole_address(), _VALUES, "fast.show")
    return _page()


@bp.get("/review/items")
@reads
def items(session: Session, scope: Scope) -> Response:
    """Return the items behind `after`, as HTML to put into the page; with `at`, that one as it is now.

    With `line`, only what approving that one would add by now, as text.
    """
    query = _list_query((here := FastAsked.asked()).from_)
    if here.line:
        body = fast_item.line(session, scope, here.line)
    elif here.at:
        body = fast_item.item(session, scope, here.at, query)
    else:
        asked = _walked(query)
        campaign = choices.campaign(session, scope, asked.campaign)
        after = here.after
        found = queue.following(session, scope, campaign, asked, after, AHEAD) if campaign else []
        body = fast_item.items(session, scope, found, query)
    return make_response(body)


@bp.post("/review/<id:record>/decide")
def decide(record: str) -> Response:
    """Store the decision of the item's form: a verdict, the ready reason whose button was pressed, or a withdrawal.

    The answer names the decision, which can be undone; nothing if the same one was in force before. It says what
    approving the `next` item, which was loaded before this, would add by now (SPEC F-31).
    """
    sent = FastForm.sent()
    try:
        with writing() as session:
            said = _said(session, sent)
            scope = Scope(session, officer_id())
            before = session.scalar(select(Record.decision_id).where(Record.id == record))
            basis, shown = read_basis(sent.basis), sent.shown
            acted = decisions.Acted()
            if said.verdict == WITHDRAWN:
                stored = decisions.withdraw(session, scope, record, shown or "", acted)
            else:
                stored = decisions.decide(session, scope, record, said, basis, shown, acted)
            decision, done = stored.id if stored.id != before else "", _done(session, stored)
            added = added_text(session, scope, record, acted)
    except (Refused, Problem) as refused:
        return _refused(record, refused.code)
    if _wants_json():
        with reading() as session:
            adds = fast_item.line(session, Scope(session, officer_id()), sent.next)
        return jsonify(decision=decision, said=f"{done} {added}".strip(), next=adds)
    return redirect(url_for("fast.show", after=record, last=record, **_args(sent.from_)), 303)


@bp.post("/review/<id:record>/undo")
def undo(record: str) -> Response:
    """Undo the decision that was just made, so that what was in force before is again (SPEC D-14).

    Refused if somebody has decided anew since.
    """
    try:
        with writing() as session:
            scope, acted = Scope(session, officer_id()), decisions.Acted()
            row = undoing.undo(session, scope, record, FastForm.sent().decision, acted)
            verdict, added = row.verdict, added_text(session, scope, record, acted)
    except (Refused, Problem) as refused:
        return _refused(record, refused.code, t("fast.undo_late") if refused.code == "no_decision" else "")
    if _wants_json():
        waits = verdict == WITHDRAWN
        undone = t("fast.undone") if waits else t("fast.undone_again", verdict=word("states", verdict))
        return jsonify(said=f"{undone} {added}".strip())
    return redirect(url_for("fast.show", at=record, **_args(FastForm.sent().from_)), 303)


@reads
def _page(session: Session, scope: Scope, at: str = "", problem: str = "", status: int = 200) -> Response:
    here = FastAsked.asked()
    at = at or here.at
    query = _list_query(FastForm.sent().from_ or request.query_string.decode("utf-8", "replace"))
    asked = _walked(query)
    campaign = choices.campaign(session, scope, asked.campaign)
    if campaign is None:
        return make_response(render_template("desk/no_campaign.html"))
    record = session.get(Record, at) if at else None
    if at and record is None:
        raise Problem("not_found")
    if record is None:
        found = queue.following(session, scope, campaign, asked, here.after, 1)
        record = found[0] if found else None
    number, total = queue.rank(session, scope, campaign, asked, record) if record else (0, 0)
    following = queue.following(session, scope, campaign, asked, record.id, 1) if record else []
    item: dict[str, Any] = {"campaign": campaign, "came_from": query}
    if record:
        item = fast_item.shown(session, scope, record.id, query, problem=problem)
    body = render_template(
        "desk/review/fast.html",
        number=number,
        total=total,
        following=following[0].id if following else "",
        ends_with=queue.ends_with(session, scope, campaign, asked),
        back=url_for("queue.show", **_args(query)),
        left_out=queue.left_out(session, scope, campaign, asked) if asked.ready else {},
        unready=url_for("queue.show", **_args(query) | {"state": queue.UNREADY}),
        unready_fast=url_for("fast.show", **_args(query) | {"state": queue.UNREADY}),
        last=_last(session, scope),
        flagged=0 if asked.state == queue.FLAGGED else queue.count_in(session, scope, campaign, asked, queue.FLAGGED),
        flagged_fast=url_for("fast.show", **_args(query) | {"state": queue.FLAGGED}),
        **item,
    )
    return make_response(body, status)


def _last(session: Session, scope: Scope) -> tuple[dossier.Dossier, DecisionRow, str] | None:
    """Return the item that was just decided and what was done, while this person can undo it."""
    record = FastAsked.asked().last
    if not record:
        return None
    try:
        found = dossier.read(session, scope, record)
    except Problem:
        return None
    row = next((entry.decision for entry in found.history if entry.decision), None)
    if row is None or row.officer_id != scope.officer_id or row.restates is not None:
        return None
    if row.verdict == WITHDRAWN and undoing.in_force_before(session, record, row.position) is None:
        return None
    return found, row, _done(session, row)


def _done(session: Session, row: DecisionRow) -> str:
    """Return what a decision did, as a sentence; of an approval also that it keeps one with something found since."""
    earlier = undoing.in_force_before(session, row.record_id, row.position) if row.verdict == "counted" else None
    if earlier is None or (earlier.verdict, earlier.basis) != (row.verdict, row.basis):
        return t(f"done.{row.verdict}")
    return t("done.counted") if set(earlier.hints) >= set(row.hints) else t("done.kept")


def _said(session: Session, sent: FastForm) -> decisions.Verdict:
    chosen = sent.template
    if not chosen:
        fields = sent.fields if sent.verdict == "returned" else []
        return decisions.Verdict(sent.verdict, _lines(sent.reason.get(sent.verdict, "")), fields, despite="")
    ready = return_templates.template(chosen)
    text = _lines(sent.text.get(chosen, "")) or return_templates.texts(session, officer_id())[chosen]
    said = decisions.Verdict(ready.verdict, text, sent.fields_of.get(chosen, []))
    if len(text) <= decisions.REASON_LENGTH:
        return_templates.remember(session, officer_id(), chosen, text)
    return said


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _refused(record: str, code: str, said: str = "") -> Response:
    sentence = said or error(code)
    if _wants_json():
        return make_response(jsonify(code=code, problem=sentence), status_of(code))
    return _page(record, sentence, status_of(code))


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _list_query(text: str) -> str:
    """Return the part of a query that says which list it is, with nothing else that came along."""
    return urlencode(_args(text[:500]))


def _walked(query: str) -> QueueFilter:
    """Return the filter of the items that are shown: of a list those that are ready, unless it lists the others."""
    asked = list_filter.read_text(query)
    return replace(asked, ready=asked.state != queue.UNREADY)


def _args(query: str) -> dict[str, Any]:
    return list_filter.args(list_filter.read_text(query), page=1)
