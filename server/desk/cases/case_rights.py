"""Rights to cases: proposed by administrators, given by confidential officers above. It shows no case."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.annex.door import no_store
from server.desk.annex.opened import app_vault, vault_in
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes, reads, says
from server.desk.words import t
from server.services.cases import rights
from server.services.units.scope import ADMIN, CONFIDENTIAL, Scope

bp = guarded("case_rights")
bp.after_request(no_store)


class CaseRightForm(Inputs):
    """For whom a right is proposed."""

    for_: str


@bp.get("/case-rights")
@reads
def show(session: Session, scope: Scope) -> str:
    """Show the rights that the officer may act on."""
    if not rights.may_manage(scope):
        raise Problem("not_found")
    return render_template(
        "desk/cases/rights.html",
        rights=rights.listed(session, scope),
        candidates=rights.candidates(session, scope),
        proposes=scope.has_role(ADMIN),
        locked=scope.has_role(CONFIDENTIAL) and not vault_in(session).private,
    )


@bp.post("/case-rights/propose")
@again.first
@changes
def propose(session: Session, scope: Scope) -> Done:
    """Propose the right for a confidential officer."""
    rights.propose(session, scope, CaseRightForm.sent().for_)
    return Done(url_for("case_rights.show"), t("done.case_right_proposed"))


def _to_key(_refused: Problem, **_right: str) -> Response:
    return redirect(url_for("case_key.show", next=url_for("case_rights.show")), 303)


@bp.post("/case-rights/<id:right>/give")
@again.first
@says(lambda refused: refused.code == "case_locked", _to_key)
@changes
def give(session: Session, scope: Scope, right: str) -> Done:
    """Give a right that was proposed; the case key must be open."""
    rights.give(session, scope, app_vault(), right)
    return Done(url_for("case_rights.show"), t("done.case_right_given"))


@bp.post("/case-rights/<id:right>/end")
@again.first
@changes
def end(session: Session, scope: Scope, right: str) -> Done:
    """End a right."""
    rights.end(session, scope, app_vault(), right)
    return Done(url_for("case_rights.show"), t("done.case_right_ended"))
