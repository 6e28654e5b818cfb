"""Photos of what the list selects, as ZIP files that are sent while they are made."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import stream_with_context
from werkzeug.wrappers import Response

from server.core.db import reading
from server.core.problem_details import Problem
from server.desk.exports import asked as filters
from server.desk.guard import guarded, officer_id
from server.desk.inputs import whole_address
from server.models import Unit
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.exports import photo_parts, photo_stream
from server.services.exports.selection import Selection, logged
from server.services.review.queue_query import unit_of
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.text import is_id

bp = guarded("export_photos")


@bp.get("/exports/photos.zip")
def part() -> Response:
    """Return one part: photos of the records from `first` to `last`. With `stamped`: copies that say what they show."""
    wanted = filters.ExportAsked.asked()
    first, last, stamped = wanted.first, wanted.last, wanted.stamped
    if not (is_id(first) and is_id(last)):
        raise Problem("not_found")
    with reading() as session:
        asked = filters.read(session, whole_address())
        scope = Scope(session, officer_id())
        campaign = filters.campaign(session, scope, asked)
        selection = Selection(session, scope, campaign, asked)
        places = photo_parts.between(selection, first, last)
        amount = photo_parts.amount(session, selection, places)
        unit = session.get(Unit, unit_of(scope, asked.cut))
        name = photo_parts.part(unit.name if unit else campaign.name, wanted.part, stamped=stamped)
        said = {"format": "zip", "table": "stamped" if stamped else "photos", "amount": amount, **logged(scope, asked)}
    log.note(Act.EXPORTED, ("campaign", asked.cut.campaign), new=said)
    order = photo_stream.PhotoOrder(officer_id(), places, stamped, installed().blobs)
    response = FlaskResponse(stream_with_context(photo_stream.stream(order)), mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
