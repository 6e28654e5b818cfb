"""A PDF as a response: a file to keep, never a page (SPEC P-19).

No browser shows it here: it is sent as an attachment, its type is not guessed, and if anything opens it as a page all
the same, that page is of no origin and nothing in it runs.
"""

from __future__ import annotations

from typing import Final

from flask import request, send_file
from werkzeug.wrappers import Response

from server.blobs import Blobs
from server.core.problem_details import Problem
from server.services.photos.record_documents import DocumentFile
from sync.protocol import DOCUMENT_TYPE

POLICY: Final = "sandbox; default-src 'none'; frame-ancestors 'none'"


def send_document(blobs: Blobs, found: DocumentFile | None) -> Response:
    """Return the file with its ETag, or 304 if the client holds it.

    The caller has checked access. Call it outside a transaction. Raises Problem `not_found`, and OSError of the store.
    """
    if found is None:
        raise Problem("not_found")
    if request.if_none_match.contains_weak(found.key):  # the store need not be asked
        response = Response(status=304)
        response.set_etag(found.key)
    elif (file := blobs.open(found.key)) is not None:
        response = send_file(
            file, DOCUMENT_TYPE, as_attachment=True, download_name=found.file_name, etag=found.key
        ).make_conditional(request)
    else:
        raise Problem("not_found")
    response.headers["Cache-Control"] = "private, no-cache"
    return kept_apart(response)


def kept_apart(response: Response) -> Response:
    """Add the headers without which no PDF of somebody else is sent."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
