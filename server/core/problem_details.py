"""One error format for the whole server: RFC 9457 problem details from the table in sync/errors.json.

The client API answers with JSON, the desk with a page; both use the same sentence.
"""

from __future__ import annotations

from sync.errors import CODES, Refused

RETRY_AFTER = "30"
"""Seconds to wait before retrying when the server is unavailable."""


class Problem(Exception):  # noqa: N818  # RFC 9457's word
    """An error to send to the client. `code` is a row of the table."""

    def __init__(self, code: str, field: str | None = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(code)
        self.row = CODES[code]
        self.field = field
        self.headers = headers or {}

    @classmethod
    def of(cls, refused: Refused) -> Problem:
        """Turn a refused write into an error for the whole request."""
        return cls(refused.code, refused.field)


def body(code: str, language: str, field: str | None = None) -> dict[str, object]:
    """The JSON of a problem."""
    row = CODES[code]
    problem: dict[str, object] = {
        "type": f"urn:loa:error:{code}",
        "title": row.en,
        "status": row.status,
        "code": code,
        "detail": row.sentence(language),
    }
    return problem if field is None else problem | {"field": field}


STATUS_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "bad_request",
    429: "rate_limited",
    503: "unavailable",
}
"""The row for an error that the framework raises by status alone."""
