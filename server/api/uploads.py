"""Photos in, by tus 1.0: creation, creation-with-upload, and the core protocol (https://tus.io/protocols/resumable-upload).

The upload's URL is a function of (officer, SHA-256), so that a lost Location or a new token still resumes (SPEC P-2).
"""

from __future__ import annotations

import base64
import re

from flask import Response, current_app, request
from flask.views import MethodView

from server.api.caller import SECURITY, caller
from server.api.parser import Blueprint
from server.db import reading
from server.problems import Problem
from server.services import photos, uploads
from server.services.exchange import Caller
from server.services.scope import Scope
from server.services.uploads import Partials, Upload
from sync.protocol import PHOTO_BYTES

bp = Blueprint("uploads", __name__, description="Photos in, by tus 1.0.")
VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload"
_HASH = re.compile(r"[0-9a-f]{64}")


def _partials() -> Partials:
    partials: Partials = current_app.extensions["loa_partials"]
    return partials


def _check_version() -> None:
    # tus 1.0, Headers: every request and response but OPTIONS MUST include Tus-Resumable.
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem("tus_version", headers={"Tus-Version": VERSION})


def _number(name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem("bad_request", name)
    return int(text)


def _found(calling: Caller, sha256: str) -> Upload:
    """What this officer began. Raises `not_found`, also for what is no hash: it becomes a file's name."""
    upload = _partials().find(calling.officer_id, sha256) if _HASH.fullmatch(sha256) else None
    if upload is None:
        raise Problem("not_found")
    return upload


def _streams(calling: Caller, sha256: str) -> tuple[list[str], bool]:
    """Streams that announced the hash, and whether it need not be sent. Raises `photo_unannounced` (P-3)."""
    with reading() as session:
        ids = photos.announced_streams(session, Scope(session, calling.officer_id), sha256)
        if not ids:
            raise Problem("photo_unannounced")
        return ids, photos.is_kept(session, current_app.extensions["loa_blobs"], ids, sha256)


def _answer(status: int, offset: int, **headers: str) -> Response:
    response = Response(status=status)
    response.headers.update({"Tus-Resumable": VERSION, "Upload-Offset": str(offset), "Cache-Control": "no-store"})
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def _take(upload: Upload, offset: int, stream_ids: list[str], sha256: str) -> int:
    """Append the body; judge the file when it is whole."""
    # tus 1.0, PATCH: MUST use this content type, otherwise the server SHOULD answer 415.
    if request.mimetype != "application/offset+octet-stream":
        raise Problem("unsupported_media_type")
    return uploads.take(upload, offset, request.stream, stream_ids, sha256, current_app.extensions["loa_blobs"])


@bp.route("/uploads")
class Uploads(MethodView):
    """Begin an upload."""

    @bp.response(204)
    def options(self) -> Response:
        """What this server can (tus: OPTIONS)."""
        response = Response(status=204)
        response.headers.update(
            {
                "Tus-Resumable": VERSION,
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(PHOTO_BYTES),
            }
        )
        return response

    @bp.response(201)
    @bp.alt_response(409, description="photo_unannounced")
    @bp.alt_response(413, description="photo_too_large")
    @bp.doc(security=SECURITY)
    def post(self) -> Response:
        """Create, or find again what was begun; `Upload-Offset` says how much is here already (P-6)."""
        calling = caller()
        _check_version()
        sha256, length = _metadata_hash(), _number("Upload-Length")
        stream_ids, kept = _streams(calling, sha256)
        location = f"/api/v1/uploads/{sha256}"
        if kept:
            return _answer(201, length, Location=location)
        upload = _partials().create(calling.officer_id, sha256, length)
        try:
            offset = upload.offset
            if offset == length:  # the server stopped before it was judged, and the phone would ask for ever
                uploads.finish(upload, stream_ids, sha256, current_app.extensions["loa_blobs"])
            elif request.content_length and offset == 0:
                offset = _take(upload, 0, stream_ids, sha256)
        except Problem as problem:
            if problem.row.code == "not_found":  # finished or dropped by another connection since it was created
                raise Problem("upload_locked") from problem
            raise
        return _answer(201, offset, Location=location)


def _metadata_hash() -> str:
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "sha256":
            try:
                text = base64.b64decode(value, validate=True).decode("ascii")
            except ValueError as error:
                raise Problem("bad_request", "Upload-Metadata") from error
            if _HASH.fullmatch(text):
                return text
    raise Problem("bad_request", "Upload-Metadata")


@bp.route("/uploads/<sha256>")
class OneUpload(MethodView):
    """Go on with an upload."""

    @bp.response(200)
    @bp.alt_response(404, description="not_found")
    @bp.doc(security=SECURITY)
    def head(self, sha256: str) -> Response:
        """How much is here (tus: HEAD). What is whole is here only once it was judged: creating again sees to that."""
        calling = caller()
        _check_version()
        upload = _found(calling, sha256)
        offset = upload.offset
        if offset == upload.length:
            raise Problem("not_found")
        return _answer(200, offset, Upload_Length=str(upload.length))

    @bp.response(204)
    @bp.alt_response(404, description="not_found")
    @bp.alt_response(409, description="offset_mismatch, photo_unannounced")
    @bp.alt_response(423, description="upload_locked")
    @bp.doc(security=SECURITY)
    def patch(self, sha256: str) -> Response:
        """Append; the last piece is answered only when the photo is verified and durable (P-4)."""
        calling = caller()
        _check_version()
        upload = _found(calling, sha256)
        stream_ids, _ = _streams(calling, sha256)
        return _answer(204, _take(upload, _number("Upload-Offset"), stream_ids, sha256))
