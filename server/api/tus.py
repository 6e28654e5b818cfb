"""Read and write the headers of tus 1.0 (https://tus.io/protocols/resumable-upload); the views are in uploads.py."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Any, Final

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected
from werkzeug.wrappers import Response as BaseResponse

from server.core.problem_details import Problem
from server.services.photos.uploads import ALGORITHMS, Checksum, Upload
from sync.protocol import PHOTO_BYTES

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,expiration,termination"
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


class MethodOverride:
    """WSGI: make a POST with X-HTTP-Method-Override PATCH or DELETE that method, for clients that can only POST."""

    def __init__(self, inner: Callable[[dict[str, Any], Any], Iterable[bytes]], prefix: str) -> None:
        self._inner, self._prefix = inner, prefix

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle one request."""
        named, is_ours = environ.get("HTTP_X_HTTP_METHOD_OVERRIDE"), environ["PATH_INFO"].startswith(self._prefix)
        if is_ours and environ["REQUEST_METHOD"] == "POST" and named in ("PATCH", "DELETE"):
            environ["REQUEST_METHOD"] = named
        return self._inner(environ, start_response)


def check_version() -> None:
    """Check the client's tus version, which every request but OPTIONS MUST send. Raises `tus_version`."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Problem("tus_version")


def check_body() -> None:
    """Check the body's type: it MUST be OCTETS, else the server SHOULD answer 415. Raises `unsupported_media_type`."""
    if request.mimetype != OCTETS:
        raise Problem("unsupported_media_type")


def has_body() -> bool:
    """Return True if the request has a body."""
    return bool(request.content_length) or "Transfer-Encoding" in request.headers


def number(name: str) -> int:
    """Return a header as a whole number. Raises `bad_request`."""
    text = request.headers.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Problem("bad_request", name)
    return int(text)


def metadata() -> tuple[str, str]:
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


def checksum() -> Checksum | None:
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
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(PHOTO_BYTES),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


def told(status: int, offset: int, headers: dict[str, str] | None = None) -> Response:
    """Return a response about an upload, with its offset."""
    return _answer(status, {"Upload-Offset": str(offset), "Cache-Control": "no-store", **(headers or {})})


def gone() -> Response:
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
