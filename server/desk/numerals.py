"""Numbers in the language of the request: 29.125, in English 29,125; and which form of a text a number takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from server.core import cldr
from server.core.problem_details import Problem
from server.serving.every_request import language
from sync.amount import Amount, Unread, read

_COLUMN_DIGITS: Final = 9
"""It fits a column of the database."""


def typed_whole(text: str) -> int | None:
    """Return a typed whole number (SPEC F-18); None for any other text, and for none.

    `1.5` is no whole number, and never 15.
    """
    try:
        return read(text)
    except Unread:
        return None


def made_number(text: str, field: str) -> int:
    """Return a number that the page itself made. Raises Problem `bad_request` if it is none."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _COLUMN_DIGITS):
        raise Problem("bad_request", field)
    return int(text)


def number(value: int | Amount) -> str:
    """Return the number with the language's thousands separator."""
    return cldr.number(value, language())


def form_for(value: int, forms: Mapping[str, str]) -> str:
    """Return the form of a text for a number of things: `one` for 1 piece, else `other`.

    A language without forms of its own has `other` alone.
    """
    return forms.get(cldr.plural(value, language()), forms["other"])
