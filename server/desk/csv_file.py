"""Rows as separated values for a spreadsheet.

In Vietnamese a comma is within numbers, and Excel there parts columns by semicolons: so does the file, and it is a
table from its first line on. `csv=comma` in the address asks for commas, with what a page says above and below.
A text never becomes a formula (server/core/spreadsheet.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from server.core.spreadsheet import harmless
from server.desk.inputs import Inputs
from server.serving.every_request import language
from sync.amount import Amount


class CsvAsked(Inputs):
    """How a file parts its columns."""

    csv: str


def is_bare() -> bool:
    """True for a table from the first line on, with semicolons; as the language writes, or as the address asks."""
    asked = CsvAsked.asked().csv
    return asked == "semicolon" or (asked != "comma" and language() == "vi")


def made(
    rows: Iterable[Sequence[Any]], above: Sequence[Sequence[Any]] = (), below: Sequence[Sequence[Any]] = ()
) -> bytes:
    """Return UTF-8 with the byte-order mark that Excel needs. `above`, `below`: lines that a bare table has not."""
    out, bare = io.StringIO(), is_bare()
    every = rows if bare else chain(above, rows, below)
    writer = csv.writer(out, lineterminator="\r\n", delimiter=";" if bare else ",")
    writer.writerows([_cell(value) for value in row] for row in every)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    """An amount as the language writes it, without separators between thousands."""
    return value.text("," if language() == "vi" else ".") if isinstance(value, Amount) else harmless(value)
