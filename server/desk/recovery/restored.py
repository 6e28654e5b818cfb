"""After a restore: its time, what has not come back, and an administrator's confirmation."""

from __future__ import annotations

from flask import render_template, url_for
from sqlalchemy.orm import Session

from server.core.problem_details import Problem
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes, reads
from server.desk.words import t
from server.services.recovery import missing, restores
from server.services.units.scope import Scope

bp = guarded("restored")


class RestoredForm(Inputs):
    """The time of the restore that the page showed."""

    at: str


@bp.get("/restored")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show every restore, and what phones have seen and nobody brought back."""
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
@changes
def confirm(session: Session, scope: Scope) -> Done:
    """Confirm a restore: removes the notice from every page; the list stays."""
    at = RestoredForm.sent().at
    if not at.isdecimal() or len(at) > 16:
        raise Problem("bad_request", "at")
    restores.confirm(session, scope, int(at))
    return Done(url_for("restored.show"), t("done.restored"))
