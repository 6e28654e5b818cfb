"""Photo upload by tus 1.0 with creation, creation-with-upload, checksum, expiration, termination (headers: tus.py).

The upload's URL is a function of (officer, SHA-256). So a client resumes even with a lost Location or a new token
(SPEC P-2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO

from flask import Response, after_this_request, request
from flask.views import MethodView
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from server.api import tus
from server.api.caller import caller
from server.api.header_docs import answered, sent
from server.api.parser import Blueprint
from server.api.values import HASH_FORM, in_path
from server.blobs import Blobs
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.services.access import devices, quotas
from server.services.exchange.round_trip import Caller
from server.services.photos import photo_index, uploads
from server.services.photos.ingest import StreamsOf
from server.services.photos.uploads import Partials, Upload, UploadState
from server.services.units.scope import Scope
from server.serving.app_limits import device_budget
from server.serving.installation import installed

bp = Blueprint(
    "uploads",
    __name__,
    device=True,
    headers=answered("Tus-Resumable", optional=("Upload-Expires",)),
    description="Photos and documents in, by tus 1.0.",
)
_CAN = answered("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
_BYTES = {"content": {tus.OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
_REFUSED = (
    *("not_an_image", "image_too_large", "image_too_small", "photo_metadata"),
    *("document_not_pdf", "document_cut", "document_locked", "document_active", "document_unreadable"),
)
"""Codes of photos and documents that are refused for good."""
_TAKES_BYTES = (
    *("malformed", "bad_request", "tus_version", "unsupported_media_type"),
    *("photo_unannounced", "upload_locked", "photo_too_large", "too_large", "device_quota"),
    *("hash_mismatch", "checksum_mismatch", *_REFUSED),
)
"""Error codes of the routes that receive bytes."""


def _partials() -> Partials:
    return installed().partials


def _blobs() -> Blobs:
    return installed().blobs


@bp.after_app_request
def _resumable(response: BaseResponse) -> BaseResponse:
    """Name the tus version in every response, errors included; on 412 also those that the server speaks."""
    if request.path.startswith("/api/v1/uploads"):
        response.headers["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response.headers["Tus-Version"] = tus.VERSION
    return response


def _begun(calling: Caller, sha256: str) -> Upload | None:
    """Return the upload this officer began. None for a malformed hash, because the hash becomes a file name."""
    return _partials().find(calling.officer_id, sha256) if tus.HASH.fullmatch(sha256) else None


def _looked_up(calling: Caller, sha256: str) -> UploadState:
    """Return the hash's state for this officer. Raises `not_found` for a malformed hash."""
    if not tus.HASH.fullmatch(sha256):
        raise Problem("not_found")
    with reading() as session:
        return uploads.standing(session, Scope(session, calling.officer_id), sha256, _blobs())


def _standing(calling: Caller, sha256: str) -> UploadState:
    """Like `_looked_up`, but raises the code with which the photo was refused, if it was (P-4)."""
    standing = _looked_up(calling, sha256)
    if standing.code is not None:
        raise Problem(standing.code)
    return standing


def _announced(calling: Caller, sha256: str) -> UploadState:
    """Like `_standing`, but raises `photo_unannounced` if no record names the hash (P-3)."""
    standing = _standing(calling, sha256)
    if not standing.stream_ids:
        raise Problem("photo_unannounced")
    return standing


def _take(calling: Caller, upload: Upload, offset: int) -> int:
    """Append the body; verify the photo once it is whole."""
    tus.check_body()
    kept_for = _kept_for(calling, upload)
    return uploads.take(upload, offset, tus.Bytes(), kept_for, _blobs(), tus.checksum(), _spend(calling))


def _spend(calling: Caller) -> Callable[[int], None]:
    """Return a function that counts bytes against the device's daily quota. Raises `device_quota`."""
    budget = device_budget()

    def spend(size: int) -> None:
        with writing() as session:
            quotas.spend(session, calling.device_id, size, budget)

    return spend


def _kept_for(calling: Caller, upload: Upload) -> StreamsOf:
    """Return a finder of the photo's streams, called after the bytes. It raises 401, `photo_unannounced` (L-7, P-3)."""

    def streams(session: Session) -> list[str]:
        devices.is_replaced(session, calling.device_id)
        found = photo_index.announced_streams(session, Scope(session, calling.officer_id), upload.sha256)
        if not found:
            raise Problem("photo_unannounced")
        return found

    return streams


@contextmanager
def _expiry_told(upload: Upload) -> Iterator[None]:
    """Add the expiry to a refusal too: every response about a pending upload carries it."""
    try:
        yield
    except Problem:
        headers = tus.expiry(upload)
        after_this_request(lambda response: tus.with_headers(response, headers))
        raise


@bp.route("/uploads")
class Uploads(MethodView):
    """Begin an upload."""

    @bp.response(204, headers=_CAN)
    @bp.refuses()
    def options(self) -> Response:
        """What this server can (tus: OPTIONS)."""
        return tus.capabilities()

    @bp.response(201, headers=answered("Tus-Resumable", "Location", "Upload-Offset", optional=("Upload-Expires",)))
    @bp.refuses(*_TAKES_BYTES)
    @bp.doc(
        parameters=sent("Tus-Resumable", "Upload-Length", "Upload-Metadata", optional=("Upload-Checksum",)),
        requestBody={"description": "The first bytes, or none.", **_BYTES},
    )
    def post(self) -> Response:
        """Create, or find again what was begun; `Upload-Offset` says how much is here already (P-6)."""
        calling = caller()
        tus.check_version()
        (sha256, metadata), length = tus.metadata(), tus.number("Upload-Length")
        if "Upload-Concat" in request.headers:  # a part would be taken for the whole photo
            raise Problem("bad_request", "Upload-Concat")
        uploads.check_length(length)
        if tus.has_body():
            tus.check_body()
        standing = _announced(calling, sha256)
        location = {"Location": f"/api/v1/uploads/{sha256}"}
        if standing.kept_bytes == length:
            return tus.told(201, length, location)
        upload = _partials().create(calling.officer_id, sha256, length, metadata)
        try:
            with _expiry_told(upload):
                offset = upload.offset
                if offset == length:  # the server stopped before it verified it; else the phone asks for ever
                    uploads.take(upload, offset, BytesIO(), _kept_for(calling, upload), _blobs(), spend=_spend(calling))
                elif tus.has_body() and offset == 0:
                    offset = _take(calling, upload, 0)
        except Problem as problem:
            if problem.code == "not_found":  # another connection finished or dropped it since `create`
                raise Problem("upload_locked") from problem
            raise
        return tus.told(201, offset, location | tus.expiry(upload))


@bp.route("/uploads/<sha256>", parameters=[in_path("sha256", "The hash of the whole photo.", **HASH_FORM)])
class OneUpload(MethodView):
    """Go on with an upload."""

    @bp.response(204, headers=_CAN)
    @bp.refuses()
    def options(self, sha256: str) -> Response:  # noqa: ARG002  # the same for each
        """What this server can (tus: OPTIONS)."""
        return tus.capabilities()

    @bp.response(
        200,
        headers=answered(
            *("Tus-Resumable", "Upload-Offset", "Upload-Length", "Upload-Metadata"), optional=("Upload-Expires",)
        ),
    )
    @bp.refuses("tus_version", "not_found")
    @bp.doc(parameters=sent("Tus-Resumable"))
    def head(self, sha256: str) -> Response:
        """How much is here (tus: HEAD). What is whole is here only once it was judged: creating again sees to that.

        What was refused is not here: an answer to HEAD cannot say why, one to creation does.
        """
        calling = caller()
        tus.check_version()
        upload = _begun(calling, sha256)
        if upload is not None and (offset := upload.offset) < upload.length:
            about = {"Upload-Length": str(upload.length), "Upload-Metadata": upload.metadata}
            return tus.told(200, offset, about | tus.expiry(upload))
        standing = _looked_up(calling, sha256)
        kept_bytes = standing.kept_bytes
        if kept_bytes is None or standing.code is not None:
            raise Problem("not_found")
        return tus.told(200, kept_bytes, {"Upload-Length": str(kept_bytes), "Upload-Metadata": tus.packed(sha256)})

    @bp.response(204, headers=answered("Tus-Resumable", "Upload-Offset", optional=("Upload-Expires",)))
    @bp.refuses(*_TAKES_BYTES, "not_found", "offset_mismatch")
    @bp.doc(
        parameters=sent("Tus-Resumable", "Upload-Offset", optional=("Upload-Checksum",)),
        requestBody={"description": "The bytes from `Upload-Offset` on.", "required": True, **_BYTES},
    )
    def patch(self, sha256: str) -> Response:
        """Append; the last piece is answered only when the photo is verified and durable (P-4)."""
        calling = caller()
        tus.check_version()
        upload = _begun(calling, sha256)
        if upload is None:
            return _already(_standing(calling, sha256))
        with _expiry_told(upload):
            _announced(calling, sha256)
            offset = _take(calling, upload, tus.number("Upload-Offset"))
        return tus.told(204, offset, tus.expiry(upload))

    @bp.response(204, headers=answered("Tus-Resumable"))
    @bp.refuses(*_REFUSED, "tus_version", "forbidden", "not_found", "upload_locked")
    @bp.doc(parameters=sent("Tus-Resumable"))
    def delete(self, sha256: str) -> Response:
        """End an upload that is not whole (tus: termination). A photo that is stored belongs to its record (P-11)."""
        calling = caller()
        tus.check_version()
        upload = _begun(calling, sha256)
        if upload is not None:
            uploads.drop(upload)
            return tus.gone()
        raise Problem("not_found" if _standing(calling, sha256).kept_bytes is None else "forbidden")


def _already(standing: UploadState) -> Response:
    """Answer a PATCH for a photo that is stored already: the offset is at its end."""
    if standing.kept_bytes is None:
        raise Problem("not_found")
    if tus.number("Upload-Offset") != standing.kept_bytes or tus.has_body():
        raise Problem("offset_mismatch")
    return tus.told(204, standing.kept_bytes)
