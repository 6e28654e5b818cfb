"""Errors in the OpenAPI document: one `Problem` (RFC 9457), and for each status the codes that a route may answer.

    @bp.refuses("bad_code", "rate_limited")

Status and sentence come from sync/errors.json, headers from the table below.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from marshmallow import EXCLUDE, Schema, fields, validate

from server.api.header_docs import answered
from sync.errors import CODES

PROBLEM: Final = "application/problem+json"
ALWAYS: Final = ("internal", "unavailable", "too_large")
"""Codes of every route."""
DEVICE: Final = ("unauthenticated", "device_quota")
"""Codes of every route that needs a device's token."""
JSON_BODY: Final = ("malformed", "bad_gzip", "too_large")
"""Codes of every route with a JSON body (packing.py, parser.py)."""
_HEADERS: Final = {401: ("WWW-Authenticate",), 412: ("Tus-Version",), 429: ("Retry-After",), 503: ("Retry-After",)}


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


def responses(codes: Iterable[str], headers: dict[str, Any]) -> dict[int, Any]:
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
        "headers": headers | answered(*_HEADERS.get(status, ())),
    }
