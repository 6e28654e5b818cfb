"""Photos, read by record and never by hash (SPEC P-7)."""

from __future__ import annotations

from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.blueprint import Blueprint, answered, sent, serves
from server.api.caller import caller
from server.api.schemas import ID_FORM, in_path
from server.core.db import reading
from server.core.problem_details import Problem
from server.photo_answers import send_picture
from server.services.photos import images, photo_index
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = Blueprint("photos", __name__, device=True, description="Photos, read by record.")
SIZES = ("thumb", "full")


@bp.route(
    "/records/<record>/photos/<key>/<size>",
    parameters=[
        in_path("record", "A record's id.", **ID_FORM),
        in_path("key", "The first 16 hex digits of the hash.", type="string", pattern="^[0-9a-f]{16}$"),
        in_path("size", "The photo or its thumbnail.", type="string", enum=list(SIZES)),
    ],
)
class RecordPhoto(MethodView):
    """One photo of one record."""

    @serves(bp, list(images.TYPES), "ETag")
    @bp.alt_response(304, headers=answered("ETag"), success=True)
    @bp.refuses("forbidden", "not_found")
    @bp.doc(parameters=sent(optional=("If-None-Match",)))
    def get(self, record: str, key: str, size: str) -> Response:
        """`key` is the first 16 hex digits of the hash, `size` `thumb` or `full`."""
        if size not in SIZES:
            raise Problem("not_found")
        calling = caller(replaced=False)
        with reading() as session:
            scope = Scope(session, calling.officer_id, stands_in=False)
            found = photo_index.find(session, scope, record, key, size)
        return send_picture(installed().blobs, found)
