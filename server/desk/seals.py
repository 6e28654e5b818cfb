"""Sealing a unit's figures, and ending a campaign: what closes a set of records (SPEC L-2, L-4)."""

from __future__ import annotations

import json
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from server.db import writing
from server.desk import page
from server.desk.guard import guarded, officer_id
from server.desk.words import t
from server.problems import Problem
from server.services import campaigns, seals
from server.services.scope import Scope

bp = guarded("seals")
bp.before_request(page.before)


@bp.post("/figures/seal")
def seal() -> Response:
    """Seal what the page showed; a second click finds it sealed and says so."""
    unit, campaign = request.form.get("unit", ""), request.form.get("campaign", "")
    with writing() as session:
        new = seals.seal(session, Scope(session, officer_id()), unit, campaign, _shown(request.form.get("shown", "")))
    flash(t("done.sealed" if new else "done.sealed_before"))
    return _back(unit, campaign)


@bp.post("/campaigns/<id:campaign>/status")
def status(campaign: str) -> Response:
    """Close, archive, open again."""
    wanted = request.form.get("status", "")
    with writing() as session:
        campaigns.change_status(session, Scope(session, officer_id()), campaign, wanted)
    flash(t(f"done.campaign_{wanted}"))
    return _back(request.form.get("unit", ""), campaign)


def _back(unit: str, campaign: str) -> Response:
    return redirect(url_for("figures.show", unit=unit or None, campaign=campaign), 303)


def _shown(text: str) -> dict[str, int]:
    """Where each stream stood on the page. Raises Problem for what is no page of ours."""
    try:
        raw: Any = json.loads(text)
        shown = {str(stream): int(position) for stream, position in raw.items()}
    except (ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Problem("bad_request", "shown") from error
    if not all(0 <= position < 2**63 for position in shown.values()):
        raise Problem("bad_request", "shown")
    return shown
