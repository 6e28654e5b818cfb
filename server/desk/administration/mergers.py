"""Merge units at the desk: what would move is shown before the yes."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk import page
from server.desk.access import again
from server.desk.administration import unit_asked
from server.desk.guard import guarded, officer_id
from server.desk.units import LONGEST
from server.desk.words import t
from server.services.administration import mergers
from server.services.units.scope import ADMIN, Scope
from sync.protocol import GRACE_DAYS
from sync.values import is_date

bp = guarded("mergers")
bp.before_request(page.before)
ADMINS = (ADMIN,)


@bp.get("/units/merge")
def show() -> str:
    """Show the form; with units named, what a merger would move, and why it is not possible."""
    old, into, on = request.args.get("old", ""), request.args.get("into", "")[:LONGEST], request.args.get("on", "")
    lines = [line.strip()[:LONGEST] for line in old.splitlines() if line.strip()][: mergers.MOST]
    with reading() as session:
        scope = Scope(session, officer_id())
        if not scope.has_role(ADMIN):
            raise Problem("forbidden")
        found = {line: unit_asked.named(session, scope, line, ADMINS) for line in lines}
        successor = unit_asked.named(session, scope, into, ADMINS)
        unknown = [line for line, id_ in found.items() if not id_]
        if into and not successor:
            unknown.append(into)
        day = date.fromisoformat(on) if is_date(on) else None
        whole = bool(found) and bool(successor) and not unknown and day is not None
        view = mergers.preview(session, scope, list(found.values()), successor, day or today()) if whole else None
        return render_template(
            "desk/administration/merge.html",
            old=old,
            into=into,
            on=on or today().isoformat(),
            people="people" in request.args or not old,
            unknown=unknown,
            no_day=bool(old) and day is None,
            view=view,
            grace=GRACE_DAYS,
        )


@bp.post("/units/merge")
@again.first
def merge() -> Response:
    """Merge them."""
    on = request.form.get("on", "")
    if not request.form.get("yes") or not is_date(on):
        return redirect(url_for("mergers.show"), 303)
    with writing() as session:
        into = mergers.merge(
            session,
            Scope(session, officer_id()),
            request.form.getlist("old"),
            request.form.get("into", ""),
            date.fromisoformat(on),
            with_people=bool(request.form.get("people")),
        )
        name = into.name
    flash(t("done.units_merged", unit=name))
    return redirect(url_for("people.show"), 303)
