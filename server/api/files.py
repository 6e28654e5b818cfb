"""Files of a campaign by their id (SPEC F-7)."""

from __future__ import annotations

from flask import request, send_file
from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.blueprint import Blueprint, answered, sent, serves
from server.api.caller import caller
from server.api.schemas import ID_FORM, in_path
from server.core.db import reading
from server.services.campaigns import files
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = Blueprint("files", __name__, device=True, description="Scripts and designs that a campaign gives to its units.")


@bp.route("/files/<file>", parameters=[in_path("file", "A file's id in the catalogue.", **ID_FORM)])
class OneFile(MethodView):
    """One file, as it was given: a text, a picture or a PDF."""

    @serves(bp, files.TYPES, "ETag")
    @bp.alt_response(304, headers=answered("ETag"), success=True)
    @bp.refuses("forbidden", "not_found")
    @bp.doc(parameters=sent(optional=("If-None-Match",)))
    def get(self, file: str) -> Response:
        """Its `ETag` is its SHA-256; `Content-Type` is that of the catalogue."""
        calling = caller(replaced=False)
        with reading() as session:
            units = Scope(session, calling.officer_id, stands_in=False).held_units()
            content = files.read(session, units, installed().blobs, file)
        response = send_file(content.file, content.type, etag=content.sha256)
        response.headers["Cache-Control"] = "private, max-age=86400"
        return response.make_conditional(request)
