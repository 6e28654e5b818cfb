"""The whole history of a record, read on demand (SPEC X-66)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask.views import MethodView
from marshmallow import fields, validate

from server.api.blueprint import Blueprint
from server.api.caller import caller
from server.api.schemas import ID_FORM, OpenSchema, in_path
from server.core.db import reading
from server.services.review import record_history
from server.services.units.scope import Scope
from sync import protocol

bp = Blueprint("record_history", __name__, device=True, description="What happened to a record, and by whom.")


class HistoryIn(OpenSchema):
    """`before`: the `position` of the last line that the client has; without it the newest lines.

    `messages`: it knows lines with a message; an app from before draws them empty.
    """

    before = fields.Integer(load_default=None, validate=validate.Range(0, protocol.INTEGER_MAX))
    messages = fields.Boolean(load_default=False)


class HistoryLineOut(OpenSchema):
    """A write (`set`), a decision (`verdict`) an answer to one (`reply`) or a message (`message`), SPEC X-66."""

    id = fields.String(required=True)
    position = fields.Integer(required=True)
    by = fields.String(required=True)
    at = fields.Integer(required=True)
    desk = fields.Boolean(required=True, metadata={"description": "Made at the desk."})
    set = fields.Dict(keys=fields.String(), required=True)
    replaced = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Raw(allow_none=True)),
        required=True,
        metadata={"description": "By field, the values that the write took the place of."},
    )
    verdict = fields.String(required=True)
    reason = fields.String(required=True)
    fields_ = fields.List(fields.String(), required=True, data_key="fields", attribute="fields")
    again = fields.Boolean(required=True, metadata={"description": "States an earlier decision again (SPEC D-14)."})
    reply = fields.String(required=True)
    message = fields.String(required=True)


class HistoryOut(OpenSchema):
    """The newest lines first."""

    lines = fields.List(fields.Nested(HistoryLineOut), required=True)
    more = fields.Boolean(required=True)


@bp.route("/records/<record>/history", parameters=[in_path("record", "A record's id.", **ID_FORM)])
class RecordHistory(MethodView):
    """All that happened to one record."""

    @bp.arguments(HistoryIn, location="query")
    @bp.response(200, HistoryOut)
    @bp.refuses("forbidden", "malformed", "not_found")
    def get(self, asked: dict[str, Any], record: str) -> dict[str, Any]:
        """At most 100 lines; the older ones by `before`. Nothing of a purged record."""
        calling = caller(replaced=False)
        with reading() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            page = record_history.read(session, scope, record, asked["before"], with_messages=asked["messages"])
        return asdict(page)
