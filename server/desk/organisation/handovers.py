"""Handover: from a person's page the act, and its record to print; of a merged unit the minutes to sign."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from server.core.clock import local
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.desk.access import again
from server.desk.administration import accounts
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, cut
from server.desk.shapes import to_keep
from server.desk.words import t
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.organisation import handover as handing
from server.services.reports import word
from server.services.reports.documents import dissolved
from server.services.units.scope import Scope
from sync.protocol import GRACE_DAYS

bp = guarded("handovers")


class HandoverForm(Inputs):
    """The successor's user name."""

    username: Annotated[str, cut(64)]


@bp.post("/people/<id:officer>/hand-over")
@again.first
def hand_over(officer: str) -> Response:
    """Pass the duties on; leads to the record."""
    username = HandoverForm.sent().username
    try:
        with writing() as database:
            made = handing.hand_over(database, Scope(database, officer_id()), officer, username).id
    except Problem as refused:
        if refused.field != "username":
            raise
        return accounts.person(officer, successor=(username, t("handover.no_such")))
    return redirect(url_for("handovers.record", handover=made), 303)


@bp.get("/handovers/<id:handover>")
def record(handover: str) -> str:
    """Show the record, in Vietnamese whatever the desk's language: a paper to print and sign."""
    with reading() as database:
        row = handing.record(database, Scope(database, officer_id()), handover)
        told, at = row.told, row.at
    day = local(at)
    words = _words() | {"devices_note": _words()["devices_note"].format(days=GRACE_DAYS)}
    words["date"] = words["date"].format(day=day.day, month=day.month, year=day.year)
    return render_template(
        "desk/organisation/handover_record.html",
        told=told,
        paper=words,
        moment=_time(at),
        seen=[_time(device["seen_at"]) for device in told["devices"]],
    )


@bp.get("/units/<id:unit>/minutes")
def minutes(unit: str) -> Response:
    """Return the minutes of a merged unit's handover as a Word file, as things are now; it is kept nowhere."""
    with reading() as database:
        name, data = dissolved.minutes(database, Scope(database, officer_id()), unit)
    log.note(Act.EXPORTED, ("unit", unit), new={"format": "docx", "table": "handover"})
    return to_keep(data, word.MEDIA_TYPE, name)


@cache
def _words() -> dict[str, str]:
    """The words of the record."""
    found: dict[str, str] = json.loads((Path(__file__).parent / "handover_record.vi.json").read_text("utf-8"))
    return found


def _time(at_ms: int) -> str:
    return f"{local(at_ms):%H:%M, %d/%m/%Y}"
