"""An officer's answer to a return (SPEC D-13)."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from server.api.blueprint import Blueprint
from server.api.caller import caller
from server.api.schemas import ID, ID_FORM, OpenSchema, ReplyOut, in_path
from server.core.db import writing
from server.models import Officer, Reply
from server.services.review import replies
from server.services.review.replies import NewReply
from server.services.units.scope import Scope
from sync import protocol

bp = Blueprint("replies", __name__, device=True, description="Answers to what a reviewer returned.")


class ReplyIn(OpenSchema):
    """SPEC D-13. `id` is drawn by the phone."""

    id = fields.String(required=True, validate=ID)
    decision = fields.String(required=True, validate=ID)
    text = fields.String(required=True)
    at = fields.Integer(required=True, strict=True, validate=validate.Range(0, protocol.INTEGER_MAX))


@bp.route("/records/<record>/reply", parameters=[in_path("record", "A record's id.", **ID_FORM)])
class RecordReply(MethodView):
    """The answer to the return in force."""

    @bp.arguments(ReplyIn)
    @bp.response(200, ReplyOut, description="The answer that stands: this one, or one that was there before.")
    @bp.refuses("archived", "bad_text", "forbidden", "no_decision", "not_found", "too_long")
    def post(self, body: dict[str, Any], record: str) -> dict[str, Any]:
        """Store the answer, once: sent again, it counts once, and the first answer to a return stands."""
        calling = caller(replaced=False)
        with writing() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            row: Reply = replies.give(session, scope, calling.device_id, record, NewReply(**body))
            by = session.get_one(Officer, row.officer_id).name
            return {"id": row.id, "text": row.text, "by": by, "at": row.at}
