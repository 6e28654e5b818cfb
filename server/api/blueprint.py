"""A blueprint whose routes are documented whole in OpenAPI: arguments, errors of our table, headers, files.

Arguments are read through packing.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from itertools import groupby
from typing import Any, Final, TypeVar

from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from server.api.packing import EnvelopeParser
from server.services.photos.uploads import ALGORITHMS
from sync.errors import CODES
from sync.protocol import PHOTO_BYTES

PROBLEM: Final = "application/problem+json"
ALWAYS: Final = ("internal", "unavailable", "too_large")
"""Codes of every route."""
DEVICE: Final = ("unauthenticated", "device_quota")
"""Codes of every route that needs a device's token."""
JSON_BODY: Final = ("malformed", "bad_gzip", "too_large")
"""Codes of every route with a JSON body (packing.py)."""
_BY_STATUS: Final = {401: ("WWW-Authenticate",), 412: ("Tus-Version",), 429: ("Retry-After",), 503: ("Retry-After",)}


class ProblemSchema(Schema):
    """RFC 9457."""

    class Meta:
        """A newer server may send more keys."""

        unknown = EXCLUDE

    type = fields.String(required=True, metadata={"description": "`urn:loa:error:<code>`"})
    title = fields.String(required=True, metadata={"description": "The sentence in English."})
    status = fields.Integer(required=True)
    code = fields.String(required=True, validate=validate.OneOf(list(CODES)))
    detail = fields.String(required=True, metadata={"description": "The sentence in the language asked for."})
    field = fields.String(metadata={"description": "What it is about, where it is about one field or header."})


def refusal_responses(codes: Iterable[str], headers: dict[str, Any]) -> dict[int, Any]:
    """Return the error responses by status, each with these `headers`."""
    rows = sorted({CODES[code] for code in codes}, key=lambda row: (row.status, row.code))
    return {
        status: _response(status, {row.code: row.en for row in of_status}, headers)
        for status, of_status in groupby(rows, key=lambda row: row.status)
    }


def _response(status: int, sentences: dict[str, str], headers: dict[str, Any]) -> dict[str, Any]:
    narrowed = {"properties": {"code": {"enum": list(sentences)}, "status": {"enum": [status]}}}
    return {
        "description": " ".join(f"`{code}`: {sentence}" for code, sentence in sentences.items()),
        "content": {PROBLEM: {"schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]}}},
        "headers": headers | answered(*_BY_STATUS.get(status, ())),
    }


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


View = TypeVar("View", bound=Callable[..., Any])
_BYTES: Final = {"type": "string", "format": "binary"}


def serves(bp: Blueprint, types: Sequence[str], *headers: str) -> Callable[[View], View]:
    """Document that a view responds with bytes of one of these types, never in ranges, with these headers."""

    def decorate(view: View) -> View:
        for type_ in types:
            view = bp.response(200, _BYTES, content_type=type_, headers=answered(*headers))(view)
        return view

    return decorate


SECURITY: list[dict[str, list[str]]] = [{"device": []}]
"""OpenAPI's security of a route that needs a device's token."""


class Blueprint(SmorestBlueprint):
    """flask-smorest's Blueprint with our parser and our errors.

    `device`: every route but OPTIONS needs a device's token. `headers`: headers on each of its errors.
    """

    ARGUMENTS_PARSER = EnvelopeParser()

    def __init__(self, *args: Any, device: bool = False, headers: dict[str, Any] | None = None, **named: Any) -> None:
        super().__init__(*args, **named)
        self.device = device
        self._headers = headers or {}
        self._prepare_doc_cbks.append(self._prepare_refusals_doc)

    @staticmethod
    def refuses(*codes: str) -> Callable[[View], View]:
        """Document a view's error codes, beside those that all routes of its kind have."""

        def decorate(view: View) -> View:
            apidoc = deepcopy(getattr(view, "_apidoc", {})) | {"refuses": codes}
            view._apidoc = apidoc  # type: ignore[attr-defined]  # noqa: SLF001  # where flask-smorest keeps them
            return view

        return decorate

    def _prepare_refusals_doc(
        self, doc: dict[str, Any], doc_info: dict[str, Any], *, method: str, **_named: object
    ) -> dict[str, Any]:
        """Replace the errors that flask-smorest assumes with ours."""
        codes = [*ALWAYS, *doc_info.get("refuses", ())]
        if self.device and method != "options":
            codes += DEVICE
        if "requestBody" in doc and "arguments" in doc_info:
            codes += JSON_BODY
        answers = {status: answer for status, answer in doc.get("responses", {}).items() if int(status) < 400}
        found = refusal_responses(codes, self._headers)
        asked = SECURITY if self.device and method != "options" else []
        return {**doc, "responses": answers | found, "security": asked}
