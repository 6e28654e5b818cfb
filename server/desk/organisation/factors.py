"""Second factors of others: an administrator says which roles need one; a manager above resets a lost one."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from server.core.db import writing
from server.desk.access import again
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.words import t
from server.services.organisation import factor_duty
from server.services.units.scope import Scope

bp = guarded("factors")


class FactorForm(Inputs):
    """Of which roles a second factor is required."""

    role: list[str]


@bp.post("/people/second-factors")
@again.first
def require() -> Response:
    """Require a second factor of the ticked roles."""
    with writing() as database:
        factor_duty.require(database, Scope(database, officer_id()), FactorForm.sent().role)
    flash(t("done.factors_required"))
    return redirect(url_for("people.show", factors=1), 303)


@bp.post("/people/<id:officer>/second-factor/reset")
@again.first
def reset(officer: str) -> Response:
    """Take a lost second factor away; the person sets up a new one at the next sign-in."""
    with writing() as database:
        factor_duty.reset(database, Scope(database, officer_id()), officer)
    flash(t("done.factor_reset"))
    return redirect(url_for("people.show"), 303)
