"""The error of a request: a code of sync/errors.json, and what the front end needs to answer it (RFC 9457).

Services raise it and know no HTTP. `server/errors.py` makes status and headers of it.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TypeVar

from sync.errors import CODES, Refused

RETRY_AFTER_S = 30
"""Seconds to wait before retrying when the server is unavailable."""


def place_of(error: BaseException) -> str:
    """Return the class and the place of an exception, for a log: its message may hold values of a record or a file."""
    steps = traceback.extract_tb(error.__traceback__)
    where = f" in {Path(steps[-1].filename).name}, line {steps[-1].lineno}" if steps else ""
    return f"{type(error).__name__}{where}"


class Problem(Exception):  # noqa: N818  # RFC 9457's word
    """An error to answer a request with.

    `code` is a row of the table, `field` what the error is about, `retry_after_s` the seconds until a retry may work.
    """

    def __init__(self, code: str, field: str | None = None, *, retry_after_s: int | None = None) -> None:
        super().__init__(code)
        self.code = CODES[code].code
        self.field = field
        self.retry_after_s = retry_after_s

    @classmethod
    def of(cls, refused: Refused) -> Problem:
        """Turn a refused write into an error for the whole request."""
        return cls(refused.code, refused.field)


Value = TypeVar("Value")


def refuse_if(condition: object, code: str, field: str | None = None, *, retry_after_s: int | None = None) -> None:
    """Raise Problem with this code if the condition is true.

    >>> refuse_if(1 > 2, "not_found")
    """
    if condition:
        raise Problem(code, field, retry_after_s=retry_after_s)


def typed_text(typed: str, most: int, field: str, needed: str = "") -> str:
    """Return what somebody typed, without blanks around it. `needed`: the code of the refusal of an empty text.

    Raises Refused `too_long` above `most` characters.
    """
    said = typed.replace("\r\n", "\n").strip()
    refuse_if(needed and not said, needed, field)
    if len(said) > most:
        raise Refused("too_long", field)
    return said


def required(value: Value | None, code: str = "not_found", field: str | None = None) -> Value:
    """Return the value. Raises Problem with this code if it is None."""
    if value is None:
        raise Problem(code, field)
    return value
