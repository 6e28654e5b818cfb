"""A campaign's files at the desk: the script of a record, a banner's design (SPEC F-7)."""

from __future__ import annotations

from flask import send_file
from werkzeug.wrappers import Response

from server.core.db import reading
from server.desk.guard import guarded, officer_id
from server.services.audit import log
from server.services.audit.acts import Act
from server.services.campaigns import files
from server.services.units.scope import Scope
from server.serving.installation import installed

bp = guarded("given", framed=False)


@bp.get("/files/<id:file>")
def show(file: str) -> Response:
    """Return the file unchanged."""
    with reading() as session:
        units = Scope(session, officer_id()).visible()
        content = files.read(session, units, installed().blobs, file)
    log.note(Act.EXPORTED, ("file", file))
    response = send_file(content.file, content.type)
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response
