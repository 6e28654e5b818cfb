"""Numbers in the language of the request: 29.125, in English 29,125; and which form of a text a number takes."""

from __future__ import annotations

from collections.abc import Mapping

from server.core import cldr
from server.serving.language import language


def number(value: int) -> str:
    """Return the number with the language's thousands separator."""
    return cldr.number(value, language())


def form_for(value: int, forms: Mapping[str, str]) -> str:
    """Return the form of a text for a number of things: `one` for 1 piece, else `other`.

    A language without forms of its own has `other` alone.
    """
    return forms.get(cldr.plural(value, language()), forms["other"])
