"""A photo as a response: the browser keeps it, and revalidates it each time it is shown.

So a photo that was purged, or may no longer be seen, leaves the screen at once; an unchanged one costs 304 and no
bytes. With a `max-age` of a day, purged photos were shown for a day.
"""

from __future__ import annotations

from flask import request, send_file
from werkzeug.wrappers import Response

from server.services.photos.photo_index import PhotoBytes


def send_picture(picture: PhotoBytes) -> Response:
    """Return the bytes with their ETag, or 304 if the client holds them. The caller has checked access."""
    response = send_file(picture.file, picture.type, etag=picture.etag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)
