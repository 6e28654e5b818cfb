"""Photo upload by tus 1.0 with creation, creation-with-upload, checksum, expiration, termination.

Source: https://tus.io/protocols/resumable-upload.

The upload's URL is a function of (officer, SHA-256). So a client resumes even with a lost Location or a new token
(SPEC P-2).
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import formatdate
from io import BytesIO
from typing import Final

from flask import Response, after_this_request, request
from flask.views import MethodView
from sqlalchemy.orm import Session
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response as BaseResponse

from server.api.blueprint import Blueprint, answered, sent
from server.api.caller import caller
from server.api.schemas import HASH_FORM, in_path
from server.blobs import Blobs
from server.core.db import reading, writing
from server.core.problem_details import Problem
from server.services.access import devices
from server.services.access.devices import Caller
from server.services.photos import photo_index, uploads
from server.services.photos.photo_index import StreamsOf
from server.services.photos.uploads import ALGORITHMS, Checksum, Partials, Upload, UploadState
from server.services.units.scope import Scope
from server.serving.every_request import TUS_VERSION
from server.serving.installation import device_budget, installed
from sync.protocol import PHOTO_BYTES

TUS_EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
OCTETS: Final = "application/offset+octet-stream"
HASH: Final = re.compile(r"[0-9a-f]{64}")
EXPOSED: Final = [
    "Location",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
]
"""Response headers that a page of another origin may read."""


def check_version() -> None:
    """Check the client's tus version, which every request but OPTIONS MUST send. Raises `tus_version`."""
    if request.headers.get("Tus-Resumable") != TUS_VERSION:
        raise Problem("tus_version")


def check_body() -> None:
    """Check the body's type: it MUST be OCTETS, else the server SHOULD answer 415. Raises `unsupported_media_type`."""
    if request.mimetype != OCTETS:
        raise Problem("unsupported_media_type")


def has_body() -> bool:
    """Return True if the request has a body."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def read_number(name: str) -> int:
    """Return a header as a whole number. Raises `bad_request`."""
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem("bad_request", name)
    return int(text)


def read_metadata() -> tuple[str, str]:
    """Return (sha256, whole header) of Upload-Metadata: other keys are returned to the client unread."""
    header = request.headers.get("Upload-Metadata", "")
    pairs = dict(_pairs(header))
    sha256 = pairs.get("sha256", "")
    if len(pairs) != header.count(",") + 1 or not HASH.fullmatch(sha256):
        raise Problem("bad_request", "Upload-Metadata")
    return sha256, header


def packed(sha256: str) -> str:
    """Return the metadata of a finished upload; the client's own was deleted with the partial file."""
    return f"sha256 {base64.b64encode(sha256.encode()).decode()}"


def _pairs(header: str) -> Iterable[tuple[str, str]]:
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            yield key, base64.b64decode(value, validate=True).decode("latin-1")
        except ValueError as error:
            raise Problem("bad_request", "Upload-Metadata") from error
        if not key or not key.isascii() or not key.isprintable():
            raise Problem("bad_request", "Upload-Metadata")


def read_checksum() -> Checksum | None:
    """Return the checksum the client sent for this body, if any. Raises `bad_request` for one we cannot check."""
    header = request.headers.get("Upload-Checksum")
    if header is None:
        return None
    algorithm, _, value = header.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except ValueError as error:
        raise Problem("bad_request", "Upload-Checksum") from error
    if algorithm not in ALGORITHMS or len(digest) != hashlib.new(algorithm).digest_size:
        raise Problem("bad_request", "Upload-Checksum")
    return Checksum(algorithm, digest)


def capabilities() -> Response:
    """Return the response to OPTIONS."""
    return _answer(
        204,
        {
            "Tus-Version": TUS_VERSION,
            "Tus-Extension": TUS_EXTENSIONS,
            "Tus-Max-Size": str(PHOTO_BYTES),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


def answer_at(status: int, offset: int, headers: dict[str, str] | None = None) -> Response:
    """Return a response about an upload, with its offset."""
    return _answer(status, {"Upload-Offset": str(offset), "Cache-Control": "no-store", **(headers or {})})


def answer_gone() -> Response:
    """Return the response to DELETE."""
    return _answer(204, {})


class Bytes:
    """The request's body as a file: a connection that breaks off is an OSError, as a disk's fault is."""

    def read(self, size: int, /) -> bytes:
        """Read at most `size` bytes; none at the end. Raises OSError."""
        try:
            return request.stream.read(size)
        except ClientDisconnected as error:
            raise ConnectionAbortedError from error


def expiry(upload: Upload) -> dict[str, str]:
    """Return the header with the upload's expiry; no header once it is finished or dropped."""
    try:
        return {"Upload-Expires": formatdate(upload.expires_at / 1000, usegmt=True)}
    except Problem:
        return {}


def with_headers(response: BaseResponse, headers: Mapping[str, str]) -> BaseResponse:
    """Return the response with these headers."""
    response.headers.update(headers)
    return response


def _answer(status: int, headers: dict[str, str]) -> Response:
    response = Response(status=status)
    del response.headers["Content-Type"]  # without content it has no type
    response.headers.update(headers)
    return response


bp = Blueprint(
    "uploads",
    __name__,
    device=True,
    headers=answered("Tus-Resumable", optional=("Upload-Expires",)),
    description="Photos and documents in, by tus 1.0.",
)
_CAN = answered("Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm")
_BYTES = {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}
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


@bp.after_request
def _resumable(response: BaseResponse) -> BaseResponse:
    """Name the tus version in every response, errors included; on 412 also those that the server speaks."""
    response.headers["Tus-Resumable"] = TUS_VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = TUS_VERSION
    return response


def _begun(calling: Caller, sha256: str) -> Upload | None:
    """Return the upload this officer began. None for a malformed hash, because the hash becomes a file name."""
    return _partials().find(calling.officer_id, sha256) if HASH.fullmatch(sha256) else None


def _looked_up(calling: Caller, sha256: str) -> UploadState:
    """Return the hash's state for this officer. Raises `not_found` for a malformed hash."""
    if not HASH.fullmatch(sha256):
        raise Problem("not_found")
    with reading() as session:
        found = uploads.state_of(session, Scope(session, calling.officer_id, stands_in=False), sha256)
    return uploads.there(found, sha256, _blobs())


def _state(calling: Caller, sha256: str) -> UploadState:
    """Like `_looked_up`, but raises the code with which the photo was refused, if it was (P-4)."""
    found = _looked_up(calling, sha256)
    if found.code is not None:
        raise Problem(found.code)
    return found


def _announced(calling: Caller, sha256: str) -> UploadState:
    """Like `_state`, but raises `photo_unannounced` if no record names the hash (P-3)."""
    found = _state(calling, sha256)
    if not found.stream_ids:
        raise Problem("photo_unannounced")
    return found


def _take(calling: Caller, upload: Upload, offset: int) -> int:
    """Append the body; verify the photo once it is whole."""
    check_body()
    kept_for = _kept_for(calling, upload)
    return uploads.take(upload, offset, Bytes(), kept_for, _blobs(), read_checksum(), _spend(calling))


def _spend(calling: Caller) -> Callable[[int], None]:
    """Return a function that counts bytes against the device's daily quota. Raises `device_quota`."""
    budget = device_budget()

    def spend(size: int) -> None:
        with writing() as session:
            devices.spend(session, calling.device_id, size, budget)

    return spend


def _kept_for(calling: Caller, upload: Upload) -> StreamsOf:
    """Return a finder of the photo's streams, called after the bytes. It raises 401, `photo_unannounced` (L-7, P-3)."""

    def streams(session: Session) -> list[str]:
        devices.is_replaced(session, calling.device_id)
        found = photo_index.announced_streams(
            session, Scope(session, calling.officer_id, stands_in=False), upload.sha256
        )
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
        headers = expiry(upload)
        after_this_request(lambda response: with_headers(response, headers))
        raise


@bp.route("/uploads")
class Uploads(MethodView):
    """Begin an upload."""

    @bp.response(204, headers=_CAN)
    @bp.refuses()
    def options(self) -> Response:
        """What this server can (tus: OPTIONS)."""
        return capabilities()

    @bp.response(201, headers=answered("Tus-Resumable", "Location", "Upload-Offset", optional=("Upload-Expires",)))
    @bp.refuses(*_TAKES_BYTES)
    @bp.doc(
        parameters=sent("Tus-Resumable", "Upload-Length", "Upload-Metadata", optional=("Upload-Checksum",)),
        requestBody={"description": "The first bytes, or none.", **_BYTES},
    )
    def post(self) -> Response:
        """Create, or find again what was begun; `Upload-Offset` says how much is here already (P-6)."""
        calling = caller()
        check_version()
        (sha256, metadata), length = read_metadata(), read_number("Upload-Length")
        if "Upload-Concat" in request.headers:  # a part would be taken for the whole photo
            raise Problem("bad_request", "Upload-Concat")
        uploads.check_length(length)
        if has_body():
            check_body()
        found = _announced(calling, sha256)
        location = {"Location": f"/api/v1/uploads/{sha256}"}
        if found.kept_bytes == length:
            return answer_at(201, length, location)
        upload = _partials().create(calling.officer_id, sha256, length, metadata)
        try:
            with _expiry_told(upload):
                offset = upload.offset
                if offset == length:  # the server stopped before it verified it; else the phone asks for ever
                    uploads.take(upload, offset, BytesIO(), _kept_for(calling, upload), _blobs(), spend=_spend(calling))
                elif has_body() and offset == 0:
                    offset = _take(calling, upload, 0)
        except Problem as problem:
            if problem.code == "not_found":  # another connection finished or dropped it since `create`
                raise Problem("upload_locked") from problem
            raise
        return answer_at(201, offset, location if offset == length else location | expiry(upload))


@bp.route("/uploads/<sha256>", parameters=[in_path("sha256", "The hash of the whole photo.", **HASH_FORM)])
class OneUpload(MethodView):
    """Go on with an upload."""

    @bp.response(204, headers=_CAN)
    @bp.refuses()
    def options(self, sha256: str) -> Response:  # noqa: ARG002  # the same for each
        """What this server can (tus: OPTIONS)."""
        return capabilities()

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
        check_version()
        upload = _begun(calling, sha256)
        if upload is not None and (offset := upload.offset) < upload.length:
            about = {"Upload-Length": str(upload.length), "Upload-Metadata": upload.metadata}
            return answer_at(200, offset, about | expiry(upload))
        found = _looked_up(calling, sha256)
        kept_bytes = found.kept_bytes
        if kept_bytes is None or found.code is not None:
            raise Problem("not_found")
        return answer_at(200, kept_bytes, {"Upload-Length": str(kept_bytes), "Upload-Metadata": packed(sha256)})

    @bp.response(204, headers=answered("Tus-Resumable", "Upload-Offset", optional=("Upload-Expires",)))
    @bp.refuses(*_TAKES_BYTES, "not_found", "offset_mismatch")
    @bp.doc(
        parameters=sent("Tus-Resumable", "Upload-Offset", optional=("Upload-Checksum",)),
        requestBody={"description": "The bytes from `Upload-Offset` on.", "required": True, **_BYTES},
    )
    def patch(self, sha256: str) -> Response:
        """Append; the last piece is answered only when the photo is verified and durable (P-4)."""
        calling = caller()
        check_version()
        upload = _begun(calling, sha256)
        if upload is None:
            return _already(_state(calling, sha256))
        try:
            with _expiry_told(upload):
                _announced(calling, sha256)
                offset = _take(calling, upload, read_number("Upload-Offset"))
        except Problem as problem:
            if problem.code == "not_found":  # another connection finished it since it was found
                return _already(_state(calling, sha256))
            raise
        return answer_at(204, offset, {} if offset == upload.length else expiry(upload))

    @bp.response(204, headers=answered("Tus-Resumable"))
    @bp.refuses(*_REFUSED, "tus_version", "forbidden", "not_found", "upload_locked")
    @bp.doc(parameters=sent("Tus-Resumable"))
    def delete(self, sha256: str) -> Response:
        """End an upload that is not whole (tus: termination). A photo that is stored belongs to its record (P-11)."""
        calling = caller()
        check_version()
        upload = _begun(calling, sha256)
        if upload is not None:
            uploads.drop(upload)
            return answer_gone()
        raise Problem("not_found" if _state(calling, sha256).kept_bytes is None else "forbidden")


def _already(found: UploadState) -> Response:
    """Answer a PATCH for a photo that is stored already: the offset is at its end."""
    if found.kept_bytes is None:
        raise Problem("not_found")
    if read_number("Upload-Offset") != found.kept_bytes or has_body():
        raise Problem("offset_mismatch")
    return answer_at(204, found.kept_bytes)
