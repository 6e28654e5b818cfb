"""Photos of what the list selects, as ZIP files that are sent while they are made."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import current_app, request, stream_with_context
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk import page
from server.desk.exports import asked as filters
from server.desk.guard import guarded, officer_id
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.exports import photo_parts, photo_stream
from server.services.exports.selection import Selection
from server.services.units.scope import Scope
from sync.ids import is_id

bp = guarded("export_photos")
bp.before_request(page.before)


@bp.get("/exports/photos.zip")
def part() -> Response:
    """Return one part: photos of the records from `first` to `last`. With `stamped`: copies that say what they show."""
    asked = filters.read(request.args)
    first, last = request.args.get("first", ""), request.args.get("last", "")
    if not (is_id(first) and is_id(last)):
        raise Problem("not_found")
    with reading() as session:
        scope = Scope(session, officer_id())
        campaign = filters.campaign(session, scope, asked)
        places = photo_parts.between(Selection(session, scope, campaign, asked), first, last)
    stamped = request.args.get("stamped") == "1"
    said = {"format": "zip", "table": "stamped" if stamped else "photos", "unit": asked.unit, "amount": len(places)}
    log.note(Act.EXPORTED, ("campaign", asked.campaign), new=said)
    order = photo_stream.PhotoOrder(officer_id(), places, stamped, current_app.extensions["loa_blobs"])
    response = FlaskResponse(stream_with_context(photo_stream.stream(order)), mimetype="application/zip")
    name = f"anh-{'dong-dau-' if stamped else ''}{first[:6]}.zip"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
