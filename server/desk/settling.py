"""Acts that are one write of a known value: settle a conflict, delete, bring back what was deleted."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, request
from werkzeug.wrappers import Response

from server.db import reading, writing
from server.desk import page
from server.desk.drafting import read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.records import show_record, to_record
from server.desk.words import t
from server.services import dossier
from server.services.scope import Scope
from sync.values import Value

bp = guarded("settling")
bp.before_request(page.before)


@bp.post("/records/<record>/settle")
def settle(record: str) -> Response:
    """Choose one side of a field: a write of its value that has seen all sides (SPEC S-5)."""
    name, side = request.form.get("field", ""), request.form.get("side", "")
    with reading() as session:
        found = dossier.read(session, Scope(session, officer_id()), record)
    chosen = next((entry for entry in found.history if entry.id == side and name in entry.set), None)
    if chosen is None:
        return show_record(record, "bad_request")
    return _act(record, {name: chosen.set[name]}, "done.settled")


@bp.post("/records/<record>/delete")
def delete(record: str) -> Response:
    """Delete, having seen every survivor (SPEC W-6)."""
    return _act(record, {"deleted": True}, "done.deleted")


@bp.post("/records/<record>/undelete")
def undelete(record: str) -> Response:
    """Bring a deleted record back, or keep one that was edited while deleted."""
    return _act(record, {"deleted": None}, "done.undeleted")


def _act(record: str, values: Mapping[str, Value], done: str) -> Response:
    draft = read_draft(request.form.get("draft", ""))
    with writing() as session:
        scope = Scope(session, officer_id())
        dossier.read(session, scope, record)
        result = write(session, scope, draft, record, values)
    if result.result != "stored":
        return show_record(record, result.code)
    flash(t(done))
    return to_record(record)
