"""Rows as comma-separated values for a spreadsheet.

A text never becomes a formula (server/core/spreadsheet.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from server.core.spreadsheet import harmless
from server.serving.language import language
from sync.amount import Amount


def made(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return UTF-8 with the byte-order mark that Excel needs."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_cell(value) for value in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    """An amount as the language writes it, without separators between thousands."""
    return value.text("," if language() == "vi" else ".") if isinstance(value, Amount) else harmless(value)
