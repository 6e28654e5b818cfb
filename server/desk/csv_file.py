"""Rows as comma-separated values for a spreadsheet.

A text never becomes a formula: CSV has no types, so an apostrophe goes before the signs that a spreadsheet would read
as a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def made(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return UTF-8 with the byte-order mark that Excel needs."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_harmless(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_STARTS_A_FORMULA) else value
