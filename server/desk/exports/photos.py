"""Photos of what the list selects, as ZIP files that are sent while they are made."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import request, stream_with_context
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk import page
from server.desk.exports import asked as filters
from server.desk.guard import guarded, officer_id
from server.desk.list_filter import page_number
from server.models import Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.exports import photo_names, photo_parts, photo_stream
from server.services.exports.selection import Selection, logged
from server.services.review.logged_filter import unit_of
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.text import is_id

bp = guarded("export_photos")
bp.before_request(page.before)


@bp.get("/exports/photos.zip")
def part() -> Response:
    """Return one part: photos of the records from `first` to `last`. With `stamped`: copies that say what they show."""
    first, last = request.args.get("first", ""), request.args.get("last", "")
    if not (is_id(first) and is_id(last)):
        raise Problem("not_found")
    stamped = request.args.get("stamped") == "1"
    with reading() as session:
        asked = filters.read(session, request.args)
        scope = Scope(session, officer_id())
        campaign = filters.campaign(session, scope, asked)
        selection = Selection(session, scope, campaign, asked)
        places = photo_parts.between(selection, first, last)
        amount = photo_parts.amount(session, selection, places)
        unit = session.get(Unit, unit_of(scope, asked.cut))
        number = page_number(request.args["part"]) if "part" in request.args else 0
        name = photo_names.part(unit.name if unit else campaign.name, number, stamped=stamped)
        said = {"format": "zip", "table": "stamped" if stamped else "photos", "amount": amount, **logged(scope, asked)}
    log.note(Act.EXPORTED, ("campaign", asked.cut.campaign), new=said)
    order = photo_stream.PhotoOrder(officer_id(), places, stamped, installed().blobs)
    response = FlaskResponse(stream_with_context(photo_stream.stream(order)), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
