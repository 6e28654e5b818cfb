"""The exchange: one round trip (SPEC X-1), in one piece or as a stream of lines (X-19)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import request
from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.blueprint import Blueprint, sent
from server.api.caller import caller
from server.api.packing import BODY_SIZE, LINES, pack_stream
from server.api.schemas import ChangeOut, CursorsOut, HeadOut, SyncIn, SyncOut
from server.services.access import devices
from server.services.continuity.marks import WireMark
from server.services.exchange import wire
from server.services.exchange.round_trip import exchange, streamed
from server.services.exchange.wire import FeedPage, Question
from server.services.records.streams import Cursor
from server.serving.every_request import language
from server.serving.installation import installed

bp = Blueprint("sync", __name__, device=True, description="Writes in, news out.")
log = logging.getLogger(__name__)
_IN_LINES = {
    "type": "array",
    "items": {"oneOf": [HeadOut, ChangeOut, CursorsOut]},
    "description": "The array of the lines, each a JSON value with a line feed behind it: one for the head, one for "
    "each change, one for the cursors behind each block; the one with `more` ends the answer.",
}


@bp.route("/sync")
class Sync(MethodView):
    """Every request may be repeated: it counts once."""

    @bp.arguments(SyncIn())  # made once: marshmallow copies every field into each schema that it makes
    @bp.response(200, SyncOut, description="In one piece, or in lines where `Accept` names them.")
    @bp.alt_response(200, schema=_IN_LINES, content_type=LINES, success=True)
    @bp.refuses("device_quota", "push_running")
    @bp.doc(parameters=sent(optional=("Content-Encoding",)))
    def post(self, body: dict[str, Any]) -> Response:
        """Store what was pushed, then tell what is new."""
        cursors = [Cursor(**row) for row in body["cursors"]]
        asked = {name: body[name] for name in ("writes", "photos", "app", "push", "ask", "restored", "known", "pull")}
        kept = wire.held_work(body.get("held"))
        mark = WireMark.read(body.get("mark"))
        question = Question(cursors=cursors, size=request.environ[BODY_SIZE], held=kept, mark=mark, **asked)
        server = installed().exchange
        # A client that accepts anything gets one piece; lines only if it names them.
        if request.accept_mimetypes.best_match(["application/json", LINES]) == LINES:
            head, pages = streamed(caller(), question, server)
            first = next(pages)
            blocks = _blocks(wire.head(head, language()), chain([first], pages))
            # If nothing follows, a body of known length is 100 bytes less than a stream.
            if not first.more:
                return Response("".join(blocks), mimetype=LINES)
            answer = pack_stream(blocks, LINES)
            answer.response = devices.metered(caller().device_id, answer.iter_encoded())
            return answer
        head, page = exchange(caller(), question, server)
        return Response(wire.whole(wire.head(head, language()), page), mimetype="application/json")


def _blocks(head: dict[str, Any], pages: Iterator[FeedPage]) -> Iterator[str]:
    """Yield the lines in blocks, each complete in itself (X-19)."""
    yield wire.first_line(head)
    try:
        for page in pages:
            yield wire.block(page)
    except Exception as error:  # noqa: BLE001  # already sending: the missing end line tells; whole blocks count
        log.error("a stream was cut: %s", type(error).__name__)  # noqa: TRY400  # messages may hold field values
