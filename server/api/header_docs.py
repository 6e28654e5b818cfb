"""Request and response headers in the OpenAPI document. Uploads use the tus protocol."""

from __future__ import annotations

from typing import Any, Final

from server.services.photos.uploads import ALGORITHMS
from sync.protocol import PHOTO_BYTES

_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_BASE64: Final = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_HEADERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "Content-Disposition": (_TEXT, "`attachment`, with the name of the file (RFC 6266)."),
    "Content-Encoding": (_TEXT, "`gzip` where the body is packed so. Limits hold for the body as sent and unpacked."),
    "ETag": (_TEXT, "Names this content. Send it in `If-None-Match` to get 304 while nothing changed."),
    "If-None-Match": (_TEXT, "The `ETag` of what the client has."),
    "Location": (_TEXT, "Where to go on: a function of the officer and the hash."),
    "Retry-After": (_NUMBER, "Seconds to wait before the next try."),
    "Tus-Checksum-Algorithm": ({"type": "string", "enum": [",".join(ALGORITHMS)]}, "Hashes a body may be sent with."),
    "Tus-Extension": (_TEXT, "The extensions of tus that this server has."),
    "Tus-Max-Size": ({"type": "integer", "enum": [PHOTO_BYTES]}, "Most bytes a photo or document may have."),
    "Tus-Resumable": ({"type": "string", "enum": ["1.0.0"]}, "The version of tus."),
    "Tus-Version": ({"type": "string", "enum": ["1.0.0"]}, "The versions of tus that this server speaks."),
    "Upload-Checksum": (
        {"type": "string", "pattern": f"^({'|'.join(ALGORITHMS)}) {_BASE64}$"},
        "A hash, a blank, the base64 of the hash of this body.",
    ),
    "Upload-Expires": (_TEXT, "When it will be dropped unless more comes (RFC 9110 date)."),
    "Upload-Length": (_NUMBER | {"maximum": PHOTO_BYTES}, "The bytes of the whole file."),
    "Upload-Metadata": (
        {"type": "string", "pattern": "(^|,) *sha256 [A-Za-z0-9+/]{86}==($|,)"},
        "`sha256`, a blank, the base64 of the hash as hex; more pairs behind commas.",
    ),
    "Upload-Offset": (_NUMBER, "How many bytes are here already."),
    "WWW-Authenticate": ({"type": "string", "enum": ["Bearer"]}, "How to sign in: with a device's token."),
}


def sent(*names: str, optional: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the header parameters of a request."""
    return [
        {"in": "header", "name": name, "required": name not in optional, **_described(name)}
        for name in (*names, *optional)
    ]


def answered(*names: str, optional: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    """Return a response's headers; those not named `optional` are in every response."""
    required = {name: {**_described(name), "required": True} for name in names}
    return required | {name: _described(name) for name in optional}


def _described(name: str) -> dict[str, Any]:
    schema, words = _HEADERS[name]
    return {"schema": dict(schema), "description": words}
