"""The exchange: one round trip (SPEC X-1), in one piece or as a stream of lines (X-19)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from itertools import chain
from typing import Any

from flask import current_app, request
from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.caller import caller
from server.api.header_docs import sent
from server.api.packing import BODY_SIZE, LINES, pack_stream
from server.api.parser import Blueprint
from server.api.schemas import ChangeOut, CursorsOut, HeadOut, SyncIn, SyncOut
from server.services.exchange import pushes
from server.services.exchange.round_trip import AnswerHead, Question, Server, exchange, streamed
from server.services.records.feed import Cursor, FeedPage
from server.services.records.journal import Result
from server.serving.language import language
from sync.errors import CODES
from sync.runs import Row

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

    @bp.arguments(SyncIn)
    @bp.response(200, SyncOut, description="In one piece, or in lines where `Accept` names them.")
    @bp.alt_response(200, schema=_IN_LINES, content_type=LINES, success=True)
    @bp.refuses("device_quota")
    @bp.doc(parameters=sent(optional=("Content-Encoding",)))
    def post(self, body: dict[str, Any]) -> Response:
        """Store what was pushed, then tell what is new."""
        cursors = [Cursor(**row) for row in body["cursors"]]
        asked = {name: body[name] for name in ("writes", "photos", "app", "push", "ask", "restored", "known")}
        question = Question(cursors=cursors, size=request.environ[BODY_SIZE], **asked)
        server: Server = current_app.extensions["loa_exchange"]
        # A client that accepts anything gets one piece; lines only if it names them.
        if request.accept_mimetypes.best_match(["application/json", LINES]) == LINES:
            head, pages = streamed(caller(), question, server)
            first = next(pages)
            blocks = _blocks(_head(head), chain([first], pages))
            # If nothing follows, a body of known length is 100 bytes less than a stream.
            return pack_stream(blocks, LINES) if first.more else Response("".join(blocks), mimetype=LINES)
        head, page = exchange(caller(), question, server)
        return Response(_whole(_head(head), page), mimetype="application/json")


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _cursors(page: FeedPage) -> list[dict[str, Any]]:
    return [cursor.wire() for cursor in page.cursors]


def _whole(head: dict[str, Any], page: FeedPage) -> str:
    """Return the answer as one JSON object; the changes are JSON texts already."""
    rest = _text({**head, "cursors": _cursors(page), "more": page.more})
    return f'{{"changes":[{",".join(page.changes)}],{rest[1:]}'


def _blocks(head: dict[str, Any], pages: Iterator[FeedPage]) -> Iterator[str]:
    """Yield the lines in blocks, each complete in itself (X-19)."""
    yield f"{_text(head)}\n"
    try:
        for page in pages:
            last = {} if page.more else {"more": False}
            yield "\n".join([*page.changes, _text({"cursors": _cursors(page), **last}), ""])
    except Exception as error:  # noqa: BLE001  # already sending: the missing end line tells; whole blocks count
        log.error("a stream was cut: %s", type(error).__name__)  # noqa: TRY400  # messages may hold field values


def _result(result: Result) -> Row:
    """Return the result's row; with the time of first receipt, unless that is now (SPEC L-13)."""
    return pushes.row(result) | ({"received": result.received} if result.received else {})


def _head(head: AnswerHead) -> dict[str, Any]:
    speak = language()

    def said(row: dict[str, Any]) -> dict[str, Any]:
        return row | {"detail": CODES[row["code"]].sentence(speak)} if "code" in row else row

    answer: dict[str, Any] = {
        "results": [{"id": result.id, **said(_result(result))} for result in head.results],
        "photos": head.photos,
        "catalog": head.catalog,
        "server_time": head.server_time,
        "minimum_app": head.minimum_app,
    }
    if head.restored is not None:
        answer["restored"] = head.restored
    if head.replaced:
        answer["replaced"] = True
    if head.asked is not None:
        runs = head.asked.runs
        answer["asked"] = {
            "known": runs is not None,
            "runs": [said(run) for run in runs or ()],
            **({"received": head.asked.received} if head.asked.received else {}),
        }
    return answer
