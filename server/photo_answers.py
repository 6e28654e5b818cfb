"""A photo as an answer: kept by the browser, and asked for anew each time it is shown.

What was purged, or may no longer be seen, is then gone from the screen at once; what is unchanged costs 304 and no
bytes. A day of `max-age` showed purged photos for a day.
"""

from __future__ import annotations

from flask import request, send_file
from werkzeug.wrappers import Response

from server.services.photos.photo_index import Picture


def send_picture(picture: Picture) -> Response:
    """The bytes with their ETag, or 304 for a client that holds them. Whether it may see them was asked before."""
    response = send_file(picture.file, picture.type, etag=picture.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
