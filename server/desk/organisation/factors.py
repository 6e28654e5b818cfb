"""Second factors of others: an administrator says which roles need one; a manager above resets a lost one."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from server.desk.access import again
from server.desk.guard import guarded
from server.desk.inputs import Inputs
from server.desk.shapes import Done, changes
from server.desk.words import t
from server.services.organisation import factor_duty
from server.services.units.scope import Scope

bp = guarded("factors")


class FactorForm(Inputs):
    """Of which roles a second factor is required."""

    role: list[str]


@bp.post("/people/second-factors")
@again.first
@changes
def require(database: Session, scope: Scope) -> Done:
    """Require a second factor of the ticked roles."""
    factor_duty.require(database, scope, FactorForm.sent().role)
    return Done(url_for("people.show", factors=1), t("done.factors_required"))


@bp.post("/people/<id:officer>/second-factor/reset")
@again.first
@changes
def reset(database: Session, scope: Scope, officer: str) -> Done:
    """Take a lost second factor away; the person sets up a new one at the next sign-in."""
    factor_duty.reset(database, scope, officer)
    return Done(url_for("people.show"), t("done.factor_reset"))
