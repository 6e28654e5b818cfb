"""Text that a spreadsheet would read as a formula, made harmless.

CSV has no types, so an apostrophe goes before the signs that begin a formula in Excel and LibreOffice, and before their
full-width forms: some versions of Excel read those alike.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: Any) -> Any:
    """Return a value for a cell of a CSV file. Only a text can be a formula; a number stays one."""
    if not isinstance(value, str):
        return value
    first = unicodedata.normalize("NFKC", value.lstrip(" \u3000")[:1])
    return f"'{value}" if first.startswith(_STARTS_A_FORMULA) else value
