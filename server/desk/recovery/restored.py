"""After a restore: its time, what has not come back, and an administrator's confirmation."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.words import t
from server.services.recovery import missing, restores
from server.services.units.scope import Scope

bp = guarded("restored")


class RestoredForm(Inputs):
    """The time of the restore that the page showed."""

    at: str


@bp.get("/restored")
def show() -> str:
    """Show every restore, and what phones have seen and nobody brought back."""
    with reading() as session:
        scope = Scope(session, officer_id())
        found = restores.all_of_them(session)
        return render_template(
            "desk/recovery/restored.html",
            restores=found,
            phones=missing.phones(session, scope, found[0].at) if found else None,
            places=missing.listed(session, scope),
            count=missing.count(session, scope),
            may_confirm=scope.is_chief(),
        )


@bp.post("/restored")
def confirm() -> Response:
    """Confirm a restore: removes the notice from every page; the list stays."""
    at = RestoredForm.sent().at
    if not at.isdecimal() or len(at) > 16:
        raise Problem("bad_request", "at")
    with writing() as session:
        restores.confirm(session, Scope(session, officer_id()), int(at))
    flash(t("done.restored"))
    return redirect(url_for("restored.show"), 303)
