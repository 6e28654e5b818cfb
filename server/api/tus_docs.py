"""tus 1.0's headers in the OpenAPI document: which a route reads, and which it answers with."""

from __future__ import annotations

from typing import Any, Final

_NUMBER: Final = {"type": "integer", "minimum": 0}
_TEXT: Final = {"type": "string"}
_HEADERS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "Location": (_TEXT, "Where to go on: a function of the officer and the hash."),
    "Tus-Checksum-Algorithm": (_TEXT, "sha1,sha256"),
    "Tus-Extension": (_TEXT, "The extensions of tus that this server has."),
    "Tus-Max-Size": (_NUMBER, "Most bytes a photo may have."),
    "Tus-Resumable": ({"type": "string", "enum": ["1.0.0"]}, "The version of tus."),
    "Tus-Version": (_TEXT, "The versions of tus that this server speaks."),
    "Upload-Checksum": (_TEXT, "`sha1` or `sha256`, a blank, the base64 of the hash of this body."),
    "Upload-Expires": (_TEXT, "When it will be dropped unless more comes (RFC 9110 date)."),
    "Upload-Length": (_NUMBER, "The bytes of the whole photo."),
    "Upload-Metadata": (_TEXT, "`sha256`, a blank, the base64 of the hash as hex; more pairs behind commas."),
    "Upload-Offset": (_NUMBER, "How many bytes are here already."),
}


def sent(*names: str, optional: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What a request carries; `Tus-Resumable` always."""
    return [
        {"in": "header", "name": name, "required": name not in optional, **_described(name)}
        for name in ("Tus-Resumable", *names, *optional)
    ]


def answered(*names: str) -> dict[str, dict[str, Any]]:
    """What an answer carries; `Tus-Resumable` always."""
    return {name: _described(name) for name in ("Tus-Resumable", *names)}


def _described(name: str) -> dict[str, Any]:
    schema, words = _HEADERS[name]
    return {"schema": schema, "description": words}
