"""Ask or answer about a record, in words and without deciding (SPEC D-15)."""

from __future__ import annotations

from flask import flash
from werkzeug.wrappers import Response

from server.core.clock import now_ms
from server.core.db import writing
from server.core.problem_details import Problem
from server.desk.guard import guarded, officer_id
from server.desk.inputs import Inputs
from server.desk.review.record import show_record, to_record
from server.desk.words import catalogue, t
from server.services.review import messages
from server.services.review.messages import NewMessage
from server.services.units.scope import Scope
from sync.errors import Refused
from sync.text import is_id

bp = guarded("messages")
SEEN = "seen"


class TalkForm(Inputs):
    """A question or an answer. `id`: made with the page."""

    id: str
    message: str
    act: str


@bp.post("/records/<id:record>/messages")
def say(record: str) -> Response:
    """Store what was typed, once however often the form is sent; `seen` answers that it was read."""
    sent = TalkForm.sent()
    id_, typed = sent.id, sent.message
    if not is_id(id_):
        return show_record(record, "bad_request")
    text = str(catalogue("vi")["talk.was_seen"]) if sent.act == SEEN and not typed.strip() else typed
    try:
        with writing() as session:
            messages.give(session, Scope(session, officer_id()), None, record, NewMessage(id_, text, now_ms()))
    except (Problem, Refused) as refusal:
        if refusal.code in ("not_found", "forbidden"):
            raise
        said = t("talk.said_before") if refusal.code == "id_reused" else ""  # of a page that was gone back to
        return show_record(record, refusal.code, {"message": typed}, said=said)
    flash(t("done.said"))
    return to_record(record)
