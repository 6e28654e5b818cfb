"""A photo as a response: the browser keeps it, and revalidates it each time it is shown.

So a photo that was purged, or may no longer be seen, leaves the screen at once; an unchanged one costs 304 and no
bytes. With a `max-age` of a day, purged photos were shown for a day.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import request, send_file
from werkzeug.wrappers import Response

from server.blobs import Blobs
from server.core.problem_details import Problem
from server.services.photos.photo_index import PhotoKey


def send_picture(blobs: Blobs, found: Iterable[PhotoKey]) -> Response:
    """Return the first bytes that the store has, with their ETag, or 304 if the client holds them.

    The caller has checked access. Call it outside a transaction. Raises Problem `not_found`, and OSError of the store.
    """
    for each in found:
        if request.if_none_match.contains_weak(each.key):  # the store need not be asked
            response = Response(status=304)
            response.set_etag(each.key)
        elif (file := blobs.open(each.key)) is not None:
            response = send_file(file, each.type, etag=each.key).make_conditional(request)
        else:
            continue
        response.headers["Cache-Control"] = "private, no-cache"
        return response
    raise Problem("not_found")
