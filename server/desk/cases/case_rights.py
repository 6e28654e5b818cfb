"""Rights to cases: proposed by administrators, given by confidential officers above. It shows no case."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.annex.door import no_store
from server.desk.annex.opened import app_vault, vault_in
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes, reads
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


@bp.post("/case-rights/<id:right>/give")
@again.first
def give(right: str) -> Response:
    """Give a right that was proposed; the case key must be open."""
    opened = app_vault()
    try:
        with writing() as session:
            rights.give(session, Scope(session, officer_id()), opened, right)
    except Problem as refused:
        if refused.code != "case_locked":
            raise
        return redirect(url_for("case_key.show", next=url_for("case_rights.show")), 303)
    flash(t("done.case_right_given"))
    return redirect(url_for("case_rights.show"), 303)


@bp.post("/case-rights/<id:right>/end")
@again.first
@changes
def end(session: Session, scope: Scope, right: str) -> Done:
    """End a right."""
    opened = app_vault()
    rights.end(session, scope, opened, right)
    return Done(url_for("case_rights.show"), t("done.case_right_ended"))
