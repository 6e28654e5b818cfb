"""Text that a spreadsheet would read as a formula, made harmless.

CSV has no types, so an apostrophe goes before the signs that begin a formula in Excel and LibreOffice.
"""

from __future__ import annotations

from typing import Any, Final

_STARTS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: Any) -> Any:
    """Return a value for a cell of a CSV file. Only a text can be a formula; a number stays one."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS_A_FORMULA) else value
