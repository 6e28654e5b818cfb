"""A unit confirms and sends its figures, the level above takes that back, a campaign ends (SPEC L-2, L-4, L-14)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from server.core.clock import today
from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.asked_place import SentPlace
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_form
from server.desk.shapes import Done, changes
from server.desk.words import error, t
from server.services.campaigns import lifecycle
from server.services.figures import seals
from server.services.units.scope import Scope
from sync.day import read_day

bp = guarded("seals")


class SealForm(SentPlace):
    """What is submitted, as the page showed it, or the reason for taking it back; a campaign's new status."""

    shown: str
    basis: str | None
    empty: bool
    reason: str
    status: str


@bp.post("/figures/seal")
def seal() -> Response:
    """Seal what the page showed; a second click finds it sealed and says so.

    What the page showed may not be here any more (SPEC X-63): then the page as it is now is shown.
    """
    sent = SealForm.sent()
    unit, campaign = sent.unit, sent.campaign
    with writing() as session:
        scope, shown = Scope(session, officer_id()), _shown(sent.shown)
        if scope.may_write(unit) and not seals.is_of_today(session, shown, sent.basis):
            flash(error("seal_again"))
            return _back(unit, campaign)
        if not sent.empty and scope.may_write(unit) and seals.is_empty(session, unit, campaign):
            return _back(unit, campaign)
        new = seals.seal(session, scope, unit, campaign, shown, seals.SealAct(signers=_signers(whole_form())))
    flash(t("done.sealed" if new else "done.sealed_before"))
    return _back(unit, campaign)


def _signers(form: Mapping[str, str]) -> seals.Signers:
    """Who made the figures and who approved them, as typed; a day as the desk reads days."""
    day = form.get("approved_on", "")
    return seals.Signers.read({**form, "approved_on": read_day(day, today().year) or day})


@bp.post("/figures/seal/<id:seal>/take-back")
def take_back(seal: str) -> Response:
    """Take the unit's latest seal back, with a reason that the unit reads."""
    sent = SealForm.sent()
    with writing() as session:
        scope = Scope(session, officer_id())
        taken = seals.take_back(session, scope, seal, sent.reason)
    flash(t("done.seal_taken_back" if taken else "done.seal_moved_on"))
    return _back(sent.unit, sent.campaign)


@bp.post("/campaigns/<id:campaign>/status")
@again.first
@changes
def status(session: Session, scope: Scope, campaign: str) -> Done:
    """Close, archive or reopen a campaign."""
    wanted = SealForm.sent().status
    lifecycle.change_status(session, scope, campaign, wanted)
    return Done(url_for("letter.show", campaign=campaign), t(f"done.campaign_{wanted}"))


def _back(unit: str, campaign: str) -> Response:
    return redirect(url_for("giving.show", unit=unit or None, campaign=campaign or None), 303)


def _shown(text: str) -> dict[str, int]:
    """Return each stream's position as the page had it. Raises Problem for a text that the server did not make."""
    try:
        raw: Any = json.loads(text)
        shown = {str(stream): int(position) for stream, position in raw.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Problem("bad_request", "shown") from error
    if not all(0 <= position < 2**63 for position in shown.values()):
        raise Problem("bad_request", "shown")
    return shown
