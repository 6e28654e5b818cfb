"""Merge units at the desk: what would move is shown before the yes, and only that moves."""

from __future__ import annotations

from datetime import date

from flask import make_response, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.administration import unit_asked
from server.desk.guard import guarded
from server.desk.inputs import Inputs, Page, whole_form
from server.desk.shapes import Done, changes, reads, says
from server.desk.units import LONGEST
from server.desk.words import error, t
from server.errors import status_of
from server.services.administration import mergers
from server.services.units.scope import ADMIN, Scope
from sync.protocol import GRACE_DAYS
from sync.values import is_date

bp = guarded("mergers")
ADMINS = (ADMIN,)


class MergersAsked(Inputs):
    """The page of the list of merged units."""

    merged: Page


class MergerForm(Inputs):
    """Which units are merged: `old` are ids, the texts are what somebody typed."""

    old: list[str]
    into: str
    on: date | None
    seen: str
    people: bool
    yes: bool
    old_text: str
    into_text: str


def _merge_again(refused: Problem) -> Response:
    sent = MergerForm.sent()
    return page(sent.old_text, sent.into_text, whole_form(), refused)


@bp.post("/units/merge")
@again.first
@says(lambda refused: refused.code == "merge_moved", _merge_again)
@changes
def merge(session: Session, scope: Scope) -> Done:
    """Merge them; what is not as it was shown comes back as it was filled in, with what has changed."""
    sent = MergerForm.sent()
    if not sent.yes or sent.on is None:
        return Done(url_for("unit_changes.show", act="merge"))
    into = mergers.merge(session, scope, sent.old, sent.into, sent.on, sent.seen, with_people=sent.people)
    to = url_for("unit_changes.show", act="merge", _anchor="h-merged")
    return Done(to, t("done.units_merged", unit=into.name))


@reads
def page(
    session: Session, scope: Scope, old: str, into: str, given: MultiDict[str, str], refused: Problem | None = None
) -> Response:
    """Return the page for the units that these texts name: what a merger would move, and why it is not possible."""
    on, into = given.get("on", ""), into[:LONGEST]
    lines = [line.strip()[:LONGEST] for line in old.splitlines() if line.strip()][: mergers.MOST]
    found = {line: unit_asked.named(session, scope, line, ADMINS) for line in lines}
    successor = unit_asked.named(session, scope, into, ADMINS)
    unknown = [line for line, id_ in found.items() if not id_]
    if into and not successor:
        unknown.append(into)
    day = date.fromisoformat(on) if is_date(on) else None
    whole = bool(found) and bool(successor) and not unknown and day is not None
    view = mergers.preview(session, scope, list(found.values()), successor, day or today()) if whole else None
    body = render_template(
        "desk/administration/merge.html",
        old=old,
        into=into,
        on=on or today().isoformat(),
        people="people" in given or not old,
        unknown=unknown,
        no_day=bool(old) and day is None,
        view=view,
        seen=mergers.seen(view) if view else "",
        problem=error(refused.code) if refused else "",
        changed=mergers.changed(view, given.get("seen", "")) if refused and view else [],
        grace=GRACE_DAYS,
        merged=mergers.lately(session, scope, MergersAsked.asked().merged),
        merged_link=lambda page: url_for("unit_changes.show", act="merge", merged=page, _anchor="h-merged"),
    )
    return make_response(body, status_of(refused.code) if refused else 200)
