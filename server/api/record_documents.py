"""Documents, read by record and never by hash (SPEC P-19)."""

from __future__ import annotations

from flask.views import MethodView
from werkzeug.wrappers import Response

from server.api.blueprint import Blueprint, answered, sent, serves
from server.api.caller import caller
from server.api.schemas import ID_FORM, in_path
from server.core.db import reading
from server.document_answers import send_document
from server.services.photos import record_documents
from server.services.units.scope import Scope
from server.serving.installation import installed
from sync.protocol import DOCUMENT_TYPE

bp = Blueprint("record_documents", __name__, device=True, description="PDF files, read by record.")


@bp.route(
    "/records/<record>/documents/<key>",
    parameters=[
        in_path("record", "A record's id.", **ID_FORM),
        in_path("key", "The first 16 hex digits of the hash.", type="string", pattern="^[0-9a-f]{16}$"),
    ],
)
class RecordDocument(MethodView):
    """One document of one record."""

    @serves(bp, [DOCUMENT_TYPE], "ETag", "Content-Disposition")
    @bp.alt_response(304, headers=answered("ETag"), success=True)
    @bp.refuses("forbidden", "not_found")
    @bp.doc(parameters=sent(optional=("If-None-Match",)))
    def get(self, record: str, key: str) -> Response:
        """It is sent as a file to keep, under the name that the record gives it."""
        calling = caller(replaced=False)
        with reading() as session:
            found = record_documents.find(session, Scope(session, calling.officer_id, stands_in=False), record, key)
        return send_document(installed().blobs, found)
