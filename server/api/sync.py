"""The exchange: one round trip (SPEC X-1)."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask.views import MethodView

from server.api.caller import SECURITY, caller
from server.api.parser import Blueprint
from server.api.schemas import SyncIn, SyncOut
from server.language import language
from server.services.exchange import Answer, Question, exchange, result_json
from server.services.feed import Cursor
from sync.errors import CODES

bp = Blueprint("sync", __name__, description="Writes in, news out.")


@bp.route("/sync")
class Sync(MethodView):
    """Every request may be repeated: it counts once."""

    @bp.arguments(SyncIn)
    @bp.response(200, SyncOut)
    @bp.alt_response(400, description="malformed, bad_gzip")
    @bp.alt_response(401, description="unauthenticated")
    @bp.alt_response(413, description="too_large")
    @bp.alt_response(503, description="unavailable; nothing was lost")
    @bp.doc(security=SECURITY)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """Store what was pushed, then tell what is new."""
        cursors = [Cursor(**row) for row in body["cursors"]]
        question = Question(body["writes"], cursors, body["photos"], body["app"])
        return _json(exchange(caller(), question, current_app.extensions["loa_blobs"]))


def _json(answer: Answer) -> dict[str, Any]:
    speak = language()
    return {
        "results": [result_json(r, CODES[r.code].sentence(speak) if r.code else "") for r in answer.results],
        "changes": answer.page.changes,
        "cursors": answer.page.cursors,
        "more": answer.page.more,
        "photos": answer.photos,
        "catalog": answer.catalog,
        "server_time": answer.server_time,
        "minimum_app": answer.minimum_app,
    }
