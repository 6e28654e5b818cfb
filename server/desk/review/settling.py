"""Acts that are one write of a known value: settle a conflict, delete, bring back what was deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from flask import flash
from werkzeug.wrappers import Response

from server.core.db import reading, writing
from server.desk.drafting import read_draft, write
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs, named
from server.desk.review.record import show_record, to_record
from server.desk.words import t
from server.services.review import dossier
from server.services.units.scope import Scope
from sync.values import Value

bp = guarded("settling")
SIDE = "side."


class SettleForm(Inputs):
    """The chosen side of each field, and the write that this form makes."""

    side: Annotated[dict[str, str], named(SIDE)]
    draft: str


@bp.post("/records/<id:record>/settle")
def settle(record: str) -> Response:
    """Choose a side of each field: one write of their values that has seen all sides (SPEC S-5)."""
    sides = SettleForm.sent().side
    with reading() as session:
        history = dossier.read(session, Scope(session, officer_id()), record).history
    sets = {entry.id: entry.set for entry in history}
    if not sides or any(name not in sets.get(id_, {}) for name, id_ in sides.items()):
        return show_record(record, "bad_request")
    return _act(record, {name: sets[id_][name] for name, id_ in sides.items()}, "done.settled")


@bp.post("/records/<id:record>/delete")
def delete(record: str) -> Response:
    """Delete, having seen every surviving write (SPEC W-6)."""
    return _act(record, {"deleted": True}, "done.deleted")


@bp.post("/records/<id:record>/undelete")
def undelete(record: str) -> Response:
    """Bring a deleted record back, or keep one that was edited while deleted."""
    return _act(record, {"deleted": None}, "done.undeleted")


def _act(record: str, values: Mapping[str, Value], done: str) -> Response:
    draft = read_draft(SettleForm.sent().draft)
    with writing() as session:
        scope = Scope(session, officer_id())
        dossier.read(session, scope, record)
        result = write(session, scope, draft, record, values)
    if result.result != "stored":
        return show_record(record, result.code)
    flash(t(done))
    return to_record(record)
