"""Photos, read by record and never by hash (SPEC P-7)."""

from __future__ import annotations

from flask import current_app
from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.caller import SECURITY, caller
from server.api.parser import Blueprint
from server.db import reading
from server.problems import Problem
from server.sending import send_picture
from server.services import photos
from server.services.scope import Scope

bp = Blueprint("photos", __name__, description="Photos, read by record.")


@bp.route("/records/<record>/photos/<key>/<size>")
class RecordPhoto(MethodView):
    """One photo of one record."""

    @bp.response(200, content_type="image/jpeg")
    @bp.alt_response(304, description="unchanged")
    @bp.alt_response(401, description="unauthenticated")
    @bp.alt_response(404, description="not_found")
    @bp.doc(security=SECURITY)
    def get(self, record: str, key: str, size: str) -> Response:
        """`key` is the first 16 hex digits of the hash, `size` `thumb` or `full`."""
        if size not in ("thumb", "full"):
            raise Problem("not_found")
        calling = caller(replaced=False)
        with reading() as session:
            scope = Scope(session, calling.officer_id)
            picture = photos.read(session, scope, current_app.extensions["loa_blobs"], record, key, size)
        return send_picture(picture)
